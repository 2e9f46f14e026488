//! Limits: how many attempts of a queue run at once, over all executors.
//!
//! A limit is kept in the table as one [`Ledger`], or as several for a large limit. A ledger lists the tasks that have a
//! [`Permit`]. Its size is what counts: there is no other counter that could differ from it.
//!
//! An executor [takes](Ledger::take) a permit for the next attempt, and claims the task. The claim expects the fence for
//! which the permit is. When the attempt has ended, the executor releases the permit. If a process dies in between, its
//! permit gets old, and a tick [decides](Permit::look) about it by the record.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use crate::{End, Fence, GUARD, HoldEntry, LONGEST_LEASE, SKEW, State, Step, Task, TaskId, Time, lease, overdue};

/// The greatest limit of a queue.
pub const MOST_CONCURRENT: u32 = 1_000;

/// The greatest limit of a fairness key, which has one ledger: an update of a full one costs six write units.
pub const MOST_CONCURRENT_OF_KEY: u32 = 100;

/// How long a permit is kept for an executor that is about to claim the task.
pub const PERMIT_KEPT: Duration = Duration::from_secs(60);

/// How long a permit is kept for a message that was sent with it.
pub const PERMIT_SENT: Duration = Duration::from_secs(120);

/// The most permits in one ledger. Its item has less than 2 KB then, so an update costs two write units.
const PERMITS_IN_LEDGER: u32 = 40;

/// The right of one attempt to run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Permit {
    /// The fence that the attempt has or will have.
    pub fence: Fence,
    /// Until when no tick takes the permit away, whatever has become of the attempt.
    pub until: Time,
    /// A random number, by which two processes that take a permit for the same attempt tell theirs apart.
    pub nonce: u32,
}

/// What a tick does with a permit.
#[derive(Clone, PartialEq, Debug)]
pub enum Look {
    /// Leave it: the attempt may be running, or about to.
    Leave,
    /// Write this step to the record of a lost attempt, then free the permit.
    Settle(Step),
    /// Put this entry into the hold list, then free the permit. The task was sent with the permit and has not started. Its
    /// message may be lost.
    List(HoldEntry),
    /// Free it, if it is exactly as it was read.
    Free,
}

impl Permit {
    /// The permit for the attempt that follows this fence.
    pub fn next(fence: Fence, until: Time, nonce: u32) -> Self {
        Permit { fence: fence.next(), until, nonce }
    }

    /// The same permit in place of `before`, and kept for longer than that one.
    #[must_use]
    pub fn after(self, before: Permit) -> Self {
        Permit { until: self.until.max(before.until.after(Duration::from_millis(1))), ..self }
    }

    /// The last moment at which an executor may claim the task and start the attempt.
    pub fn usable_until(self) -> Time {
        self.until.before(GUARD)
    }

    /// Whether other processes may take the permit away, once the record shows that no attempt uses it.
    pub fn is_old(self, now: Time) -> bool {
        self.until.after(SKEW) <= now
    }

    /// What a tick, or a queue's resume, at `now` does with the permit of a task. `task` is its record, or `None` if there is none.
    pub fn look(self, task: Option<&Task>, now: Time) -> Look {
        if !self.is_old(now) {
            return Look::Leave;
        }
        let Some(task) = task else { return Look::Free };
        match task.state {
            State::Running { .. } if task.state.live_lease(now).is_some() => Look::Leave,
            State::Running { .. } => overdue(task, now).map_or(Look::Leave, Look::Settle),
            _ if self.fence <= task.fence && may_run_on(task, now) => Look::Leave,
            State::Scheduled { .. } => HoldEntry::of(task).map_or(Look::Free, Look::List),
            State::Ended { .. } | State::Queued { .. } => Look::Free,
        }
    }
}

/// Whether the latest attempt of a task may run although the record does not show it: the task was cancelled or replaced, and
/// the attempt has not noticed. It does so at its next heartbeat, or when its lease is over. A person may have retried the task
/// since.
pub fn may_run_on(task: &Task, now: Time) -> bool {
    let lost = match task.state {
        State::Ended { end: End::Cancelled, at, .. } => at,
        // A retry and a replacement forget the start of the latest attempt. The task is due at that time or later.
        State::Scheduled { due, .. } | State::Queued { due } if task.started_at.is_none() => due,
        State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } | State::Ended { .. } => return false,
    };
    // A task with a key may have replaced one with another timeout.
    let is_keyed = task.spec.idempotency.is_some();
    let lease = if is_keyed { LONGEST_LEASE } else { lease(task.spec.options.timeout_seconds) };
    task.fence > Fence::NONE && now < lost.after(lease).after(SKEW)
}

