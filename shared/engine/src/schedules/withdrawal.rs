//! Withdrawing firings, because their schedule is changed, paused or deleted.
//!
//! Before this begins, the schedule's record says that it is withdrawing. A tick that read the record before that may
//! still create firings. So a withdrawal has two parts: it cancels the firings that have not started, and it puts a
//! tombstone where such a tick may yet create one.

use std::time::Duration;

use futures::future::join_all;
use taskway_cloud::dynamo::{Created, StoreError};
use taskway_protocol::{
    Fence, Step, Task, TaskId,
    schedule::{AHEAD, Firing, Pending, Phase, Remaining, Schedule, Then, is_unstarted, latest},
};
use taskway_runtime::faults::CrashPoint;

use crate::services::Services;

/// How many firings are read or written at a time.
pub(super) const WRITES: usize = 32;

/// How much later than the withdrawal's clock says a tick may still create firings. Its clock may be ahead, and it may
/// have been slow.
const STRAY: Duration = Duration::from_secs(60);

/// The most times that get a tombstone: the latest. All of them are after the schedule's next time, so there are more only
/// if it fires every few seconds and nothing has ticked for a long time.
const MOST_STRAY: usize = 2_000;

/// What the withdrawal does with a firing.
#[derive(Clone, Copy)]
enum Fate {
    /// Only reads its task.
    Read,
    /// Cancels its task, unless that has started.
    Cancel,
    /// Cancels its task, unless that has started. If there is no task, puts a tombstone so that there will be none.
    Bar,
}

/// Withdraws the firings of a schedule that is [withdrawing](Phase::Withdrawing), and returns what remains of them.
///
/// # Errors
/// [`StoreError::Unavailable`]: only some firings are withdrawn.
pub(super) async fn withdraw(services: &Services, schedule: &Schedule) -> Result<Remaining, StoreError> {
    let Phase::Withdrawing { since, next, then } = schedule.phase else { return Ok(Remaining::default()) };
    let until = since.after(AHEAD + STRAY);
    let stray = next.map_or_else(Vec::new, |next| latest(&schedule.times, next, until, MOST_STRAY));
    let stray = stray.into_iter().map(|at| (Pending { at, revision: schedule.revision }, Fate::Bar));
    let listed = schedule.pending.iter().map(|pending| {
        // A change keeps what was due before it.
        let stays = then == Then::Change && pending.at <= since;
        (*pending, if stays { Fate::Read } else { Fate::Cancel })
    });
    let firings: Vec<(Pending, Fate)> = listed.chain(stray).collect();
    let mut remaining = Remaining::default();
    for some in firings.chunks(WRITES) {
        // All of them end, even if one fails: a cancellation that is dropped half way would not be reported to the hooks.
        let met = join_all(some.iter().map(|(pending, fate)| meet(services, schedule, *pending, *fate))).await;
        for (task, (pending, _)) in met.into_iter().zip(some) {
            if let Some(task) = task? {
                remaining.add(*pending, &task, since);
            }
        }
    }
    // The latest firing may not be listed any more.
    if let Some(last) = schedule.last
        && let Some(task) = task_of(services, last.id).await?
    {
        remaining.add(Pending { at: last.at, revision: schedule.revision }, &task, since);
    }
    services.faults.reach(CrashPoint::FiringsWithdrawn).await;
    Ok(remaining)
}

/// Gives a firing its fate, and returns its task if that was not cancelled here.
async fn meet(
    services: &Services,
    schedule: &Schedule,
    pending: Pending,
    fate: Fate,
) -> Result<Option<Task>, StoreError> {
    let firing = Firing::pending(schedule, pending);
    let task = match fate {
        Fate::Read | Fate::Cancel => task_of(services, firing.id).await?,
        Fate::Bar => put_tombstone(services, schedule, firing).await?,
    };
    match (task, fate) {
        (Some(task), Fate::Cancel | Fate::Bar) if is_unstarted(&task) => cancel(services, &task).await,
        (task, Fate::Read | Fate::Cancel | Fate::Bar) => Ok(task),
    }
}

/// Cancels a firing's task, or returns the task if it has started meanwhile.
async fn cancel(services: &Services, task: &Task) -> Result<Option<Task>, StoreError> {
    let now = services.clock.now();
    let fence = Some(Fence::NONE);
    let step = Step::Withdraw { fence, at: now, retained_until: task.retained_until(now) };
    match services.apply(task.id, step).await {
        Err(StoreError::Conflict(conflict)) => Ok(Some(conflict.task)),
        // When there is no record, the task ended and its retention is over.
        Ok(_) | Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn task_of(services: &Services, id: TaskId) -> Result<Option<Task>, StoreError> {
    match services.store.get(&id.key).await {
        Ok(task) => Ok(Some(task).filter(|task| task.id == id)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps a firing from becoming a task, or returns the task if there is one.
pub(super) async fn put_tombstone(
    services: &Services,
    schedule: &Schedule,
    firing: Firing,
) -> Result<Option<Task>, StoreError> {
    match services.store.put_tombstone(&firing.tombstone(schedule, services.clock.now())).await? {
        Created::New => Ok(None),
        Created::Exists(task, _) => Ok(Some(*task)),
    }
}
