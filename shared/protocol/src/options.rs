//! The options that a client may set for a task.

use serde::{Deserialize, Serialize};
use taskway_strict::{
    numbers::whole,
    object,
    words::{a_key, choice, name},
};

use crate::{AllowedFunctions, AwsHosts, Priority, RetryPolicy};

/// The queue of a task whose request names none.
pub const DEFAULT_QUEUE: &str = "default";

/// The timeout of an attempt if the request has none.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 60;

/// The retention of a record if the request has none: a week.
pub const DEFAULT_RETAIN_SECONDS: u32 = 7 * 86_400;

/// How far ahead a start or a deadline may be, and how long a record may be kept: 366 days, so that any year fits.
pub const FARTHEST_SECONDS: u32 = 366 * 86_400;

/// The longest attempt: 12 hours, because SQS hides a message for no longer.
const LONGEST_DURATION_MS: u32 = 43_200_000;

/// Limits that depend on the stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The longest timeout of an attempt, in seconds.
    pub longest_timeout_seconds: u32,
    /// Whether the executor sends requests to plain `http` URLs. The executor knows for which addresses.
    pub plain_http: bool,
    /// The Lambda functions that tasks may call.
    pub functions: AllowedFunctions,
    /// The requests that tasks may have signed for AWS.
    pub aws_hosts: AwsHosts,
    /// How many faults of one request the answer lists. It only counts the rest. In a large batch each item has a lower
    /// limit, so that the whole answer is not larger than a function may return.
    pub most_errors: usize,
}

impl Default for Limits {
    /// The limits of an executor with Lambda's longest timeout, without plain `http`, Lambda functions and signed requests.
    fn default() -> Self {
        Limits {
            longest_timeout_seconds: 870,
            plain_http: false,
            functions: AllowedFunctions::NONE,
            aws_hosts: AwsHosts::NONE,
            most_errors: 100,
        }
    }
}

object! {
    default
    /// How a task is run. Requests, schedules, records and answers have the same options.
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(default)]
    pub struct TaskOptions reads (limits: &Limits) {
        /// The name of the queue.
        pub queue: Box<str> = or(DEFAULT_QUEUE.into(), name()),
        /// The lane.
        pub priority: Priority = or(Priority::default(), choice(Priority::NAMES, Priority::parse)),
        /// The timeout of an attempt, in seconds: from 1 to the longest that the stack's executor can run.
        pub timeout_seconds: u32 = or(DEFAULT_TIMEOUT_SECONDS, whole(1..=limits.longest_timeout_seconds)),
        /// The number of attempts and the waits between them.
        pub retry: RetryPolicy = object_or(RetryPolicy::default(), RetryPolicy::read, RetryPolicy::schema()),
        /// The tenant that the task belongs to. SQS serves the tenants of a lane fairly.
        pub fairness_key: Option<Box<str>> = optional(a_key()),
        /// How long the client expects an attempt to take, in milliseconds: 0 to 12 hours. The executor starts the
        /// shorter tasks of a batch first.
        pub expected_duration_ms: Option<u32> = optional(whole(0..=LONGEST_DURATION_MS)),
        /// How long the record is kept after the task's end, in seconds: 0 to 366 days.
        pub retain_seconds: u32 = or(DEFAULT_RETAIN_SECONDS, whole(0..=FARTHEST_SECONDS)),
    }
}