/// A part of a limit, which has a ledger of its own.
#[derive(Debug)]
pub struct Share;

impl Share {
    /// The least number of shares of a limit. One up to 40, and 25 for a limit of a thousand.
    pub fn least(limit: NonZeroU32) -> u16 {
        limit.get().min(MOST_CONCURRENT).div_ceil(PERMITS_IN_LEDGER) as u16
    }

    /// How many permits the share with this number has, of `count` shares: 0 if there are fewer.
    pub fn permits(number: u16, count: u16, limit: NonZeroU32) -> u32 {
        let up_to = |number: u16| limit.get() * u32::from(number.min(count)) / u32::from(count.max(1));
        up_to(number.saturating_add(1)) - up_to(number)
    }
}

/// What has a ledger and a hold list of its own: a part of a queue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Scope {
    /// The queue.
    pub queue: Box<str>,
    /// Which part of it.
    pub part: Part,
}

/// A part of a queue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// The share with this number, from 0. Each task belongs to one.
    Share(u16),
    /// The tasks with this fairness key.
    Key(Box<str>),
}

impl Scope {
    /// A share of a queue.
    pub fn share(queue: &str, number: u16) -> Self {
        Scope { queue: queue.into(), part: Part::Share(number) }
    }

    /// The tasks of a queue that have this fairness key.
    pub fn key(queue: &str, key: &str) -> Self {
        Scope { queue: queue.into(), part: Part::Key(key.into()) }
    }

    /// The scope of its rate: that of the whole queue, or of the fairness key.
    #[must_use]
    pub fn of_rate(&self) -> Self {
        match self.part {
            Part::Share(_) => Scope::share(&self.queue, 0),
            Part::Key(_) => self.clone(),
        }
    }

    /// Whether it is a fairness key.
    pub fn is_key(&self) -> bool {
        matches!(self.part, Part::Key(_))
    }
}

/// The permits of one share, by task. A later life of a task has another id, so it is another task here.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Ledger(pub BTreeMap<TaskId, Permit>);

/// What becomes of a wish for a permit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Take {
    /// There is room for it.
    New,
    /// The task has this permit already. It is replaced, and takes no room.
    Renew(Permit),
    /// The task has a permit for a later attempt. The record that was read is behind.
    Behind,
    /// There is no room.
    Full,
}

/// One change of a ledger. Each has a condition. Changes of different tasks can go in one write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Change {
    /// Adds a permit. Expects that the task has none, and room.
    Add(Permit),
    /// Replaces the permit `before`. Expects exactly that one.
    Replace {
        /// The permit that was read.
        before: Permit,
        /// The new one.
        after: Permit,
    },
    /// Removes the permit of an attempt that has ended. Expects a permit of this attempt or of an earlier one.
    Release(Fence),
    /// Removes exactly this permit.
    Free(Permit),
}

impl Ledger {
    /// What becomes of a wish for `permit`, where the share has `most` permits.
    pub fn take(&self, id: &TaskId, permit: Permit, most: u32) -> Take {
        match self.0.get(id) {
            Some(before) if before.fence > permit.fence => Take::Behind,
            Some(before) => Take::Renew(*before),
            None if self.0.len() < most as usize => Take::New,
            None => Take::Full,
        }
    }

    /// Whether the change's condition about the task's own permit holds.
    pub fn fits(&self, id: &TaskId, change: Change) -> bool {
        let own = self.0.get(id);
        match change {
            Change::Add(_) => own.is_none(),
            Change::Replace { before, .. } | Change::Free(before) => own == Some(&before),
            Change::Release(fence) => own.is_some_and(|own| own.fence <= fence),
        }
    }

