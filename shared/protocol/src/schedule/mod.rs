//! Schedules: what is submitted again and again, at the times of a [`Recurrence`](crate::calendar::Recurrence).
//!
//! A schedule's firing is a task like any other, whose id is made of the schedule, its revision and the time: however
//! many ticks fire it, one task comes of it. The record says which time is the next, and moves on only after the tasks
//! of the times before are there.

mod definition;
mod due;
mod firing;
mod remaining;

use crate::{TaskId, Time};

pub use definition::{Definition, Misfire, Overlap, Template, Times, Timing};
pub use due::{AHEAD, Due, due, latest};
pub use firing::Firing;
pub use remaining::{OpenFiring, Remaining, is_unstarted};

/// Everything that is known of a schedule.
#[derive(Clone, PartialEq, Debug)]
pub struct Schedule {
    /// Its name, of which there is one at a time.
    pub name: Box<str>,
    /// When it was first put.
    pub born: Time,
    /// Counts its writes; each expects the one before.
    pub version: u64,
    /// Tells what it was from what it is: firings of another revision are other tasks.
    pub revision: u64,
    /// What was asked for.
    pub definition: Definition,
    /// When it fires, from the definition.
    pub times: Times,
    /// After when it fires by that. What was due until then is of what it was before.
    pub since: Time,
    /// Where it stands.
    pub phase: Phase,
    /// Its latest firing.
    pub last: Option<LastRun>,
    /// Its firings that were not seen started, or not seen ended where that matters, in order; the latest of them, if they
    /// are many.
    pub pending: Vec<Pending>,
    /// Times that it does not fire: they had started by what it was before, when that was changed.
    pub started: Vec<Time>,
}

/// A firing that is not over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pending {
    /// The time that it is of.
    pub at: Time,
    /// The revision that fired it: the schedule's, or one before.
    pub revision: u64,
}

/// Where a schedule stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It will fire.
    Active {
        /// The first time that is not fired yet.
        next: Time,
    },
    /// It is paused, or its last time is over.
    Idle,
    /// Firings that have not started are being cancelled.
    Withdrawing {
        /// Since when. What fires after that, if anything does, is for what follows to say.
        since: Time,
        /// The first time that was not fired then, if there was one.
        next: Option<Time>,
        /// What follows.
        then: Then,
    },
}

/// What follows once a schedule's firings are withdrawn, and so which they are. Of two who ask for different things the
/// latter in this order has its way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Then {
    /// Whoever withdrew them writes another definition, which fires from now on: what is due already stays. Should it die
    /// before, the old one goes on.
    Change,
    /// Whoever withdrew them writes one that does not fire. Should it die before, the old one is paused.
    Pause,
    /// The schedule is deleted.
    Remove,
}

/// A schedule's latest firing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastRun {
    /// The time of the schedule that it is of.
    pub at: Time,
    /// Its task.
    pub id: TaskId,
}

impl Schedule {
    /// A schedule that was just asked for. `revision` was never used for this name before.
    pub fn new(name: Box<str>, definition: Definition, times: Times, revision: u64, now: Time) -> Self {
        let phase = Phase::beginning(&definition, &times, now);
        let (last, pending, started) = (None, Vec::new(), Vec::new());
        Schedule { name, born: now, version: 1, revision, definition, times, since: now, phase, last, pending, started }
    }

    /// The same schedule with another definition, once it is withdrawn.
    #[must_use]
    pub fn redefined(
        &self,
        definition: Definition,
        times: Times,
        revision: u64,
        remaining: Remaining,
        now: Time,
    ) -> Self {
        // From when the old one stopped, which took a while: each time is of one of the two.
        let since = match self.phase {
            Phase::Withdrawing { since, .. } => since,
            Phase::Active { .. } | Phase::Idle => now,
        };
        let phase = Phase::beginning(&definition, &times, since);
        let mut open = remaining.open;
        open.sort_by_key(|open| open.firing.at);
        // What was to come has been withdrawn.
        let last = open.last().map(|open| LastRun { at: open.firing.at, id: open.id });
        let last = last.or(self.last.filter(|last| last.at <= since));
        let is_kept = |open: &&OpenFiring| open.waits || definition.overlap == Overlap::Skip;
        let pending = open.iter().filter(is_kept).map(|open| open.firing).collect();
        let mut started = [&*self.started, &*remaining.started].concat();
        started.retain(|at| *at > since);
        started.sort_unstable();
        started.dedup();
        let version = self.version + 1;
        Schedule { version, revision, definition, times, since, phase, last, pending, started, ..self.clone() }
    }

    /// The same schedule, whose firings are about to be withdrawn. When that is for a change, what is due by `now` has
    /// been fired.
    #[must_use]
    pub fn withdrawing(&self, then: Then, now: Time) -> Self {
        // The clock of who asks may be behind that of who asked before.
        let since = now.max(self.since);
        let (since, next, then) = match self.phase {
            Phase::Active { next } => (since, Some(next), then),
            Phase::Idle => (since, None, then),
            // Somebody has begun before, and stopped it then. What is deleted does not go on, and begins anew.
            Phase::Withdrawing { since: begun, next, then: before } => match then.max(before) {
                Then::Remove => (since.max(begun), next, Then::Remove),
                then @ (Then::Change | Then::Pause) => (begun, next, then),
            },
        };
        Schedule { version: self.version + 1, phase: Phase::Withdrawing { since, next, then }, ..self.clone() }
    }

    /// What becomes of it, as another revision, when whoever has withdrawn its firings died before what was to follow: it
    /// goes on from then on, or is paused if that was asked for.
    #[must_use]
    pub fn resumed(&self, remaining: Remaining, now: Time) -> Self {
        let is_paused = match self.phase {
            Phase::Withdrawing { then, .. } => then == Then::Pause,
            Phase::Active { .. } | Phase::Idle => false,
        };
        let definition = Definition { paused: self.definition.paused || is_paused, ..self.definition.clone() };
        self.redefined(definition, self.times.clone(), self.revision.wrapping_add(1), remaining, now)
    }

    /// Whether a time of it has come that is not fired.
    pub fn is_behind(&self, now: Time) -> bool {
        match self.phase {
            Phase::Active { next } => next <= now,
            Phase::Idle | Phase::Withdrawing { .. } => false,
        }
    }

    /// When the next tick that comes must look at it.
    pub fn look_at(&self) -> Option<Time> {
        match self.phase {
            Phase::Active { next } => Some(next),
            Phase::Withdrawing { since, .. } => Some(since),
            Phase::Idle => None,
        }
    }
}

impl Phase {
    fn beginning(definition: &Definition, times: &Times, now: Time) -> Self {
        match times.next_after(now) {
            Some(next) if !definition.paused => Phase::Active { next },
            Some(_) | None => Phase::Idle,
        }
    }
}
