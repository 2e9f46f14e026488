//! Taking firings back, because their schedule is changed, paused or deleted.
//!
//! The record says so first. Then what may be there is stopped, and what a tick that read the record before may yet put
//! there is barred.

use std::time::Duration;

use futures::{StreamExt, stream};
use taskway_cloud::dynamo::{Created, StoreError};
use taskway_protocol::{
    Step, Task, TaskId,
    schedule::{AHEAD, Firing, Pending, Phase, Remaining, Schedule, Then, is_unstarted, latest},
};
use taskway_runtime::faults::CrashPoint;

use crate::Services;

/// How many firings are read or written at a time.
pub(super) const WRITES: usize = 32;

/// A tick that read the schedule before its firings were withdrawn may fire times so long after those that it should: by
/// its own clock, which may be ahead, and its own pace.
const STRAY: Duration = Duration::from_secs(60);

/// So many times that may have been fired, and that the schedule does not say were, are withdrawn at most: the latest. They
/// are all since its next one, of which there are more only where it fires every few seconds and nothing has ticked for long.
const MOST_STRAY: usize = 2_000;

/// What is to become of a firing.
#[derive(Clone, Copy)]
enum Fate {
    /// It is looked at.
    Left,
    /// It does not start.
    Cancelled,
    /// It does not start, and if there is no task of it, there will be none.
    Tombstone,
}

/// Takes back what is to be taken back of a schedule that is [withdrawing](Phase::Withdrawing): each such firing is
/// cancelled unless it has started, and those that a tick may be about to make are barred.
///
/// # Errors
/// [`StoreError::Unavailable`]: some are withdrawn.
pub(super) async fn withdraw(services: &Services, schedule: &Schedule) -> Result<Remaining, StoreError> {
    let Phase::Withdrawing { since, next, then } = schedule.phase else { return Ok(Remaining::default()) };
    let until = since.after(AHEAD + STRAY);
    let stray = next.map_or_else(Vec::new, |next| latest(&schedule.times, next, until, MOST_STRAY));
    let stray = stray.into_iter().map(|at| (Pending { at, revision: schedule.revision }, Fate::Tombstone));
    let known = schedule.pending.iter().map(|pending| {
        let is_left = then == Then::Change && pending.at <= since;
        (*pending, if is_left { Fate::Left } else { Fate::Cancelled })
    });
    let firings: Vec<_> = known.chain(stray).map(|(pending, fate)| meet(services, schedule, pending, fate)).collect();
    let mut firings = stream::iter(firings).buffered(WRITES);
    let mut remaining = Remaining::default();
    while let Some(firing) = firings.next().await {
        let Some((firing, task)) = firing? else { continue };
        remaining.add(firing, &task, since);
    }
    // It may not be pending any more.
    if let Some(last) = schedule.last
        && let Some(task) = task_of(services, last.id).await?
    {
        remaining.add(Pending { at: last.at, revision: schedule.revision }, &task, since);
    }
    services.faults.reach(CrashPoint::FiringsWithdrawn).await;
    Ok(remaining)
}

/// A firing meets its fate. Its task, if it has one that was not taken back.
async fn meet(
    services: &Services,
    schedule: &Schedule,
    pending: Pending,
    fate: Fate,
) -> Result<Option<(Pending, Task)>, StoreError> {
    let firing = Firing::pending(schedule, pending);
    let task = match fate {
        Fate::Left | Fate::Cancelled => task_of(services, firing.id).await?,
        Fate::Tombstone => put_tombstone(services, schedule, firing).await?,
    };
    let task = match (task, fate) {
        (Some(task), Fate::Cancelled | Fate::Tombstone) if is_unstarted(&task) => cancel(services, &task).await?,
        (task, Fate::Left | Fate::Cancelled | Fate::Tombstone) => task,
    };
    Ok(task.map(|task| (pending, task)))
}

/// A firing's task does not start. If it has already, that is the answer.
async fn cancel(services: &Services, task: &Task) -> Result<Option<Task>, StoreError> {
    let now = services.clock.now();
    let step = Step::Withdraw { at: now, retained_until: task.retained_until(now) };
    match services.apply(task.id, step).await {
        Err(StoreError::Conflict(conflict)) => Ok(Some(conflict.task)),
        // It is cancelled, or has ended and been forgotten.
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
/// Keeps this firing from becoming a task. If there is a task already, that is the answer.
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
