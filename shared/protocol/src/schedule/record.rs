//! The record of one schedule, and how requests and ticks change it.

use super::{
    definition::{Definition, Overlap, Times},
    pending::Pending,
    phase::{Phase, Then},
    remaining::{OpenFiring, Remaining},
};
use crate::{TaskId, Time};

/// The record of a schedule.
#[derive(Clone, PartialEq, Debug)]
pub struct Schedule {
    /// The name. No two schedules have the same name at the same time.
    pub name: Box<str>,
    /// When a client first put the schedule.
    pub born: Time,
    /// Counts the writes of this record. Each write expects the version before it. A schedule that is put again soon
    /// after its deletion counts on.
    pub version: u64,
    /// Part of the id of each firing. Every change of the definition has a new revision, so its firings are other
    /// tasks.
    pub revision: u64,
    /// What the client asked for.
    pub definition: Definition,
    /// The firing times of `definition`.
    pub times: Times,
    /// The definition applies to firings after this time. Earlier firings keep the previous definition.
    pub since: Time,
    /// Whether the schedule fires.
    pub phase: Phase,
    /// The latest firing.
    pub last: Option<LastRun>,
    /// The firings that no tick has seen start. With [`Overlap::Skip`], the firings that no tick has seen end. In order
    /// of time; if there are many, only the latest.
    pub pending: Vec<Pending>,
    /// Times after `since` at which this definition does not fire. The previous definition made a firing for each, and
    /// that firing had started before the change.
    pub started: Vec<Time>,
}

/// A schedule's latest firing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastRun {
    /// The time that fired.
    pub at: Time,
    /// The id of the firing's task.
    pub id: TaskId,
}

impl Schedule {
    /// The first record of a schedule. `revision` must never have been used for this name.
    pub fn new(name: Box<str>, definition: Definition, times: Times, version: u64, revision: u64, now: Time) -> Self {
        let phase = Phase::beginning(&definition, &times, now);
        let (last, pending, started) = (None, Vec::new(), Vec::new());
        Schedule { name, born: now, version, revision, definition, times, since: now, phase, last, pending, started }
    }

    /// The record with another definition. `remaining` is what the withdrawal of the old firings left.
    #[must_use]
    pub fn redefined(
        &self,
        definition: Definition,
        times: Times,
        revision: u64,
        remaining: Remaining,
        now: Time,
    ) -> Self {
        // The old definition stopped when the withdrawal began. The new one applies from that moment and not from
        // `now`, so each time belongs to exactly one of the two.
        let since = match self.phase {
            Phase::Withdrawing { since, .. } => since,
            Phase::Active { .. } | Phase::Idle => now,
        };
        let phase = Phase::beginning(&definition, &times, since);
        let mut open = remaining.open;
        open.sort_by_key(|open| open.firing.at);
        // The withdrawal has cancelled a latest firing that lies after `since`.
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

    /// The record at the beginning of a withdrawal. For [`Then::Change`] the caller must first fire every time up to
    /// `now`.
    #[must_use]
    pub fn withdrawing(&self, then: Then, now: Time) -> Self {
        // This process's clock may be behind the clock of the process that wrote `self.since`.
        let since = now.max(self.since);
        let (since, next, then) = match self.phase {
            Phase::Active { next } => (since, Some(next), then),
            Phase::Idle => (since, None, then),
            // An earlier request stopped the schedule at `begun`. After a change or a pause, the next definition must
            // apply from that time. A deletion has no next definition, so it begins anew.
            Phase::Withdrawing { since: begun, next, then: before } => match then.max(before) {
                Then::Remove => (since.max(begun), next, Then::Remove),
                then @ (Then::Change | Then::Pause) => (begun, next, then),
            },
        };
        Schedule { version: self.version + 1, phase: Phase::Withdrawing { since, next, then }, ..self.clone() }
    }

    /// The record after a withdrawal whose request died before it wrote the next definition. If the request asked for a
    /// pause, the old definition is paused. Otherwise it goes on from the time when the withdrawal began. The revision
    /// is new in both cases.
    #[must_use]
    pub fn resumed(&self, remaining: Remaining, now: Time) -> Self {
        let is_paused = match self.phase {
            Phase::Withdrawing { then, .. } => then == Then::Pause,
            Phase::Active { .. } | Phase::Idle => false,
        };
        let definition = Definition { paused: self.definition.paused || is_paused, ..self.definition.clone() };
        self.redefined(definition, self.times.clone(), self.revision.wrapping_add(1), remaining, now)
    }

    /// Whether a time has come that has not fired.
    pub fn is_behind(&self, now: Time) -> bool {
        match self.phase {
            Phase::Active { next } => next <= now,
            Phase::Idle | Phase::Withdrawing { .. } => false,
        }
    }

    /// From when on a tick must visit the schedule. `None` if no tick needs to.
    pub fn next_visit(&self) -> Option<Time> {
        match self.phase {
            Phase::Active { next } => Some(next),
            Phase::Withdrawing { since, .. } => Some(since),
            Phase::Idle => None,
        }
    }
}
