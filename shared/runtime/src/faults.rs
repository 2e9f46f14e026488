//! Named places where a process may die, so that a test can make it die there.

use std::{
    fmt, future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// A place between two writes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CrashPoint {
    /// Submit: the record is in the table.
    SubmitPut,
    /// Submit: the message is sent.
    SubmitSent,
    /// Submit: the queue refused and the record is parked.
    SubmitParked,
    /// Submit: a change is in the table, its message is not sent.
    ChangeWritten,
    /// Submit: a schedule is in the table, its first firing may not be.
    SchedulePut,
    /// Submit: a schedule says that its firings are withdrawn, none is yet.
    ScheduleWithdrawing,
    /// Submit or scheduler: a schedule's firings are withdrawn, and what follows is not written.
    FiringsWithdrawn,
    /// Submit or scheduler: a firing's record is in the table, its message is not sent.
    FiringPut,
    /// Submit or scheduler: a firing's message is sent, its schedule has not moved on.
    FiringSent,
    /// Executor: about to claim.
    BeforeClaim,
    /// Executor: the claim is in the table.
    Claimed,
    /// Executor: a beat is in the table.
    Beaten,
    /// Executor: the handler has ended, nothing is written of it.
    Ran,
    /// Executor: a large result or checkpoint is in the table, the outcome is not.
    PartPut,
    /// Executor: the outcome is in the table.
    OutcomeWritten,
    /// Executor: the successor's message is sent.
    SuccessorSent,
    /// Executor: a claim was refused because the task must be settled, and nothing is written of it.
    Refused,
    /// Executor: a refused claim's consequence is in the table.
    Settled,
    /// Scheduler: due tasks' messages are sent, the records not marked.
    PromotionSent,
    /// Scheduler: a record is marked.
    Marked,
    /// Scheduler: an ended lease is settled, no message is sent.
    Rescued,
    /// Scheduler: a dead letter's successor is sent, the letter not deleted.
    DeadLetterSent,
    /// Scheduler: an unreadable message is kept aside, not deleted.
    KeptAside,
    /// Scheduler: what the audit found on a page is sent or settled, its position is not written.
    Audited,
}

impl CrashPoint {
    /// All of them.
    pub const ALL: [CrashPoint; 24] = [
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
        CrashPoint::Claimed,
        CrashPoint::Beaten,
        CrashPoint::Ran,
        CrashPoint::PartPut,
        CrashPoint::OutcomeWritten,
        CrashPoint::SuccessorSent,
        CrashPoint::Refused,
        CrashPoint::Settled,
        CrashPoint::PromotionSent,
        CrashPoint::Marked,
        CrashPoint::Rescued,
        CrashPoint::DeadLetterSent,
        CrashPoint::KeptAside,
        CrashPoint::Audited,
    ];
}

/// Whether and where this process dies. In production: nowhere.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<Crash>>);

struct Crash {
    kills: Box<dyn Fn(CrashPoint) -> bool + Send + Sync>,
    died: AtomicBool,
    reached: Notify,
}

impl Faults {
    /// Nowhere.
    pub fn none() -> Self {
        Faults(None)
    }

    /// At the first arrival at `point`: whoever comes there never goes on.
    pub fn crash_at(point: CrashPoint) -> Self {
        Faults::asking(move |reached| reached == point)
    }

    /// At the first arrival for which `kills` says so; it is asked at each.
    pub fn asking(kills: impl Fn(CrashPoint) -> bool + Send + Sync + 'static) -> Self {
        Faults(Some(Arc::new(Crash { kills: Box::new(kills), died: AtomicBool::new(false), reached: Notify::new() })))
    }

    /// Passes, or never returns.
    pub async fn reach(&self, point: CrashPoint) {
        if let Some(crash) = &self.0 {
            // A dead process does nothing any more, wherever it stands.
            if !crash.died.load(Ordering::Acquire) && (crash.kills)(point) {
                crash.died.store(true, Ordering::Release);
                crash.reached.notify_one();
            }
            if crash.died.load(Ordering::Acquire) {
                future::pending::<()>().await;
            }
        }
    }

    /// Ends once the process has died.
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
