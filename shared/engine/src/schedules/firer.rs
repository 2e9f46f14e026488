//! Firing schedules. Any process that finds a schedule due fires it, at a tick or on request.
//!
//! The tasks are made first, and then the schedule's record moves on. A process that dies in between leaves the record as
//! it was; the next one makes the same firings, finds their tasks and moves the record on.

use std::time::Duration;

use futures::{StreamExt, stream};
use taskway_cloud::dynamo::{Saved, StoreError};
use taskway_protocol::{
    Fence, State, Task, Time,
    schedule::{Due, Firing, LastRun, Overlap, Pending, Phase, Remaining, Schedule, Then, due, is_unstarted, latest},
};

use taskway_runtime::faults::CrashPoint;

use super::withdrawal::{WRITES, put_tombstone, withdraw};
use crate::{
    place::{Points, place},
    services::Services,
};

/// Where a test can let a process die that makes a firing.
const POINTS: Points = Points { put: CrashPoint::FiringPut, sent: CrashPoint::FiringSent };

/// The most pending firings that a schedule's record lists: more than that pile up only while no executor runs.
const MOST_PENDING: usize = 500;

/// How many of the listed firings one tick reads.
const LOOKED_AT: usize = 32;

/// A firing stays listed for this long after its time, even if it has started. Longer than clocks differ: a process whose
/// clock is behind and that changes the schedule must see that the firing has started.
const LISTED_FOR: Duration = Duration::from_secs(60);

/// Fires schedules.
#[derive(Clone, Debug)]
pub struct Firer {
    services: Services,
}

/// What happened to a schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visited {
    /// How many times fired: their tasks are submitted.
    pub fired: usize,
    /// How many times passed without a firing, because nothing ticked then or the latest firing was still open.
    pub missed: usize,
    /// Whether a time is near that cannot fire while the latest firing is open. Then it is worth looking again soon.
    pub waits: bool,
}

/// How far a schedule has moved on.
struct Moved {
    placed: Vec<Firing>,
    missed: usize,
    next: Option<Time>,
    waits: bool,
}

impl Firer {
    /// A firer that works with these services.
    pub const fn new(services: Services) -> Self {
        Firer { services }
    }

    /// Withdraws the firings of a schedule that is [withdrawing](Phase::Withdrawing). It cancels each firing that has not
    /// started, and keeps a tick that read the schedule earlier from creating more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: only some firings are withdrawn.
    pub async fn withdraw(&self, schedule: &Schedule) -> Result<Remaining, StoreError> {
        withdraw(&self.services, schedule).await
    }

    /// Does what is due for the schedule of this name. What fails stays due.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the schedule's record has not moved on.
    pub async fn visit(&self, name: &str) -> Result<Visited, StoreError> {
        let before = self.services.clock.now();
        match self.services.store.schedule(name).await {
            Ok(schedule) => self.go_on(&schedule, before).await,
            Err(StoreError::NotFound) => Ok(Visited::default()),
            Err(error) => Err(error),
        }
    }

    /// Does what is due for a schedule at `now`, which must be a time before the schedule was read or written. A process
    /// that stalls after the read then fires only times that a later withdrawal looks for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the schedule's record has not moved on.
    pub async fn go_on(&self, schedule: &Schedule, now: Time) -> Result<Visited, StoreError> {
        match schedule.phase {
            Phase::Idle => Ok(Visited::default()),
            Phase::Active { next } => self.fire(schedule, next, now).await,
            Phase::Withdrawing { then, .. } => {
                let remaining = self.withdraw(schedule).await?;
                // If the record has changed meanwhile, another process has done this or what follows it.
                if then == Then::Remove {
                    let _ = self.services.store.delete_schedule(schedule, self.services.clock.now()).await?;
                    return Ok(Visited::default());
                }
                let resumed = schedule.resumed(remaining, self.services.clock.now());
                match (self.services.store.save_schedule(&resumed).await?, resumed.phase) {
                    // The withdrawal may have begun a while ago, so times may be due.
                    (Saved::Now, Phase::Active { next }) => self.fire(&resumed, next, now).await,
                    (Saved::Now | Saved::NotAsExpected, _) => Ok(Visited::default()),
                }
            }
        }
    }

