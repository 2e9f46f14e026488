//! A task's first record and first message: how it enters the table, whoever submits it.

use std::time::Duration;

use crate::{
    body,
    domain::{Fence, Generation, LONGEST_MESSAGE_DELAY, Spec, State, Stored, Task, TaskId, Time, Wait},
    dynamo::room,
    sqs::{Message, Outgoing},
};

/// Space that a record keeps for what its life adds: owner, lease, agenda entry, an error or a small result. With it
/// every later write costs one unit.
const LIFE: usize = 420;

/// How far ahead a task can be put.
const FARTHEST: Duration = Duration::from_secs(366 * 86_400);

/// A task that is about to be written.
#[derive(Clone, Debug)]
pub struct First {
    /// Its first record.
    pub task: Task,
    /// Its body's text, which the record holds or names.
    pub text: Box<str>,
}

impl First {
    /// The task of this id that is to run at `spec.run_at`, as it stands at `now`. `spec` has its body inline; where that
    /// would make the record dear, it becomes an item of its own.
    pub fn of(id: TaskId, spec: Spec, text: Box<str>, now: Time) -> Self {
        let due = spec.run_at;
        let state = if due.since(now) <= LONGEST_MESSAGE_DELAY {
            State::Queued { due }
        } else {
            State::Scheduled { due, wait: Wait::Due }
        };
        let mut task = Task {
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
        if room(&task) < LIFE {
            task.spec.body = Stored::Aside(body::digest(text.as_bytes()));
        }
        First { task, text }
    }

    /// How long the body's own item is kept. Fixed now, so that it is never written again: as long as the task can wait
    /// and be kept after that.
    pub fn keep_body_until(&self) -> Time {
        let spec = &self.task.spec;
        spec.run_at.after(FARTHEST).after(Duration::from_secs(u64::from(spec.retain_seconds)))
    }

    /// Its first message; none when it waits in the agenda.
    pub fn message(&self) -> Option<Outgoing> {
        match self.task.state {
            State::Queued { due } => Some(Outgoing {
                lane: self.task.spec.priority,
                message: Message::of(&self.task, due).carrying(&self.task.spec.body, &self.text),
                fairness_key: self.task.spec.fairness_key.clone(),
            }),
            State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => None,
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
