//! A queue as a client sets it up, and as it is answered.

use serde::{Deserialize, Serialize};
use taskway_strict::{FieldError, json::Value, object, read, words::boolean};

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

/// A queue in an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// Its name.
    pub name: Box<str>,
    /// Whether no task of it starts.
    pub paused: bool,
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
