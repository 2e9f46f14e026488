//! The record of one task.

use std::fmt;

use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::{
    Callbacks, Digest, Fence, Generation, Object, PastAttempt, Route, State, StateName, TaskId, TaskOptions, Time,
    credential::Hidden,
};

/// The record of a task.
#[derive(Clone, PartialEq, Debug)]
pub struct Task {
    /// The key and the birth.
    pub id: TaskId,
    /// What the client asked for.
    pub spec: Spec,
    /// The state, with the data that belongs to it.
    pub state: State,
    /// Tells the current message from stale ones.
    pub generation: Generation,
    /// Tells the current attempt from earlier ones.
    pub fence: Fence,
    /// How many claims count against [`RetryPolicy::max_attempts`].
    pub attempts: u32,
    /// How many times in a row executors that stopped have given the task back. See [`may_be_given_back`].
    ///
    /// [`may_be_given_back`]: Task::may_be_given_back
    pub given_back: u32,
    /// When the latest attempt began.
    pub started_at: Option<Time>,
    /// The progress that the latest attempt reported.
    pub progress: Option<Progress>,
    /// What an attempt left for the next one: a JSON text.
    pub checkpoint: Option<Stored>,
    /// The result of a task that succeeded: a JSON text.
    pub result: Option<Stored>,
    /// Why the latest failed attempt failed.
    pub error: Option<AttemptError>,
    /// Attempts that failed and that another followed, the latest last. What the record has no room for is left out.
    pub past: Vec<PastAttempt>,
    /// The callbacks of its ends, the latest last.
    pub children: Vec<TaskId>,
}

/// What the client asked for. Only `priority`, `run_at` and `deadline` can change later, and only before the task
/// starts. A client that submits its idempotency key again with `replace` changes all of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Spec {
    /// How the task is run.
    pub options: TaskOptions,
    /// The part of the target that the record holds.
    pub route: Route,
    /// The text of the task's [content](crate::content::TaskContent).
    pub body: Stored,
    /// The start that the client asked for.
    pub run_at: Time,
    /// No attempt starts or goes on after this time.
    pub deadline: Option<Time>,
    /// The client's idempotency key, if the request had one.
    pub idempotency: Option<Idempotency>,
    /// Which ends a callback follows. The content says what it is.
    pub callbacks: Callbacks,
}

/// An idempotency key, and a fingerprint of the request that used it.
#[derive(Clone, PartialEq, Debug)]
pub struct Idempotency {
    /// The client's key: 1 to 128 visible ASCII characters.
    pub key: Box<str>,
    /// The digest of the parsed request. The API refuses another request with the same key.
    pub fingerprint: Digest,
}

/// A JSON text. A small one is stored in the record, a larger one in a separate item, and one that is too large for the
/// table in the bucket. Debug output does not show the text,
/// which may hold credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum Stored {
    /// The text itself.
    Inline(Box<str>),
    /// The digest of the text, which names its item.
    TextPart(Digest),
    /// The object in the bucket.
    Object(Box<Object>),
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stored::Inline(text) => f.debug_tuple("Inline").field(&Hidden(text)).finish(),
            Stored::TextPart(digest) => f.debug_tuple("TextPart").field(digest).finish(),
            Stored::Object(object) => f.debug_tuple("Object").field(object).finish(),
        }
    }
}

/// How far an attempt has come.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Progress {
    /// How many units of work are done.
    pub done: u64,
    /// How many units of work there are.
    pub total: u64,
    /// When the attempt reported this.
    pub at: Time,
}

/// Why an attempt failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptError {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// A description for people. Its length is limited, so that the record stays small.
    pub message: Box<str>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// When the attempt failed.
    pub at: Time,
}

/// The kinds of failure that clients can tell apart.
///
/// The names in the API and in the table are the variants' in snake case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum ErrorKind {
    /// The handler returned an error.
    Handler,
    /// The executor has no handler with this name.
    UnknownHandler,
    /// The handler does not accept the payload.
    Payload,
    /// The attempt ran longer than its timeout.
    Timeout,
    /// The handler panicked.
    Panic,
    /// The last attempt ended without reporting a result.
    Lost,
    /// The HTTP target failed.
    Http,
    /// The Lambda function failed, or could not be called.
    Lambda,
    /// The task's deadline passed during the attempt.
    Deadline,
}

impl ErrorKind {
    /// The name of every kind.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// How many times in a row a task is given back without counting an attempt.
///
/// A deployment may stop one worker after another, and each may have the task for a moment: so the number is that of a
/// large fleet. But a task must not run for ever because its worker restarts for ever, perhaps because of the task itself.
pub const MOST_GIVEN_BACK: u32 = 20;

impl Task {
    /// Whether an executor that stops may give the task back without counting the attempt. If not, the attempt counts as
    /// one that ran for too long.
    pub const fn may_be_given_back(&self) -> bool {
        self.given_back < MOST_GIVEN_BACK
    }

    /// The state that clients see. A task past its deadline that no attempt holds reads as expired at once. The record
    /// is written later.
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

    /// Whether the retention of the record is over. DynamoDB may not have deleted it yet.
    pub fn is_forgotten(&self, now: Time) -> bool {
        matches!(self.state, State::Ended { retained_until, .. } if retained_until <= now)
    }

    /// Until when the record is kept if the task ends at `end`. In whole seconds, because DynamoDB's TTL has this unit.
    pub fn retained_until(&self, end: Time) -> Time {
        let ms = end.as_millis() + u64::from(self.spec.options.retain_seconds) * 1000;
        Time::from_millis(ms.div_ceil(1000) * 1000)
    }
}
