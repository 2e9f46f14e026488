//! Taking firings back, because their schedule is changed, paused or deleted.
//!
//! The record says so first. Then what may be there is stopped, and what a tick that read the record before may yet put
//! there is barred.

use std::time::Duration;

use futures::{StreamExt, stream};

use super::{
    Firer, Firing, Pending, Phase, Schedule, Then,
    due::{AHEAD, latest},
    firer::{WRITES, is_unstarted},
};
use crate::{
    domain::{Fence, Step, Task, TaskId, Time},
    dynamo::StoreError,
    faults::CrashPoint,
};

/// A tick that read the schedule before its firings were withdrawn may fire times so long after those that it should: by
/// its own clock, which may be ahead, and its own pace.
const STRAY: Duration = Duration::from_secs(60);

/// So many times that may have been fired, and that the schedule does not say were, are withdrawn at most: the latest. They
/// are all since its next one, of which there are more only where it fires every few seconds and nothing has ticked for long.
const MOST_STRAY: usize = 2_000;

/// What a withdrawal leaves.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Left {
    /// The firings that have not ended.
    pub open: Vec<Open>,
    /// The times after the schedule was stopped whose firings had started already, each by what it was.
    pub started: Vec<Time>,
}

/// A firing that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Open {
    /// Which.
    pub firing: Pending,
    /// Its task.
    pub id: TaskId,
    /// Whether it waits to be started.
    pub waits: bool,
}

/// What is to become of a firing.
#[derive(Clone, Copy)]
enum Fate {
    /// It is looked at.
    Left,
    /// It does not start.
    Cancelled,
    /// It does not start, and if there is no task of it, there will be none.
    Barred,
}

impl Firer {
    /// Takes back what is to be taken back of a schedule that is [withdrawing](Phase::Withdrawing): each such firing is
    /// cancelled unless it has started, and those that a tick may be about to make are barred.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: some are withdrawn.
    pub async fn withdraw(&self, schedule: &Schedule) -> Result<Left, StoreError> {
        let Phase::Withdrawing { since, next, then } = schedule.phase else { return Ok(Left::default()) };
        let until = since.after(AHEAD + STRAY);
        let stray = next.map_or_else(Vec::new, |next| latest(&schedule.times, next, until, MOST_STRAY));
        let stray = stray.into_iter().map(|at| (Pending { at, revision: schedule.revision }, Fate::Barred));
        let known = schedule.pending.iter().map(|pending| {
            let is_left = then == Then::Change && pending.at <= since;
            (*pending, if is_left { Fate::Left } else { Fate::Cancelled })
        });
        let firings: Vec<_> = known.chain(stray).map(|(pending, fate)| self.meet(schedule, pending, fate)).collect();
        let mut firings = stream::iter(firings).buffered(WRITES);
        let mut left = Left::default();
        while let Some(firing) = firings.next().await {
            let Some((firing, task)) = firing? else { continue };
            left.add(firing, &task, since);
        }
        // It may not be pending any more.
        if let Some(last) = schedule.last
            && let Some(task) = self.task(last.id).await?
        {
            left.add(Pending { at: last.at, revision: schedule.revision }, &task, since);
        }
        self.faults.reach(CrashPoint::FiringsWithdrawn).await;
        Ok(left)
    }

    /// A firing meets its fate. Its task, if it has one that was not taken back.
    async fn meet(
        &self,
        schedule: &Schedule,
        pending: Pending,
        fate: Fate,
    ) -> Result<Option<(Pending, Task)>, StoreError> {
        let firing = Firing::pending(schedule, pending);
        let task = match fate {
            Fate::Left | Fate::Cancelled => self.task(firing.id).await?,
            Fate::Barred => self.bar(schedule, firing).await?,
        };
        let task = match (task, fate) {
            (Some(task), Fate::Cancelled | Fate::Barred) if is_unstarted(&task) => self.cancel(&task).await?,
            (task, Fate::Left | Fate::Cancelled | Fate::Barred) => task,
        };
        Ok(task.map(|task| (pending, task)))
    }

    /// A firing's task does not start. If it has already, that is the answer.
    async fn cancel(&self, task: &Task) -> Result<Option<Task>, StoreError> {
        let now = self.clock.now();
        let step = Step::Withdraw { at: now, retained_until: task.retained_until(now) };
        match self.apply(task, step).await {
            Err(StoreError::Conflict(conflict)) => Ok(Some(conflict.task)),
            // It is cancelled, or has ended and been forgotten.
            Ok(_) | Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        match self.store.get(&id.key).await {
            Ok(task) => Ok(Some(task).filter(|task| task.id == id)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Left {
    fn add(&mut self, firing: Pending, task: &Task, since: Time) {
        if !task.state.name().is_ended() && !self.open.iter().any(|open| open.id == task.id) {
            self.open.push(Open { firing, id: task.id, waits: is_unstarted(task) });
        }
        if firing.at > since && task.fence > Fence::NONE {
            self.started.push(firing.at);
        }
    }
}