    /// Makes a change.
    pub fn apply(&mut self, id: TaskId, change: Change) {
        match change {
            Change::Add(permit) | Change::Replace { after: permit, .. } => self.0.insert(id, permit),
            Change::Release(_) | Change::Free(_) => self.0.remove(&id),
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Digest, Idempotency, Nonce};

    const NOW: Time = Time::from_millis(1_764_000_000_000);
    const LONG_AGO: Time = NOW.before(Duration::from_secs(600));

    fn key(last: u8) -> TaskId {
        TaskId { key: crate::TaskKey::from_bytes([last; 16]), born: NOW }
    }

    fn permit(fence: u32, until: Time) -> Permit {
        Permit { fence: Fence(fence), until, nonce: 0 }
    }

    #[test]
    fn the_shares_of_a_limit_have_its_permits() {
        for limit in (1..=120).chain([499, 500, 999, 1_000]) {
            let limit = NonZeroU32::new(limit).unwrap();
            let least = Share::least(limit);
            for count in [least, 25.min(limit.get() as u16)].into_iter().filter(|count| *count >= least) {
                let shares: Vec<u32> = (0..=count).map(|number| Share::permits(number, count, limit)).collect();
                assert_eq!(shares.iter().sum::<u32>(), limit.get());
                let (last, others) = shares.split_last().unwrap();
                assert!(*last == 0 && others.iter().all(|share| (1..=PERMITS_IN_LEDGER).contains(share)), "{limit}");
            }
        }
        assert_eq!(Share::least(NonZeroU32::new(40).unwrap()), 1);
        assert_eq!(Share::least(NonZeroU32::new(1_000).unwrap()), 25);
    }

    #[test]
    fn a_ledger_has_no_more_permits_than_its_share() {
        let mut ledger = Ledger::default();
        let wish = permit(1, NOW);
        assert_eq!(ledger.take(&key(1), wish, 1), Take::New);
        ledger.apply(key(1), Change::Add(wish));
        assert_eq!(ledger.take(&key(2), wish, 1), Take::Full);
        assert_eq!(ledger.take(&key(1), permit(2, NOW), 1), Take::Renew(wish));
        assert_eq!(ledger.take(&key(1), permit(0, NOW), 1), Take::Behind);
    }

    #[test]
    fn a_release_does_not_remove_the_permit_of_a_later_attempt() {
        let ledger = Ledger(BTreeMap::from([(key(1), permit(2, NOW))]));
        assert!(ledger.fits(&key(1), Change::Release(Fence(2))));
        assert!(!ledger.fits(&key(1), Change::Release(Fence(1))));
        assert!(!ledger.fits(&key(2), Change::Release(Fence(2))));
        assert!(!ledger.fits(&key(1), Change::Free(permit(2, LONG_AGO))));
    }

    #[test]
    fn a_tick_frees_an_old_permit_that_no_attempt_uses() {
        let look = |state: State| {
            permit(1, LONG_AGO).look(Some(&Task { state, fence: Fence(1), ..Task::example(LONG_AGO) }), NOW)
        };
        let running = |lease_end| State::Running { owner: Nonce(1), lease_end, hard_end: None };
        let ended = |at| State::Ended { end: End::Cancelled, at, retained_until: NOW, owes: false };
        assert_eq!(look(State::Queued { due: LONG_AGO }), Look::Free);
        assert_eq!(look(State::Scheduled { due: LONG_AGO, held: false }), Look::Free);
        assert!(matches!(look(State::Scheduled { due: LONG_AGO, held: true }), Look::List(_)));
        assert_eq!(look(running(NOW)), Look::Leave);
        assert!(matches!(look(running(LONG_AGO)), Look::Settle(_)));
        assert_eq!(look(ended(NOW.before(Duration::from_secs(30)))), Look::Leave, "the attempt may run on");
        assert_eq!(look(ended(LONG_AGO)), Look::Free);
        assert_eq!(
            look(State::Queued { due: NOW.before(Duration::from_secs(30)) }),
            Look::Leave,
            "a person retried it"
        );
        let mut keyed = Task { state: ended(NOW.before(Duration::from_secs(30))), ..Task::example(LONG_AGO) };
        (keyed.fence, keyed.spec.options.timeout_seconds) = (Fence(1), 1);
        assert_eq!(permit(1, LONG_AGO).look(Some(&keyed), NOW), Look::Free);
        keyed.spec.idempotency = Some(Idempotency { key: "k".into(), fingerprint: Digest::of(b"") });
        assert_eq!(permit(1, LONG_AGO).look(Some(&keyed), NOW), Look::Leave, "what it replaced may have had more time");
        assert_eq!(permit(1, LONG_AGO).look(None, NOW), Look::Free);
        assert_eq!(permit(1, NOW).look(None, NOW), Look::Leave, "the permit is not old");
    }
}