    async fn fire(&self, schedule: &Schedule, next: Time, now: Time) -> Result<Visited, StoreError> {
        let mut due = due(&schedule.times, schedule.definition.misfire, next, now);
        let overtaken = self.overtaken(schedule, next, &due, now).await?;
        due.fire.retain(|at| !schedule.started.contains(at));
        let moved = match schedule.definition.overlap {
            Overlap::Allow => self.fire_all(schedule, overtaken, due).await?,
            Overlap::Skip => self.fire_singly(schedule, overtaken, due, now).await?,
        };
        if moved.next == Some(next) {
            return Ok(Visited { waits: moved.waits, ..Visited::default() });
        }
        let visited = Visited { fired: moved.placed.len(), missed: moved.missed, waits: moved.waits };
        let last = moved.placed.last().map(|firing| LastRun { at: firing.at, id: firing.id });
        let mut pending = self.still_pending(schedule, now).await;
        let revision = schedule.revision;
        pending.extend(moved.placed.iter().map(|firing| Pending { at: firing.at, revision }));
        pending.drain(..pending.len().saturating_sub(MOST_PENDING));
        let after = Schedule {
            version: schedule.version + 1,
            phase: moved.next.map_or(Phase::Idle, |next| Phase::Active { next }),
            last: last.or(schedule.last),
            pending,
            started: schedule.started.iter().copied().filter(|at| moved.next.is_some_and(|next| *at >= next)).collect(),
            ..schedule.clone()
        };
        match self.services.store.save_schedule(&after).await? {
            Saved::Now => {}
            Saved::NotAsExpected => {
                let name = &*schedule.name;
                tracing::debug!(schedule.name = name, "schedule {name} was changed meanwhile, so it is not moved on");
            }
        }
        Ok(visited)
    }

    /// The open firings among the times that pass without one, or among the latest of them if they are many. An earlier
    /// process made these firings and died before the schedule moved on.
    async fn overtaken(
        &self,
        schedule: &Schedule,
        next: Time,
        due: &Due,
        now: Time,
    ) -> Result<Vec<Firing>, StoreError> {
        let followed = due.fire.first().copied().or(due.next);
        let until = followed.map_or(now, |at| at.before(Duration::from_millis(1)));
        let passed = latest(&schedule.times, next, until, due.missed);
        let looks: Vec<_> = passed.into_iter().map(|at| self.open(schedule, Firing::of(schedule, at))).collect();
        let mut looks = stream::iter(looks).buffered(WRITES);
        let mut open = Vec::new();
        while let Some(found) = looks.next().await {
            open.extend(found?);
        }
        Ok(open)
    }

    /// The firing, if its task is open. If it has no task, it gets none: another tick, which looked a moment earlier, may
    /// be about to fire this time as the latest that was missed.
    async fn open(&self, schedule: &Schedule, firing: Firing) -> Result<Option<Firing>, StoreError> {
        let task = put_tombstone(&self.services, schedule, firing).await?;
        Ok(task.filter(|task| !task.state.name().is_ended()).map(|_| firing))
    }

    /// Makes the firing's task, unless there is one, and returns its record.
    async fn place(&self, schedule: &Schedule, firing: Firing) -> Result<Task, StoreError> {
        place(&self.services, firing.task(schedule, self.services.clock.now()), POINTS).await
    }

    async fn fire_all(&self, schedule: &Schedule, overtaken: Vec<Firing>, due: Due) -> Result<Moved, StoreError> {
        let missed = due.missed.saturating_sub(overtaken.len());
        let fired = due.fire.into_iter().map(|at| Firing::of(schedule, at));
        let firings: Vec<Firing> = overtaken.into_iter().chain(fired).collect();
        let tasks: Vec<_> = firings.iter().map(|firing| self.place(schedule, *firing)).collect();
        let mut tasks = stream::iter(tasks).buffered(WRITES);
        let mut moved = Moved { placed: Vec::new(), missed, next: due.next, waits: false };
        for firing in firings {
            let Some(task) = tasks.next().await else { break };
            if has_fired(&task?) {
                moved.placed.push(firing);
            } else {
                moved.missed += 1;
            }
        }
        Ok(moved)
    }

