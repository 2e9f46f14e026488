//! A queue as a client sets it up, and as it is answered.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use taskway_protocol::MOST_CONCURRENT;
use taskway_strict::{FieldError, json::Value, numbers::whole, object, read, words::boolean};

/// A number of tasks, counted up to a thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Count {
    /// So many.
    Exactly(u32),
    /// So many or more.
    AtLeast {
        /// The number that was counted.
        at_least: u32,
    },
}

object! {
    default
    /// What is set for a queue: `PUT` and `PATCH /v1/queues/{name}`.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct QueueRequest reads () {
        /// No task of the queue starts. A `PATCH` without it changes nothing, a `PUT` without it means `false`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub paused: Option<bool> = optional(boolean),
        /// How many attempts of the queue run at once; `null` is as many as there are. A `PATCH` without it changes nothing,
        /// a `PUT` without it means `null`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub concurrency: Option<Option<NonZeroU32>> = nullable(concurrency),
    }
}

impl QueueRequest {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(body: Value<'_>, most_errors: usize) -> Result<Self, Vec<FieldError>> {
        read(body, most_errors, |fields| QueueRequest::take(fields))
    }
}

fn concurrency(value: Value<'_>) -> Result<NonZeroU32, String> {
    whole(1..=MOST_CONCURRENT)(value).map(|limit| NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN))
}

/// A queue in an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// Its name.
    pub name: Box<str>,
    /// Whether no task of it starts.
    pub paused: bool,
    /// How many attempts of it run at once. `None` is as many as there are.
    #[serde(default)]
    pub concurrency: Option<NonZeroU32>,
    /// How many attempts count against that limit now: those that run, and those that are about to. A queue without a limit
    /// does not count them, and lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<u32>,
    /// How many tasks it holds back. Tasks that were cancelled or moved since may be among them. Lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Count>,
    /// How many of its tasks ended as failed. Lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Count>,
}

/// A page of queues, the one whose first task was made last first: `GET /v1/queues`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueueList {
    /// The queues that have tasks or settings.
    pub queues: Vec<Queue>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}
