//! A process: a future that can be killed or frozen between any two of its steps.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use taskway_protocol::Time;
use taskway_runtime::faults::{CrashPoint, Faults};
use tokio::time::Sleep;

use crate::{
    cloud::Cloud,
    dice::Dice,
    lock::lock,
    wire::Wire,
    witness::{Alive, Kind},
};

/// The faults of a process, drawn when it starts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fate {
    /// The step before which it is killed.
    pub killed_at: Option<u32>,
    /// The step before which it freezes, and for how long.
    pub frozen_at: Option<(u32, Duration)>,
    /// It dies at the crash point with this index, counted over all crash points that it reaches.
    pub dies_at: Option<u32>,
    /// It dies if it reaches this crash point.
    pub dies_there: Option<CrashPoint>,
    /// If it reaches this crash point, it cannot connect to any service for this long.
    pub isolated_there: Option<(CrashPoint, Duration)>,
    /// If it reaches this crash point, it freezes for this long.
    pub frozen_there: Option<(CrashPoint, Duration)>,
}

/// Points after which the data that the process read or wrote soon becomes stale.
const MUCH_HAPPENS: [CrashPoint; 12] = [
    CrashPoint::PermitTaken,
    CrashPoint::PermitAdded,
    CrashPoint::HoldPut,
    CrashPoint::HeldSent,
    CrashPoint::FiringPut,
    CrashPoint::ScheduleWithdrawing,
    CrashPoint::Refused,
    CrashPoint::Refused,
    CrashPoint::Rescued,
    CrashPoint::Claimed,
    CrashPoint::OutcomeWritten,
    CrashPoint::PromotionSent,
];

/// Points that processes reach rarely.
const SELDOM: [CrashPoint; 21] = [
    CrashPoint::PassedOn,
    CrashPoint::PermitLooked,
    CrashPoint::PermitTaken,
    CrashPoint::PermitAdded,
    CrashPoint::PermitReleased,
    CrashPoint::SlotTaken,
    CrashPoint::SlotSent,
    CrashPoint::HoldPut,
    CrashPoint::Held,
    CrashPoint::HeldSent,
    CrashPoint::Rescued,
    CrashPoint::SubmitParked,
    CrashPoint::Beaten,
    CrashPoint::PartPut,
    CrashPoint::SuccessorSent,
    CrashPoint::Refused,
    CrashPoint::Settled,
    CrashPoint::Rescued,
    CrashPoint::DeadLetterSent,
    CrashPoint::KeptAside,
    CrashPoint::Audited,
];

/// Points that only the code of schedules reaches.
const OF_SCHEDULES: [CrashPoint; 5] = [
    CrashPoint::SchedulePut,
    CrashPoint::ScheduleWithdrawing,
    CrashPoint::FiringsWithdrawn,
    CrashPoint::FiringPut,
    CrashPoint::FiringSent,
];

impl Fate {
    /// Draws the faults of a process. Most processes get none.
    pub fn draw(dice: &Dice, per_mille: u32) -> Self {
        let when = |most: usize| dice.chance(per_mille).then(|| dice.below(most) as u32);
        // Some pauses are shorter than a lease, others are longer.
        let pauses = [700, 6_000, 20_000, 66_000, 75_000, 200_000];
        Fate {
            killed_at: when(60),
            frozen_at: when(40).map(|step| (step, Duration::from_millis(dice.pick(&pauses)))),
            dies_at: when(5),
            frozen_there: (per_mille > 0 && dice.chance(400)).then(|| {
                let there = if dice.chance(700) { dice.pick(&MUCH_HAPPENS) } else { dice.pick(&CrashPoint::ALL) };
                (there, Duration::from_millis(dice.pick(&pauses)))
            }),
            isolated_there: (per_mille > 0 && dice.chance(300)).then(|| {
                let there = if dice.chance(500) { dice.pick(&SELDOM) } else { dice.pick(&CrashPoint::ALL) };
                (there, dice.millis(2_000, 40_000))
            }),
            dies_there: (per_mille > 0 && dice.chance(450))
                .then(|| if dice.chance(150) { dice.pick(&OF_SCHEDULES) } else { dice.pick(&SELDOM) }),
        }
    }
}

/// The handle by which the world kills or freezes a process.
#[derive(Debug)]
pub struct Control {
    /// Its number, counted from the beginning of the world.
    pub number: u32,
    /// The function that it runs.
    pub kind: Kind,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) wire: Arc<Wire>,
    fate: Fate,
    steps: AtomicU32,
    points: AtomicU32,
    killed: AtomicBool,
    over: AtomicBool,
    frozen_until: Mutex<Time>,
    waker: Mutex<Option<Waker>>,
}

impl Control {
    /// Makes the handle of a process that is about to start on the machine of `wire`.
    pub fn new(number: u32, kind: Kind, cloud: &Arc<Cloud>, wire: &Arc<Wire>, fate: Fate) -> Arc<Self> {
        Arc::new(Control {
            number,
            kind,
            cloud: Arc::clone(cloud),
            wire: Arc::clone(wire),
            fate,
            steps: AtomicU32::new(0),
            points: AtomicU32::new(0),
            killed: AtomicBool::new(false),
            over: AtomicBool::new(false),
            frozen_until: Mutex::new(Time::default()),
            waker: Mutex::new(None),
        })
    }

