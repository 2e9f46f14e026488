//! Any number of schedulers at once, each dying wherever it may, and none for an hour: every task runs once, in its turn.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use taskway::{
    clock::Clock,
    domain::{Priority, TaskId, Time},
    faults::{CrashPoint, Faults},
    handler::{Context, Handlers, Task},
    sqs::Source,
};
use taskway_executor::Executor;
use taskway_scheduler::{Auditing, Report, Scheduler};
use taskway_tests::{Effects, Gate, World, until};

/// Where schedulers die, minute by minute and over and over, if they come there.
const POINTS: [CrashPoint; 6] = [
    CrashPoint::PromotionSent,
    CrashPoint::Marked,
    CrashPoint::DeadLetterSent,
    CrashPoint::Rescued,
    CrashPoint::KeptAside,
    CrashPoint::Audited,
];

/// The pass that finds something begins in a minute in which schedulers die of it.
const AUDITED: Duration = Duration::from_secs(17 * 60);

/// How often the executor looks for messages: nobody can be started more exactly.
const STEP: Duration = Duration::from_secs(30);

/// Steps of a minute.
const MINUTE: usize = 2;

/// A tick that is missed is caught up by the next, a minute later.
const CATCH_UP: Duration = Duration::from_secs(60 + 30);

/// Attempts that beat, and then fell silent.
const SILENT: usize = 4;

/// When each task was due and when it started.
#[derive(Clone, Default)]
struct Starts(Arc<Mutex<Vec<(TaskId, Time)>>>);

struct Scene {
    world: World,
    starts: Starts,
    executor: Arc<Executor>,
    due: BTreeMap<String, (TaskId, Time)>,
    died: BTreeMap<CrashPoint, usize>,
    ticks: usize,
    poison: usize,
}

impl Scene {
    async fn new() -> Self {
        let (world, starts) = (World::new().await, Starts::default());
        let handlers = {
            let (starts, clock) = (starts.clone(), world.clock.clone());
            Handlers::new().on("start", move |_: Task<Value>, cx: Context| {
                starts.0.lock().unwrap().push((cx.id(), clock.now()));
                async { Ok(()) }
            })
        };
        // What beat and fell silent goes on under the same handler's name.
        let executor = world.executor(handlers.on("gate", |_: Task<Value>, _: Context| async { Ok(()) }));
        Scene { world, starts, executor, due: BTreeMap::new(), died: BTreeMap::new(), ticks: 0, poison: 0 }
    }

    /// A task that is due so many seconds from now.
    async fn submit(&mut self, delay: u64) {
        let id = self.world.api.submit(json!({"target": {"handler": "start"}, "delay_seconds": delay})).await;
        self.due.insert(id.to_string(), (id, self.world.now().after(Duration::from_secs(delay))));
    }

    /// An attempt makes one heartbeat, and is lost with its process and its message.
    async fn fall_silent(&self) -> TaskId {
        let (effects, faults) = (Effects::default(), Faults::crash_at(CrashPoint::Beaten));
        let victim = self.world.mortal(effects.gated(&Gate::default()), &faults);
        let id = self.world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
        let delivery = self.world.delivery().await;
        let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
        until("the start", async || (effects.count() == 1).then_some(())).await;
        self.world.pass_secs(30);
        faults.died().await;
        victim.abort();
        self.world.lose();
        id
    }

    /// Makes dead letters of what is visible, and of something that nobody can read.
    async fn wear_out(&mut self) {
        self.world.put("poison");
        self.poison += 1;
        let lane = Source::Lane(Priority::Normal);
        for _ in 0..21 {
            self.world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
        }
    }

    /// Three schedulers tick at once, in processes of their own, and each dies at this minute's point, should it come there.
    async fn three_ticks(&mut self) {
        let point = POINTS[self.ticks % POINTS.len()];
        if matches!(point, CrashPoint::DeadLetterSent | CrashPoint::KeptAside) {
            self.wear_out().await;
        }
        let ticks = (0..3).map(|_| {
            let faults = Faults::crash_at(point);
            let auditing = Auditing::every(AUDITED).in_pages_of(50);
            let scheduler = Scheduler { faults: faults.clone(), auditing, ..self.world.scheduler.clone() };
            let ticking = tokio::spawn(async move { scheduler.tick(Duration::from_secs(50)).await });
            async move { ended(ticking, &faults).await.is_none().then_some(point) }
        });
        for died in futures::future::join_all(ticks).await.into_iter().flatten() {
            *self.died.entry(died).or_default() += 1;
        }
        self.ticks += 1;
    }

