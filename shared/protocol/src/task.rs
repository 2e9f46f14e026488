//! The record of one task.

use std::ops::Deref;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{Digest, Fence, Generation, Route, State, StateName, TaskId, TaskOptions, Time};

/// Everything that is known of a task.
#[derive(Clone, PartialEq, Debug)]
pub struct Task {
    /// Its key and birth.
    pub id: TaskId,
    /// What was asked for.
    pub spec: Spec,
    /// Where it stands.
    pub state: State,
    /// How often it entered the agenda.
    pub generation: Generation,
    /// How often it was claimed.
    pub fence: Fence,
    /// Claims that count against the policy's limit.
    pub attempts: u32,
    /// When the latest attempt began.
    pub started_at: Option<Time>,
    /// What the latest attempt told of itself.
    pub progress: Option<Progress>,
    /// What an attempt left for the next one: a JSON text.
    pub checkpoint: Option<Stored>,
    /// A succeeded task's result: a JSON text.
    pub result: Option<Stored>,
    /// Why the latest failed attempt failed.
    pub error: Option<AttemptError>,
}

/// What was asked for. Only `priority`, `run_at` and `deadline` can be changed later, before the task starts.
#[derive(Clone, PartialEq, Debug)]
pub struct Spec {
    /// How it is run.
    pub options: TaskOptions,
    /// What runs it, as far as the record says.
    pub route: Route,
    /// Target, payload, labels and the like: a JSON text that the domain does not look into.
    pub body: Stored,
    /// The time that was asked for.
    pub run_at: Time,
    /// When it is too late.
    pub deadline: Option<Time>,
    /// What a client calls this task, so that it is submitted once.
    pub idempotency: Option<Idempotency>,
}

impl Deref for Spec {
    type Target = TaskOptions;

    fn deref(&self) -> &TaskOptions {
        &self.options
    }
}

/// An idempotency key and what was asked for under it.
#[derive(Clone, PartialEq, Debug)]
pub struct Idempotency {
    /// The client's key, 1 to 128 visible ASCII characters.
    pub key: Box<str>,
    /// Of the parsed request: another body under the same key is an error.
    pub fingerprint: Digest,
}

/// A JSON text, in the record where it is small, in an item of its own where it is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stored {
    /// The text itself.
    Inline(Box<str>),
    /// The digest of the text, which names its item.
    TextPart(Digest),
}

/// How far an attempt has come.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Progress {
    /// Units done.
    pub done: u64,
    /// Units in all.
    pub total: u64,
    /// When this was said.
    pub at: Time,
}

/// Why an attempt failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptError {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// For a person to read; bounded so that the record stays small.
    pub message: Box<str>,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When.
    pub at: Time,
}

/// The kinds of failure that clients can tell apart.
///
/// Its names in the API and in the table are the variants' in snake case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ErrorKind {
    /// The handler said so.
    Handler,
    /// No handler has this name.
    UnknownHandler,
    /// The payload is not what the handler takes.
    Payload,
    /// The attempt ran longer than it may.
    Timeout,
    /// The handler panicked.
    Panic,
    /// Attempts ended without a word until none was left.
    Lost,
    /// The HTTP target failed.
    Http,
    /// The task's deadline cut the attempt.
    Deadline,
}

impl ErrorKind {
    /// The name that clients see.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Task {
    /// The state as clients see it: past its deadline a task that no attempt holds reads as expired at once, though
    /// the write follows later.
    pub fn state_at(&self, now: Time) -> StateName {
        let late = self.spec.deadline.is_some_and(|deadline| deadline <= now);
        match &self.state {
            State::Scheduled { .. } | State::Queued { .. } if late => StateName::Expired,
            State::Running { .. } if late && self.state.live_lease(now).is_none() => StateName::Expired,
            state @ (State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } | State::Ended { .. }) => {
                state.name()
            }
        }
    }

    /// Whether the record has outlived its retention and is only not swept yet.
    pub fn is_forgotten(&self, now: Time) -> bool {
        matches!(self.state, State::Ended { retained_until, .. } if retained_until <= now)
    }

    /// Until when the record is kept if the task ends at `end`: whole seconds, as the table's clean-up works in them.
    pub fn retained_until(&self, end: Time) -> Time {
        let ms = end.as_millis() + u64::from(self.spec.retain_seconds) * 1000;
        Time::from_millis(ms.div_ceil(1000) * 1000)
    }
}
