//! Holding tasks back while their queue is paused, or while as many of its tasks run as its limit allows.
//!
//! A queue has a hold list in the table; a queue with a large limit has one for each [`Share`](crate::Share). An executor
//! that may not start a task reads the record, puts an entry into the list, writes [`Step::Hold`](crate::Step::Hold), and
//! deletes the message. When the queue goes on, a dispatch sends the listed tasks again, in the order of their
//! [`rank`](crate::rank), and removes their entries. In a limited queue it takes a [`Permit`](crate::Permit) for each.
//!
//! The entry comes before the record's step. So a held record has an entry, or its message was sent.

use std::{num::NonZeroU32, time::Duration};

use crate::{Generation, Share, State, Step, Task, TaskId, TaskKey, Time, rank};

/// How long an executor uses the settings of a queue that it has read.
pub const SETTINGS_KEPT: Duration = Duration::from_secs(4);

/// How long after the begin of that read an attempt may start.
pub const SETTINGS_KNOWN: Duration = Duration::from_secs(5);

/// How long a change of settings counts as new. It may have been written later than its own time says, and executors learn
/// of it some seconds after that.
const NEW: Duration = Duration::from_secs(30);

/// How long a message is delayed while the change is new. SQS delays by whole seconds and may deliver a second early.
const UNTIL_KNOWN: Duration = Duration::from_secs(6);

/// The age from which an entry without a record is of no use: the executor that put it has ended, and so has the submit
/// function that could have written the record.
const GONE: Duration = Duration::from_secs(3600);

/// What a person has set for a queue.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct QueueSettings {
    /// No task of the queue starts.
    pub paused: bool,
    /// How many attempts of the queue run at once. `None` is as many as there are.
    pub concurrency: Option<NonZeroU32>,
    /// When the settings were changed, or the beginning of time if nobody has changed them.
    pub changed_at: Time,
    /// When a pause or a limit ended last, or tasks came to belong to other shares; or the beginning of time.
    pub eased_at: Time,
    /// The most shares that the queue's limit has ever had, or 0 if it never had a limit.
    pub shares: u16,
    /// Whether a hold list may have tasks of other shares: the number of shares has changed.
    pub mixed: bool,
    /// What the shares that were there before a limit was raised may have out beyond their new permits. The shares that came
    /// then must leave as many unused, until a tick sees that those have ended.
    pub overhang: Overhang,
}

/// Permits of earlier shares that may be out beyond what these have now.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Overhang {
    /// How many.
    pub permits: u32,
    /// The number of the first share that came later.
    pub from: u16,
}

impl QueueSettings {
    /// These settings, changed at `now`.
    #[must_use]
    pub fn changed(self, paused: bool, concurrency: Option<NonZeroU32>, now: Time) -> Self {
        let mut changed = QueueSettings {
            paused,
            concurrency,
            // Two changes of one moment must differ.
            changed_at: now.max(self.changed_at.after(Duration::from_millis(1))),
            shares: self.shares.max(concurrency.map_or(0, Share::least)),
            ..self
        };
        let moved = self.count() != changed.count();
        let ended = self.paused && !paused || self.concurrency.is_some() && concurrency.is_none();
        if ended || moved && self.concurrency.is_some() {
            changed.eased_at = now;
        }
        if let Some(before) = self.concurrency.filter(|_| moved) {
            let beyond = (0..self.count()).map(|share| {
                let had = Share::permits(share, self.count(), before);
                had.saturating_sub(changed.permits(share).unwrap_or(u32::MAX))
            });
            let from = if self.overhang.permits > 0 { self.overhang.from } else { self.count() };
            let permits = self.overhang.permits + beyond.sum::<u32>();
            changed.overhang = Overhang { permits, from: from.min(self.count()) };
        }
        // A queue that nobody has set up has held nothing.
        changed.mixed |= moved && self.changed_at > Time::default();
        changed
    }

    /// When a task that is dispatched at `now` should arrive: an executor that does not know the new settings yet would hold
    /// it again.
    pub fn arrival(&self, now: Time) -> Time {
        if now < self.eased_at.after(NEW) { now.after(UNTIL_KNOWN) } else { now }
    }

    /// Whether the permits that are out show that what the earlier shares had beyond their permits has ended. `out` are the
    /// numbers of permits that are out, by share.
    pub fn has_settled(&self, out: impl Fn(u16) -> usize) -> bool {
        let Some(limit) = self.concurrency else { return true };
        (0..self.overhang.from).all(|share| out(share) <= Share::permits(share, self.count(), limit) as usize)
    }

    /// How many shares the queue has. That never falls while the limit has a permit for each, so a limit that is lowered starts
    /// nothing until what runs has ended.
    pub fn count(&self) -> u16 {
        let Some(limit) = self.concurrency else { return 1 };
        self.shares.max(1).min(u16::try_from(limit.get()).unwrap_or(u16::MAX))
    }

    /// The share that a task belongs to. A queue without a limit has one, without permits.
    pub fn share(&self, key: &TaskKey) -> u16 {
        key.shard(self.count())
    }

