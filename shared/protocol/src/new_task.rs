//! A task's first record and first message.

use std::time::Duration;

use crate::{
    Digest, Fence, Generation, LONGEST_MESSAGE_DELAY, Spec, State, Stored, Task, TaskId, Time, message::Outgoing,
};

/// The farthest ahead that a task can start: 366 days.
const FARTHEST: Duration = Duration::from_secs(366 * 86_400);

/// A task that is about to be written for the first time.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its first record.
    pub task: Task,
    /// The text of its content, which the record holds or names.
    pub text: Box<str>,
}

impl NewTask {
    /// The task with this id, to start at `spec.run_at`, as its record stands at `now`. The record holds `text`.
    pub fn of(id: TaskId, spec: Spec, text: Box<str>, now: Time) -> Self {
        let due = spec.run_at;
        let state =
            if due.since(now) <= LONGEST_MESSAGE_DELAY { State::Queued { due } } else { State::Scheduled { due } };
        let task = Task {
            id,
            spec: Spec { body: Stored::Inline(text.clone()), ..spec },
            state,
            generation: Generation::FIRST,
            fence: Fence::NONE,
            attempts: 0,
            started_at: None,
            progress: None,
            checkpoint: None,
            result: None,
            error: None,
        };
        NewTask { task, text }
    }

    /// The same task with its content in an item of its own, which the record names.
    #[must_use]
    pub fn with_text_apart(mut self) -> Self {
        self.task.spec.body = Stored::TextPart(Digest::of(self.text.as_bytes()));
        self
    }

    /// Until when the content's own item is kept: the longest that the task can wait and be retained. It is decided at
    /// the submit, so the item is written once.
    pub fn keep_text_until(&self) -> Time {
        let spec = &self.task.spec;
        spec.run_at.after(FARTHEST).after(Duration::from_secs(u64::from(spec.retain_seconds)))
    }

    /// Its first message; none when it waits in the agenda.
    pub fn message(&self) -> Option<Outgoing> {
        match (&self.task.state, &self.task.spec.body) {
            (State::Queued { due }, Stored::Inline(_)) => Some(Outgoing::of(&self.task, *due)),
            (State::Queued { due }, Stored::TextPart(_)) => {
                Some(Outgoing::of(&self.task, *due).with_content(Some(self.text.clone())))
            }
            (State::Scheduled { .. } | State::Running { .. } | State::Ended { .. }, _) => None,
        }
    }
}

/// When a task is due that relies on its first message: nobody has claimed it, and it was never sent again.
pub fn unclaimed(task: &Task) -> Option<Time> {
    match task.state {
        State::Queued { due } if task.fence == Fence::NONE && task.generation == Generation::FIRST => Some(due),
        State::Queued { .. } | State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => None,
    }
}