    /// Kills the process at its current step.
    pub fn kill(&self) {
        self.killed.store(true, Ordering::Relaxed);
        self.cloud.witness().kills(self.number);
        self.wire.cut();
        self.wake();
    }

    /// Freezes the process.
    pub fn freeze(&self, for_: Duration) {
        // A shorter pause does not end a longer one that is under way.
        let until = self.cloud.now().after(for_).max(*lock(&self.frozen_until));
        *lock(&self.frozen_until) = until;
        self.cloud.witness().is_held_up(self.number);
        self.wire.freeze(until);
        self.wake();
    }

    /// Whether it is frozen, or was within the last `within`.
    pub fn held_up(&self, within: Duration) -> bool {
        let until = *lock(&self.frozen_until);
        until > Time::default() && until.after(within) >= self.cloud.now()
    }

    /// Waits until the process is not frozen. Never returns if it is dead.
    pub async fn moves(&self) {
        loop {
            if self.killed.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let frozen = lock(&self.frozen_until).since(self.cloud.now());
            if frozen.is_zero() {
                return;
            }
            tokio::time::sleep(frozen).await;
        }
    }

    /// Whether it has ended or was killed.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// The crash points of its code, which ask this handle whether the process dies there.
    pub fn faults(self: &Arc<Self>) -> Faults {
        let control = Arc::clone(self);
        Faults::asking(move |point| control.reached(point))
    }

    fn reached(&self, point: CrashPoint) -> bool {
        let dies = self.fate.dies_at == Some(self.points.fetch_add(1, Ordering::Relaxed))
            || self.fate.dies_there == Some(point);
        self.cloud.coverage().reached(point, dies);
        if let Some((there, for_)) = self.fate.frozen_there
            && there == point
            && !dies
        {
            self.cloud.fault("process held up");
            self.cloud.tell(format_args!("process {} is held up at {point:?} for {for_:?}", self.number));
            self.freeze(for_);
        }
        if let Some((there, for_)) = self.fate.isolated_there
            && there == point
            && !dies
        {
            self.cloud.fault("process cut off from all services");
            self.cloud
                .tell(format_args!("process {} is cut off from all services at {point:?} for {for_:?}", self.number));
            self.wire.isolate(self.cloud.now().after(for_));
        }
        if dies {
            self.cloud.fault("process killed at a crash point");
            self.cloud.tell(format_args!("process {} dies at {point:?}", self.number));
            self.kill();
        }
        dies
    }

    fn wake(&self) {
        if let Some(waker) = lock(&self.waker).take() {
            waker.wake();
        }
    }
}

impl Alive for Control {
    fn number(&self) -> u32 {
        self.number
    }

    fn moves(&self, within: Duration) -> bool {
        !self.is_over() && !self.held_up(within)
    }
}

/// A process.
pub struct Process<F> {
    control: Arc<Control>,
    future: Option<Pin<Box<F>>>,
    frozen: Option<Pin<Box<Sleep>>>,
}

impl<F: Future> Process<F> {
    /// Runs `future` under the control of `control`.
    pub fn new(control: Arc<Control>, future: F) -> Self {
        Process { control, future: Some(Box::pin(future)), frozen: None }
    }

    fn end(&mut self) {
        self.future = None;
        self.control.over.store(true, Ordering::Relaxed);
        self.control.cloud.witness().leaves(self.control.number);
    }
}

impl<F: Future> Future for Process<F> {
    /// The future's output, or `None` if the process was killed.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let control = Arc::clone(&self.control);
        *lock(&control.waker) = Some(cx.waker().clone());
        loop {
            if control.killed.load(Ordering::Relaxed) {
                self.end();
                return Poll::Ready(None);
            }
            let frozen_for = lock(&control.frozen_until).since(control.cloud.now());
            if !frozen_for.is_zero() {
                let sleep = self.frozen.get_or_insert_with(|| Box::pin(tokio::time::sleep(frozen_for)));
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.frozen = None;
                continue;
            }
            self.frozen = None;
            let step = control.steps.fetch_add(1, Ordering::Relaxed);
            if control.fate.killed_at == Some(step) {
                control.cloud.fault("process killed between two steps");
                control.cloud.tell(format_args!("process {} is killed", control.number));
                control.kill();
                continue;
            }
            if let Some((at, for_)) = control.fate.frozen_at
                && at == step
            {
                control.cloud.fault("process held up");
                control.cloud.tell(format_args!("process {} is held up for {for_:?}", control.number));
                control.freeze(for_);
                continue;
            }
            break;
        }
        let Some(future) = &mut self.future else { return Poll::Ready(None) };
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Ready(value)) => {
                self.end();
                Poll::Ready(Some(value))
            }
            Ok(Poll::Pending) if control.killed.load(Ordering::Relaxed) => {
                self.end();
                Poll::Ready(None)
            }
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => {
                let number = control.number;
                control.cloud.witness().break_rule(format!("process {number} panicked: {}", said(&*panic)));
                self.end();
                Poll::Ready(None)
            }
        }
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(it did not say why)")
}
