//! Firing schedules: whoever finds that something is due does it, at a tick or at a request.
//!
//! The tasks come first and the record moves on after them, so that a crash between the two fires again, which makes no
//! second task.

use std::time::Duration;

use futures::{StreamExt, stream};
use taskway_cloud::dynamo::{Created, Saved, StoreError, fitted};
use taskway_protocol::{
    Fence, NewTask, State, Step, Stored, Task, Time,
    schedule::{Due, Firing, LastRun, Overlap, Pending, Phase, Remaining, Schedule, Then, due, is_unstarted, latest},
    unclaimed,
};
use taskway_runtime::faults::CrashPoint;

use super::withdrawal::{WRITES, put_tombstone, withdraw};
use crate::Services;

/// So many pending firings are known at most: of a schedule that fires while no executor runs.
const MOST_PENDING: usize = 500;

/// How many of them are looked at, at each tick.
const LOOKED_AT: usize = 32;

/// More than clocks may differ by: a firing is known for so long after its time, started or not.
const OF_NOW: Duration = Duration::from_secs(60);

/// Fires schedules.
#[derive(Clone, Debug)]
pub struct Firer {
    services: Services,
}

/// What came of looking after a schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visited {
    /// Times whose task was submitted.
    pub fired: usize,
    /// Times that were let pass, because nothing ticked then or the latest firing was open.
    pub missed: usize,
    /// A time is near that may not be fired while the latest firing is open: it is worth to look again soon.
    pub waits: bool,
}

/// What a tick does to a schedule.
struct Moved {
    placed: Vec<Firing>,
    missed: usize,
    next: Option<Time>,
    waits: bool,
}

impl Firer {
    /// A firer with these services.
    pub const fn new(services: Services) -> Self {
        Firer { services }
    }

    /// Withdraws the firings of a schedule that is [withdrawing](Phase::Withdrawing): cancels each that has not started,
    /// and keeps a tick that read the schedule earlier from creating more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: some are withdrawn.
    pub async fn withdraw(&self, schedule: &Schedule) -> Result<Remaining, StoreError> {
        withdraw(&self.services, schedule).await
    }

    /// Does what is due of the schedule of this name. Whatever fails is due again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], with the schedule where it was.
    pub async fn visit(&self, name: &str) -> Result<Visited, StoreError> {
        let before = self.services.clock.now();
        match self.services.store.schedule(name).await {
            Ok(schedule) => self.go_on(&schedule, before).await,
            Err(StoreError::NotFound) => Ok(Visited::default()),
            Err(error) => Err(error),
        }
    }