    /// Fires the times one by one. A time passes without a firing if the firing before it has not ended by then.
    async fn fire_singly(
        &self,
        schedule: &Schedule,
        overtaken: Vec<Firing>,
        due: Due,
        now: Time,
    ) -> Result<Moved, StoreError> {
        let mut ended = self.latest_ended(schedule).await?;
        let missed = due.missed.saturating_sub(overtaken.len());
        let mut moved = Moved { placed: Vec::new(), missed, next: due.next, waits: false };
        for firing in overtaken {
            ended = ended.and(end(&self.place(schedule, firing).await?));
            moved.placed.push(firing);
        }
        for at in due.fire {
            let firing = Firing::of(schedule, at);
            if ended.is_none() && at > now {
                // The latest firing may still end in time.
                (moved.next, moved.waits) = (Some(at), true);
                break;
            }
            let overlaps = ended.is_none_or(|ended| ended > at);
            let task = if overlaps {
                put_tombstone(&self.services, schedule, firing).await?
            } else {
                Some(self.place(schedule, firing).await?)
            };
            match task {
                // Also if it overlaps: another tick, which found the latest firing ended, may have been faster. It may have died
                // before it sent the message.
                Some(task) if has_fired(&task) => {
                    let task = if overlaps { self.place(schedule, firing).await? } else { task };
                    ended = end(&task);
                    moved.placed.push(firing);
                }
                Some(_) | None => moved.missed += 1,
            }
        }
        Ok(moved)
    }

    /// When the latest firing ended; long ago if there is none. `None` while a firing is open.
    async fn latest_ended(&self, schedule: &Schedule) -> Result<Option<Time>, StoreError> {
        let ended = match schedule.last {
            Some(last) => match self.services.store.get(&last.id.key).await {
                Ok(task) if task.id == last.id => end(&task),
                Ok(_) | Err(StoreError::NotFound) => Some(Time::default()),
                Err(error) => return Err(error),
            },
            None => Some(Time::default()),
        };
        // Several firings can be open if the schedule's overlap was `allow` before.
        let others = schedule.pending.iter().filter(|pending| schedule.last.is_none_or(|last| last.at != pending.at));
        let others: Vec<_> = others.map(|pending| self.is_pending(schedule, *pending)).collect();
        let is_open = stream::iter(others).buffered(WRITES).any(|is_open| async move { is_open }).await;
        Ok(ended.filter(|_| !is_open))
    }

    /// The listed firings that stay listed. The earliest are read; the others stay without a look.
    async fn still_pending(&self, schedule: &Schedule, now: Time) -> Vec<Pending> {
        let is_recent = |pending: &Pending| pending.at > now.before(LISTED_FOR);
        let looks = schedule.pending.iter().take(LOOKED_AT).map(|pending| async {
            let is_pending = is_recent(pending) || self.is_pending(schedule, *pending).await;
            is_pending.then_some(*pending)
        });
        let looks: Vec<_> = looks.collect();
        let looked: Vec<Option<Pending>> = stream::iter(looks).buffered(WRITES).collect().await;
        looked.into_iter().flatten().chain(schedule.pending.iter().copied().skip(LOOKED_AT)).collect()
    }

    /// Whether a firing may still have to be withdrawn or waited for. If the table does not answer, it may.
    async fn is_pending(&self, schedule: &Schedule, pending: Pending) -> bool {
        match self.services.store.get(&Firing::pending(schedule, pending).id.key).await {
            Ok(task) => match schedule.definition.overlap {
                Overlap::Allow => is_unstarted(&task),
                Overlap::Skip => end(&task).is_none(),
            },
            Err(StoreError::NotFound) => false,
            Err(_) => true,
        }
    }
}

/// Whether a firing's task runs, will run or has run. A task that ended without a claim stands for a time that passed
/// without a firing.
fn has_fired(task: &Task) -> bool {
    task.fence > Fence::NONE || end(task).is_none()
}

/// When a task ended, if it has.
fn end(task: &Task) -> Option<Time> {
    match task.state {
        State::Ended { at, .. } => Some(at),
        State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => None,
    }
}
