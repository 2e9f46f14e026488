//! Named places where a test can let a process die.

use std::{
    fmt, future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// A place between two steps of a process. A test can let the process die there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CrashPoint {
    /// Submit has put the record into the table.
    SubmitPut,
    /// Submit has given a task its upload, and written no record.
    UploadTaken,
    /// Submit has sent the message.
    SubmitSent,
    /// The queue refused the message, and submit has parked the record.
    SubmitParked,
    /// Submit has written a change, and not yet sent its message.
    ChangeWritten,
    /// Submit has written a schedule, and may not have made its first firing.
    SchedulePut,
    /// Submit has written that a schedule withdraws its firings, and has not withdrawn any.
    ScheduleWithdrawing,
    /// Submit or scheduler has withdrawn a schedule's firings, and has not written what follows.
    FiringsWithdrawn,
    /// Submit or scheduler has put a firing's record, and not yet sent its message.
    FiringPut,
    /// Submit or scheduler has sent a firing's message, and its schedule has not moved on.
    FiringSent,
    /// The executor is about to claim.
    BeforeClaim,
    /// The executor has put an entry into a hold list, and not yet written the record.
    HoldPut,
    /// The executor has written that a task is held, and not yet deleted its message.
    Held,
    /// A dispatch has taken permits for held tasks, or times of a rate, and not yet sent them.
    PermitAdded,
    /// A tick has written what the old permit of a dead process asks for, and not yet freed it.
    PermitLooked,
    /// A dispatch has sent held tasks, and not yet removed their entries.
    HeldSent,
    /// The executor has taken a permit, and not yet claimed the task.
    PermitTaken,
    /// The executor has taken a slot or a time of a rate, and not yet claimed the task or sent its message ahead.
    SlotTaken,
    /// The executor has sent a message ahead, and not yet deleted the one that it received.
    SlotSent,
    /// The executor has passed a message on whose handler it does not know, and not yet deleted the one that it received.
    PassedOn,
    /// The executor has given back a permit, and not yet sent a held task in its place.
    PermitReleased,
    /// The executor has written its claim.
    Claimed,
    /// The executor has written a beat.
    Beaten,
    /// The handler has ended, and the executor has not written the outcome.
    Ran,
    /// The executor has put a large result or checkpoint, and not yet written the outcome.
    PartPut,
    /// The executor has written the outcome.
    OutcomeWritten,
    /// The executor has sent the message of the next attempt.
    SuccessorSent,
    /// The table refused a claim because the task is over its deadline or attempts, and the executor has not settled it.
    Refused,
    /// The executor has settled such a task.
    Settled,
    /// A process has ended a task, or found one that has, and not yet made its callback.
    CallbackOwed,
    /// A process has put a callback's record, and not yet sent its message.
    CallbackPut,
    /// A process has sent a callback's message, and not yet written that none is owed.
    CallbackSent,
    /// The scheduler has sent the messages of due tasks, and not yet marked the records.
    PromotionSent,
    /// The scheduler has marked a record.
    Marked,
    /// The scheduler has settled a lease that is over, and not yet sent a message.
    Rescued,
    /// The scheduler has sent a dead letter's message again, and not yet deleted the letter.
    DeadLetterSent,
    /// The scheduler has kept a copy of an unreadable message, and not yet deleted the message.
    KeptAside,
    /// The audit has sent or settled what it found on a page, and not yet written its position.
    Audited,
}

impl CrashPoint {
    /// Every place of a stack that has no large payloads.
    pub const ALL: [CrashPoint; 37] = [
        CrashPoint::SubmitPut,
        CrashPoint::SubmitSent,
        CrashPoint::SubmitParked,
        CrashPoint::ChangeWritten,
        CrashPoint::SchedulePut,
        CrashPoint::ScheduleWithdrawing,
        CrashPoint::FiringsWithdrawn,
        CrashPoint::FiringPut,
        CrashPoint::FiringSent,
        CrashPoint::BeforeClaim,
        CrashPoint::HoldPut,
        CrashPoint::Held,
        CrashPoint::PermitAdded,
        CrashPoint::PermitLooked,
        CrashPoint::HeldSent,
        CrashPoint::PermitTaken,
        CrashPoint::SlotTaken,
        CrashPoint::SlotSent,
        CrashPoint::PassedOn,
        CrashPoint::PermitReleased,
        CrashPoint::Claimed,
        CrashPoint::Beaten,
        CrashPoint::Ran,
        CrashPoint::PartPut,
        CrashPoint::OutcomeWritten,
        CrashPoint::SuccessorSent,
        CrashPoint::Refused,
        CrashPoint::Settled,
        CrashPoint::CallbackOwed,
        CrashPoint::CallbackPut,
        CrashPoint::CallbackSent,
        CrashPoint::PromotionSent,
        CrashPoint::Marked,
        CrashPoint::Rescued,
        CrashPoint::DeadLetterSent,
        CrashPoint::KeptAside,
        CrashPoint::Audited,
    ];
}

/// Whether and where this process dies. In production it does not.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<Crash>>);

struct Crash {
    kills: Box<dyn Fn(CrashPoint) -> bool + Send + Sync>,
    died: AtomicBool,
    reached: Notify,
}

impl Faults {
    /// The process does not die.
    pub fn none() -> Self {
        Faults(None)
    }

    /// The process dies when it first reaches `point`.
    pub fn crash_at(point: CrashPoint) -> Self {
        Faults::asking(move |reached| reached == point)
    }

    /// The process dies at the first place for which `kills` returns true. `kills` is called at every place.
    pub fn asking(kills: impl Fn(CrashPoint) -> bool + Send + Sync + 'static) -> Self {
        Faults(Some(Arc::new(Crash { kills: Box::new(kills), died: AtomicBool::new(false), reached: Notify::new() })))
    }

    /// Returns at once, or never if the process dies here or has died.
    pub async fn reach(&self, point: CrashPoint) {
        if let Some(crash) = &self.0 {
            // All tasks of a dead process stop, not only the one that reached the place.
            if !crash.died.load(Ordering::Acquire) && (crash.kills)(point) {
                crash.died.store(true, Ordering::Release);
                crash.reached.notify_one();
            }
            if crash.died.load(Ordering::Acquire) {
                future::pending::<()>().await;
            }
        }
    }

    /// Waits until the process has died.
    pub async fn died(&self) {
        match &self.0 {
            Some(crash) => crash.reached.notified().await,
            None => future::pending().await,
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Faults(some)" } else { "Faults(none)" })
    }
}
