//! A task's first record and first message.

use std::{fmt, time::Duration};

use crate::{
    Digest, FARTHEST_SECONDS, Fence, Generation, LONGEST_MESSAGE_DELAY, Spec, State, Stored, Task, TaskId, Time,
    credential::Hidden, message::Outgoing,
};

/// A task whose first record is not yet written. Debug output does not show the text.
#[derive(Clone)]
pub struct NewTask {
    /// The first record.
    pub task: Task,
    /// The text of the content. The record holds it, or holds its digest.
    pub text: Box<str>,
}

impl fmt::Debug for NewTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTask").field("task", &self.task).field("text", &Hidden(&self.text)).finish()
    }
}

impl NewTask {
    /// The task with this id that starts at `spec.run_at`, as its first record stands at `now`. The record holds
    /// `text`.
    pub fn of(id: TaskId, spec: Spec, text: Box<str>, now: Time) -> Self {
        let due = spec.run_at;
        let state = if due.since(now) <= LONGEST_MESSAGE_DELAY {
            State::Queued { due }
        } else {
            State::Scheduled { due, held: false }
        };
        let task = Task {
            id,
            spec: Spec { body: Stored::Inline(text.clone()), ..spec },
            state,
            generation: Generation::FIRST,
            fence: Fence::NONE,
            attempts: 0,
            given_back: 0,
            started_at: None,
            progress: None,
            checkpoint: None,
            result: None,
            error: None,
            past: Vec::new(),
            children: Vec::new(),
        };
        NewTask { task, text }
    }

    /// The same task with its content in a separate item. The record holds the digest.
    #[must_use]
    pub fn with_text_apart(mut self) -> Self {
        self.task.spec.body = Stored::TextPart(Digest::of(self.text.as_bytes()));
        self
    }

    /// Until when the separate item is kept. It allows for the longest possible wait and retention of the task, so the
    /// item is written once and never extended.
    pub fn keep_text_until(&self) -> Time {
        let spec = &self.task.spec;
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        spec.run_at.after(seconds(FARTHEST_SECONDS)).after(seconds(spec.options.retain_seconds))
    }

    /// The first message. `None` if the task waits in the agenda.
    pub fn message(&self) -> Option<Outgoing> {
        match (&self.task.state, &self.task.spec.body) {
            (State::Queued { due }, Stored::Inline(_)) => Some(Outgoing::of(&self.task, *due)),
            (State::Queued { due }, Stored::TextPart(_)) => {
                Some(Outgoing::of(&self.task, *due).with_content(Some(self.text.clone())))
            }
            (State::Queued { due }, Stored::Object(_)) => Some(Outgoing::of(&self.task, *due)),
            (State::Scheduled { .. } | State::Running { .. } | State::Ended { .. }, _) => None,
        }
    }
}

/// The due time of a task that depends on its first message alone. `None` if an executor has claimed the task, or if a
/// step has put it into the agenda.
pub fn unclaimed(task: &Task) -> Option<Time> {
    match task.state {
        State::Queued { due } if task.fence == Fence::NONE && task.generation == Generation::FIRST => Some(due),
        State::Queued { .. } | State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => None,
    }
}
