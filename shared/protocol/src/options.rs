//! What a submitter may say of how a task is run.

use serde::{Deserialize, Serialize};
use taskway_strict::{
    numbers::whole,
    object,
    words::{choice, key, name, string},
};

use crate::{Priority, RetryPolicy};

/// The queue of a task that names none.
pub const DEFAULT_QUEUE: &str = "default";

/// An attempt may take a minute unless the task says otherwise.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 60;

/// A record is kept for a week after its task's end unless the task says otherwise.
pub const DEFAULT_RETAIN_SECONDS: u32 = 7 * 86_400;

/// The farthest ahead that a start or a deadline may be, and the longest that a record is kept: 366 days, so that a year
/// always fits.
pub const FARTHEST_SECONDS: u32 = 366 * 86_400;

/// An attempt is no longer than a message can be invisible, 12 hours.
const LONGEST_DURATION_MS: u32 = 43_200_000;

/// What depends on how the stack is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The longest timeout of an attempt, in seconds.
    pub longest_timeout_seconds: u32,
    /// Whether any address is open to plain http. The executor knows which.
    pub plain_http: bool,
    /// How many faults of one request are told, before the rest are only counted: fewer for each item of a large batch,
    /// whose answer must stay below what a function may return.
    pub most_errors: usize,
}

impl Default for Limits {
    /// An executor function with Lambda's longest timeout, and https alone.
    fn default() -> Self {
        Limits { longest_timeout_seconds: 870, plain_http: false, most_errors: 100 }
    }
}

object! {
    default
    /// How a task is run: the same in a request, in a schedule, in the record and in an answer.
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    #[serde(default)]
    pub struct TaskOptions reads (limits: &Limits) {
        /// The queue's name.
        pub queue: Box<str> = or(DEFAULT_QUEUE.into(), name),
        /// The lane.
        pub priority: Priority = or(Priority::default(), choice(Priority::NAMES, Priority::parse)),
        /// How long an attempt may take, in seconds: from 1 to what the stack's executor can run.
        pub timeout_seconds: u32 = or(DEFAULT_TIMEOUT_SECONDS, whole(1..=limits.longest_timeout_seconds)),
        /// When to try again.
        pub retry: RetryPolicy = object_or(RetryPolicy::default(), RetryPolicy::read),
        /// Tasks of one key are one tenant's: the tenants of a queue take turns.
        pub fairness_key: Option<Box<str>> = optional(|value| key(&string(value)?)),
        /// How long the submitter expects an attempt to last, in milliseconds, to 12 hours. The shortest of a batch starts
        /// first.
        pub expected_duration_ms: Option<u32> = optional(whole(0..=LONGEST_DURATION_MS)),
        /// How long the record is kept after the task's end, in seconds, to 366 days.
        pub retain_seconds: u32 = or(DEFAULT_RETAIN_SECONDS, whole(0..=FARTHEST_SECONDS)),
    }
}