    /// How many permits a share of the queue's limit has: 0 if the limit has no share of this number, `None` if there is no
    /// limit.
    pub fn permits(&self, share: u16) -> Option<u32> {
        let Overhang { permits: beyond, from } = self.overhang;
        let count = self.count();
        let limit = self.concurrency?;
        let own = Share::permits(share, count, limit);
        let Some(later) = beyond.checked_div(u32::from(count.saturating_sub(from))).filter(|_| share >= from) else {
            return Some(own);
        };
        // Rounded up, so that all together leave enough.
        Some(own.saturating_sub(later + u32::from(beyond > 0)))
    }

    /// The numbers of all shares whose hold lists may have entries.
    pub fn lists(&self) -> std::ops::Range<u16> {
        0..self.shares.max(1)
    }
}

/// A task's entry in a hold list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HoldEntry {
    /// The task.
    pub id: TaskId,
    /// The generation that the record has while it is held.
    pub generation: Generation,
    /// The place in the list: the smallest is dispatched first.
    pub rank: Time,
}

/// What a dispatch does with an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dispatch {
    /// Send the task's message, then remove the entry.
    Send,
    /// Leave the entry: an executor may be about to write the record.
    Skip,
    /// Remove the entry. It holds nothing.
    Remove,
}

impl HoldEntry {
    /// The step that holds the task of this record at `now`. It keeps the time at which the task was due. An attempt that was
    /// lost keeps the time of its start.
    pub fn step(task: &Task, generation: Generation, now: Time) -> Step {
        let due = match task.state {
            State::Scheduled { due, .. } | State::Queued { due } => due,
            State::Running { .. } | State::Ended { .. } => task.started_at.unwrap_or(now),
        };
        Step::Hold { generation, now, due }
    }

    /// The entry of a held task. `None` for another task.
    pub fn of(task: &Task) -> Option<Self> {
        let State::Scheduled { due, held: true } = task.state else { return None };
        let options = &task.spec.options;
        let rank = rank(due, options.priority, options.expected_duration_ms);
        Some(HoldEntry { id: task.id, generation: task.generation, rank })
    }

    /// What a dispatch at `now` does with this entry, which was put at `put`. `task` is the record under the entry's key.
    pub fn dispatch(&self, task: Option<&Task>, put: Time, now: Time) -> Dispatch {
        match task {
            None if now.since(put) < GONE => Dispatch::Skip,
            None => Dispatch::Remove,
            Some(task) if task.id.born < self.id.born => Dispatch::Skip,
            Some(task) if task.id != self.id || task.state.name().is_ended() => Dispatch::Remove,
            Some(task) if task.generation < self.generation => Dispatch::Skip,
            Some(task) if task.generation > self.generation => Dispatch::Remove,
            Some(task) if HoldEntry::of(task).is_some() => Dispatch::Send,
            Some(_) => Dispatch::Remove,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    fn held() -> Task {
        Task { state: State::Scheduled { due: NOW, held: true }, generation: Generation(2), ..Task::example(NOW) }
    }

    #[test]
    fn only_a_held_task_of_the_entrys_generation_is_sent() {
        let entry = HoldEntry::of(&held()).unwrap();
        let of = |task: &Task| entry.dispatch(Some(task), NOW, NOW);
        assert_eq!(of(&held()), Dispatch::Send);
        assert_eq!(of(&Task { state: State::Scheduled { due: NOW, held: false }, ..held() }), Dispatch::Remove);
        assert_eq!(of(&Task { generation: Generation(3), ..held() }), Dispatch::Remove);
        assert_eq!(of(&Task { id: TaskId { born: NOW.after(GONE), ..entry.id }, ..held() }), Dispatch::Remove);
        assert_eq!(of(&Task { id: TaskId { born: NOW.before(GONE), ..entry.id }, ..held() }), Dispatch::Skip);
    }

    #[test]
    fn an_entry_whose_record_is_not_written_yet_stays() {
        let entry = HoldEntry::of(&held()).unwrap();
        let behind = Task { state: State::Queued { due: NOW }, generation: Generation(1), ..held() };
        assert_eq!(entry.dispatch(Some(&behind), NOW, NOW.after(GONE)), Dispatch::Skip);
        let ended = State::Ended { end: crate::End::Cancelled, at: NOW, retained_until: NOW };
        assert_eq!(entry.dispatch(Some(&Task { state: ended, ..behind }), NOW, NOW), Dispatch::Remove);
        assert_eq!(entry.dispatch(None, NOW, NOW), Dispatch::Skip);
        assert_eq!(entry.dispatch(None, NOW, NOW.after(GONE)), Dispatch::Remove);
    }

    #[test]
    fn a_dispatched_task_arrives_when_every_executor_knows_that_the_queue_goes_on() {
        let paused = QueueSettings { paused: true, ..QueueSettings::default() };
        let settings = paused.changed(false, None, NOW);
        assert_eq!(settings.arrival(NOW.before(UNTIL_KNOWN)), NOW, "clocks differ");
        assert!(settings.arrival(NOW).since(NOW) > SETTINGS_KEPT + Duration::from_secs(1));
        assert_eq!(settings.arrival(NOW.after(GONE)), NOW.after(GONE));
    }
}
