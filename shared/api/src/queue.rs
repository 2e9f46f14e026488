//! A queue as a client sets it up, and as it is answered.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use taskway_protocol::{LONGEST_PERIOD, MOST_A_SECOND, MOST_CONCURRENT, MOST_CONCURRENT_OF_KEY, MOST_TASKS};
use taskway_strict::{Check, FieldError, Fields, Schema, json::Value, numbers::whole, object, read, words::boolean};

/// A number of tasks, counted up to a thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        pub paused: Option<bool> = optional(boolean()),
        /// How many attempts of the queue run at once; `null` is as many as there are. A `PATCH` without it changes nothing,
        /// a `PUT` without it means `null`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub concurrency: Option<Option<NonZeroU32>> = nullable(from_one(MOST_CONCURRENT)),
        /// How many attempts of the queue start in a period; `null` is as many as there are. A `PATCH` without it changes
        /// nothing, a `PUT` without it means `null`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rate: Option<Option<Rate>> = object_nullable(Rate::read, Rate::schema(MOST_TASKS, MOST_TASKS)),
        /// What is set for each fairness key of the queue; `null` is nothing. A `PATCH` changes what it names, a `PUT` without it
        /// means `null`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_key: Option<Option<PerKeyRequest>> = object_nullable(PerKeyRequest::take, PerKeyRequest::schema()),
    }
}

object! {
    default
    /// What is set for each fairness key of a queue.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct PerKeyRequest reads () {
        /// How many attempts of each key run at once; `null` is as many as there are. A `PATCH` without it changes nothing, a `PUT`
        /// without it means `null`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub concurrency: Option<Option<NonZeroU32>> = nullable(from_one(MOST_CONCURRENT_OF_KEY)),
        /// How many attempts of each key start in a period; `null` is as many as there are. A `PATCH` without it changes nothing, a
        /// `PUT` without it means `null`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rate: Option<Option<Rate>> = object_nullable(Rate::read, Rate::schema(MOST_TASKS, MOST_TASKS)),
    }
}

/// What is set for each fairness key of a queue, in an answer.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PerKey {
    /// How many attempts of each key run at once. `None` is as many as there are.
    #[serde(default)]
    pub concurrency: Option<NonZeroU32>,
    /// How many attempts of each key start in a period. `None` is as many as there are.
    #[serde(default)]
    pub rate: Option<Rate>,
}

/// A fairness key that a queue holds back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldKey {
    /// The fairness key.
    pub key: Box<str>,
    /// How many of its attempts count against its limit now.
    pub running: u32,
    /// How many of its tasks wait for its limit.
    pub held: Count,
}

object! {
    /// How many attempts of a queue start in a period.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub struct Rate reads (most: u32, most_at_once: u32) {
        /// How many: 1 to 100,000, and at most 1,000 a second.
        pub tasks: NonZeroU32 = required(from_one(most)),
        /// The period, 1 to 86,400 seconds.
        pub per_seconds: NonZeroU32 = required(from_one(LONGEST_PERIOD)),
        /// How many may start at once after a time in which fewer have started: 1 to `tasks`, by default 1.
        #[serde(default = "one")]
        pub burst: NonZeroU32 = or(NonZeroU32::MIN, from_one(most_at_once)),
    }
}

impl Rate {
    /// Takes its fields, whose limits depend on each other.
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let most = fields
            .peek("per_seconds", from_one(LONGEST_PERIOD).judge)
            .map_or(MOST_TASKS, |seconds| seconds.get().saturating_mul(MOST_A_SECOND).min(MOST_TASKS));
        let most_at_once = fields.peek("tasks", from_one(most).judge).map_or(MOST_TASKS, NonZeroU32::get);
        Rate::take(fields, most, most_at_once)
    }
}

impl From<Rate> for taskway_protocol::Rate {
    fn from(Rate { tasks, per_seconds, burst }: Rate) -> Self {
        taskway_protocol::Rate { tasks, per_seconds, burst }
    }
}

impl From<taskway_protocol::Rate> for Rate {
    fn from(taskway_protocol::Rate { tasks, per_seconds, burst }: taskway_protocol::Rate) -> Self {
        Rate { tasks, per_seconds, burst }
    }
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// A whole number from 1 to `most`.
fn from_one(most: u32) -> Check<impl Fn(Value<'_>) -> Result<NonZeroU32, String>, impl Fn() -> Schema> {
    let Check { judge, schema } = whole(1..=most);
    Check::new(move |value: Value<'_>| judge(value).map(|n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)), schema)
}

impl QueueRequest {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(body: Value<'_>, most_errors: usize) -> Result<Self, Vec<FieldError>> {
        read(body, most_errors, QueueRequest::take)
    }
}

/// A queue in an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Queue {
    /// Its name.
    pub name: Box<str>,
    /// Whether no task of it starts.
    pub paused: bool,
    /// How many attempts of it run at once. `None` is as many as there are.
    #[serde(default)]
    pub concurrency: Option<NonZeroU32>,
    /// How many attempts of it start in a period. `None` is as many as there are.
    #[serde(default)]
    pub rate: Option<Rate>,
    /// What is set for each of its fairness keys.
    #[serde(default)]
    pub per_key: PerKey,
    /// How many attempts count against the limit of `concurrency` now: those that run, and those that are about to. A queue without a limit
    /// does not count them, and lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<u32>,
    /// How many tasks it holds back. Tasks that were cancelled or moved since may be among them. Lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Count>,
    /// Up to ten fairness keys that hold back most, of a hundred that were looked at. A queue whose keys never had a limit has none,
    /// and lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<HeldKey>>,
    /// How many of its tasks ended as failed. Lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Count>,
}

/// A page of queues, the one whose first task was made last first: `GET /v1/queues`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QueueList {
    /// The queues that have tasks or settings.
    pub queues: Vec<Queue>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}
