//! Holding tasks back while their queue is paused, or while as many of its tasks run as its limit allows.
//!
//! A queue has a hold list in the table; a queue with a large limit has one for each [`Share`](crate::Share). An executor
//! that may not start a task reads the record, puts an entry into the list, writes [`Step::Hold`](crate::Step::Hold), and
//! deletes the message. When the queue goes on, a dispatch sends the listed tasks again, in the order of their
//! [`rank`](crate::rank), and removes their entries. In a limited queue it takes a [`Permit`](crate::Permit) for each.
//!
//! The entry comes before the record's step. So a held record has an entry, or its message was sent.

use std::time::Duration;

use crate::{Generation, State, Step, Task, TaskId, Time, rank};

/// The age from which an entry without a record is of no use: the executor that put it has ended, and so has the submit
/// function that could have written the record.
const GONE: Duration = Duration::from_secs(3600);

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
        Step::Hold { generation, now, due, fence: task.fence }
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
        let ended = State::Ended { end: crate::End::Cancelled, at: NOW, retained_until: NOW, owes: false };
        assert_eq!(entry.dispatch(Some(&Task { state: ended, ..behind }), NOW, NOW), Dispatch::Remove);
        assert_eq!(entry.dispatch(None, NOW, NOW), Dispatch::Skip);
        assert_eq!(entry.dispatch(None, NOW, NOW.after(GONE)), Dispatch::Remove);
    }
}
