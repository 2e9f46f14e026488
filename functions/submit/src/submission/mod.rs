//! What a client asks for, parsed: past this point nothing is checked again.

mod fingerprint;

use std::{collections::BTreeMap, time::Duration};

use serde_json::value::RawValue;
use taskway_protocol::{Priority, RetryPolicy, Target, Time};

pub use fingerprint::fingerprint;

/// A task to be.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The queue's name.
    pub queue: Box<str>,
    /// What is to run.
    pub target: Target,
    /// The payload's text as it was sent; none for `null`.
    pub payload: Option<Box<RawValue>>,
    /// The lane.
    pub priority: Priority,
    /// When to start.
    pub start: Start,
    /// When it is too late.
    pub deadline: Option<Time>,
    /// How long an attempt may take, in seconds.
    pub timeout_seconds: u32,
    /// When to try again.
    pub retry: RetryPolicy,
    /// The client's key, from the body or the header.
    pub idempotency_key: Option<Box<str>>,
    /// Whose task it is.
    pub fairness_key: Option<Box<str>>,
    /// How long it is taken to last, in milliseconds.
    pub expected_duration_ms: Option<u32>,
    /// How long the record is kept after the task's end, in seconds.
    pub retain_seconds: u32,
    /// Names and values to find it by.
    pub labels: BTreeMap<String, String>,
}

/// When a task is to start, as it was asked for: not yet a point in time, so that a request sent twice reads the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// At once.
    Now,
    /// After this many seconds.
    In(u32),
    /// At this time, or at once when that has passed.
    At(Time),
}

impl Start {
    /// The time that it means for a request received at `now`.
    pub fn due(self, now: Time) -> Time {
        match self {
            Start::Now => now,
            Start::In(seconds) => now.after(Duration::from_secs(seconds.into())),
            Start::At(at) => at.max(now),
        }
    }
}

/// What of a task is to change before it starts. At least one part is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// A new time to start at; one that has passed means now.
    pub run_at: Option<Time>,
    /// Another lane.
    pub priority: Option<Priority>,
    /// Another deadline, or `Some(None)` for none any more.
    pub deadline: Option<Option<Time>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_has_passed_is_now() {
        let at = Time::from_millis;
        assert_eq!(Start::Now.due(at(7)), at(7));
        assert_eq!(Start::In(2).due(at(7)), at(2_007));
        assert_eq!(Start::At(at(3)).due(at(7)), at(7));
        assert_eq!(Start::At(at(9)).due(at(7)), at(9));
    }
}