    /// A step of time, and all that the executor finds then.
    async fn step(&self) {
        self.world.work(&self.executor).await;
        self.world.pass(STEP);
    }

    /// Everything ended once, nothing started early, and none started before another that was due long before it.
    async fn check(&self, late: impl Fn(Time) -> Duration) {
        let starts = self.starts.0.lock().unwrap().clone();
        let mut started: BTreeMap<String, Time> = BTreeMap::new();
        for (id, at) in &starts {
            assert_eq!(started.insert(id.to_string(), *at), None, "{id} was started twice");
        }
        for (name, (id, due)) in &self.due {
            let at = started[name];
            assert!(*due <= at, "{id} was due at {due:?} and started at {at:?}");
            assert!(at.since(*due) <= late(*due), "{id} was due at {due:?} and started at {at:?}");
            let record = self.world.record(*id).await;
            assert_eq!((record.state.name().as_str(), record.attempts, record.fence.0), ("succeeded", 1, 1));
        }
        let mut by_start: Vec<(Time, Time)> = self.due.iter().map(|(name, (_, due))| (started[name], *due)).collect();
        by_start.sort_unstable();
        let mut latest = Time::default();
        for (at, due) in by_start {
            assert!(due.after(CATCH_UP) >= latest, "due at {due:?}, started at {at:?} after one due at {latest:?}");
            latest = latest.max(due);
        }
    }
}

/// What a tick reports, or nothing when it has died.
async fn ended(mut ticking: tokio::task::JoinHandle<Report>, faults: &Faults) -> Option<Report> {
    tokio::select! {
        report = &mut ticking => Some(report.unwrap()),
        () = faults.died() => {
            ticking.abort();
            None
        }
    }
}

#[tokio::test]
async fn three_schedulers_that_die_everywhere_and_an_hour_without_any_run_every_task_once_in_its_turn() {
    let mut scene = Scene::new().await;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(scene.fall_silent().await);
    }
    // Due from 16 minutes from now on, one every 25 seconds for an hour and a half.
    for n in 0..220 {
        scene.submit(960 + 25 * n).await;
    }
    // A task whose message SQS loses: only the audit finds it.
    let lost = scene.world.api.submit(json!({"target": {"handler": "gate"}})).await;
    scene.world.lose();
    let began = scene.world.now();
    let hour = Duration::from_secs(3600);
    for _ in 0..50 {
        scene.three_ticks().await;
        for _ in 0..MINUTE {
            scene.step().await;
        }
    }
    let stopped = scene.world.now();
    // What was sent ahead still comes.
    for _ in 0..6 * MINUTE {
        scene.step().await;
    }
    scene.world.pass(hour.saturating_sub(scene.world.now().since(stopped)));
    let again = scene.world.now();
    let waiting = scene.due.values().filter(|(_, due)| *due <= again).count() - scene.starts.0.lock().unwrap().len();
    assert!(waiting > 100, "{waiting} tasks wait for the first tick");
    for _ in 0..20 {
        scene.three_ticks().await;
        for _ in 0..MINUTE {
            scene.step().await;
        }
    }
    // What the last tick did not send waited for the first; everything else was a minute late at most, and that where the
    // message had become a dead letter.
    let slack = STEP + CATCH_UP;
    let ahead = Duration::from_secs(240);
    scene.check(|due| if due >= stopped.after(ahead) && due < again { again.since(due) + slack } else { slack }).await;
    for id in silent {
        let record = scene.world.record(id).await;
        assert_eq!((record.state.name().as_str(), record.attempts), ("succeeded", 2));
    }
    assert_eq!(scene.world.state(lost).await, "succeeded");
    assert_eq!(scene.world.store.unreadable(None).await.unwrap().items.len(), scene.poison);
    assert_eq!(scene.world.carried(), 0);
    let never: Vec<_> = POINTS.into_iter().filter(|point| !scene.died.contains_key(point)).collect();
    assert!(never.is_empty(), "nobody died at {never:?}: {:?}", scene.died);
    assert!(scene.world.now().since(began) > 2 * hour);
}