    /// Does what is due at `now` of a schedule that was read or written after that: who is held up between the two fires
    /// nothing that whoever withdraws its firings does not expect.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], with the schedule where it was.
    pub async fn go_on(&self, schedule: &Schedule, now: Time) -> Result<Visited, StoreError> {
        match schedule.phase {
            Phase::Idle => Ok(Visited::default()),
            Phase::Active { next } => self.fire(schedule, next, now).await,
            Phase::Withdrawing { then, .. } => {
                let remaining = self.withdraw(schedule).await?;
                // Whoever was faster has done the same, or what follows.
                if then == Then::Remove {
                    let _ = self.services.store.delete_schedule(schedule).await?;
                    return Ok(Visited::default());
                }
                let resumed = schedule.resumed(remaining, self.services.clock.now());
                match (self.services.store.save_schedule(&resumed).await?, resumed.phase) {
                    // It was stopped a while ago.
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
            Saved::NotAsExpected => tracing::debug!(schedule.name = &*schedule.name, "somebody else has moved it on"),
        }
        Ok(visited)
    }

    /// What is open of the times that are let pass, the latest if they are many: somebody fired it, and died before the
    /// schedule moved on.
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

    async fn open(&self, schedule: &Schedule, firing: Firing) -> Result<Option<Firing>, StoreError> {
        // Another tick, of a moment before, may be about to fire it as the latest that was missed.
        let task = put_tombstone(&self.services, schedule, firing).await?;
        Ok(task.filter(|task| !task.state.name().is_ended()).map(|_| firing))
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
            let task = task?;
            // Another tick may have let it pass.
            if task.fence > Fence::NONE || end(&task).is_none() {
                moved.placed.push(firing);
            } else {
                moved.missed += 1;
            }
        }
        Ok(moved)
    }

    /// One after the other: each waits for the end of the one before, or is let pass.
    async fn fire_singly(
        &self,
        schedule: &Schedule,
        overtaken: Vec<Firing>,
        due: Due,
        now: Time,
    ) -> Result<Moved, StoreError> {
        // When the latest one ended; nothing while it has not.
        let mut ended = match schedule.last {
            Some(last) => match self.services.store.get(&last.id.key).await {
                Ok(task) if task.id == last.id => end(&task),
                Ok(_) | Err(StoreError::NotFound) => Some(Time::default()),
                Err(error) => return Err(error),
            },
            None => Some(Time::default()),
        };
        // Others are open after a change: none was to wait for another before.
        let others = schedule.pending.iter().filter(|pending| schedule.last.is_none_or(|last| last.at != pending.at));
        let others: Vec<_> = others.map(|pending| self.is_pending(schedule, *pending)).collect();
        if stream::iter(others).buffered(WRITES).any(|is_open| async move { is_open }).await {
            ended = None;
        }
        let missed = due.missed.saturating_sub(overtaken.len());
        let mut moved = Moved { placed: Vec::new(), missed, next: due.next, waits: false };
        for firing in overtaken {
            ended = ended.and(end(&self.place(schedule, firing).await?));
            moved.placed.push(firing);
        }
        for at in due.fire {
            let firing = Firing::of(schedule, at);
            if ended.is_none() && at > now {
                // It may end in time.
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
                // It runs, will or did, whoever made it: another tick may have found the one before ended, and been faster.
                Some(task) if task.fence > Fence::NONE || end(&task).is_none() => {
                    ended = end(&task);
                    moved.placed.push(firing);
                }
                // It was let pass, by this tick or another.
                Some(_) | None => moved.missed += 1,
            }
        }
        Ok(moved)
    }

    /// The firing's task is in the table, and so is its message in its lane or its entry in the agenda.
    async fn place(&self, schedule: &Schedule, firing: Firing) -> Result<Task, StoreError> {
        let now = self.services.clock.now();
        let first = fitted(firing.task(schedule, now));
        if let Stored::TextPart(digest) = &first.task.spec.body {
            self.services.store.put_part(&firing.id.key, digest, &first.text, first.keep_text_until()).await?;
        }
        let task = match self.services.store.create_once(&first.task).await? {
            Created::New => {
                self.services.faults.reach(CrashPoint::FiringPut).await;
                first.task.clone()
            }
            Created::Exists(task, _) => *task,
        };
        // Whoever put it may have died before the message was sent.
        if task.id == firing.id && unclaimed(&task).is_some() {
            self.send(&NewTask { task: task.clone(), text: first.text }).await?;
            self.services.faults.reach(CrashPoint::FiringSent).await;
        }
        Ok(task)
    }

    async fn send(&self, first: &NewTask) -> Result<(), StoreError> {
        let (Some(message), Some(due)) = (first.message(), unclaimed(&first.task)) else { return Ok(()) };
        let Err(error) = self.services.send(&message).await else { return Ok(()) };
        tracing::warn!(task.id = %first.task.id, error = %taskway_runtime::log::causes(&error), "cannot send; parking");
        match self.services.apply(first.task.id, Step::Park { due }).await {
            // It was sent after all, or somebody else parked it.
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is pending still. The earliest are looked at, the others taken as they are; and what is of these moments, so
    /// that whoever changes the schedule by a clock behind knows that it has started.
    async fn still_pending(&self, schedule: &Schedule, now: Time) -> Vec<Pending> {
        let of_now = |pending: &Pending| pending.at > now.before(OF_NOW);
        let looks = schedule.pending.iter().take(LOOKED_AT).map(|pending| async {
            let is_pending = of_now(pending) || self.is_pending(schedule, *pending).await;
            is_pending.then_some(*pending)
        });
        let looks: Vec<_> = looks.collect();
        let looked: Vec<Option<Pending>> = stream::iter(looks).buffered(WRITES).collect().await;
        looked.into_iter().flatten().chain(schedule.pending.iter().copied().skip(LOOKED_AT)).collect()
    }

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

/// When a task ended, if it has.
fn end(task: &Task) -> Option<Time> {
    match task.state {
        State::Ended { at, .. } => Some(at),
        State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => None,
    }
}
