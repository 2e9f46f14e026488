//! How much is in a stack, as it is answered.

use serde::{Deserialize, Serialize};

use crate::{Count, Instant};

/// What `GET /v1/stats` answers. SQS's numbers are approximate, and the table's may be seconds old.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stats {
    /// The messages of each lane.
    pub lanes: Lanes,
    /// The messages of the dead-letter queue, which the next tick settles.
    pub dead_letters: Messages,
    /// Tasks that are past their time and that no tick has sent yet.
    pub due_backlog: Count,
    /// How long the latest of those is past its time, in seconds; 0 if there is none.
    pub promotion_lag_seconds: f64,
    /// Messages that cannot be read and whose copy waits for a person.
    pub unreadable: Count,
    /// The programs whose executors have announced their handlers within the last week, the one seen last at the top. Executors
    /// with the same handlers are one program.
    #[serde(default)]
    pub programs: Vec<Program>,
    /// How many tasks ended in each minute of the last hour, the oldest first. Minutes in which none ended are left out. The
    /// counts are approximate, and the latest minute's grow: each process tells its own once in 15 s or in a minute.
    #[serde(default)]
    pub ended: Vec<EndedMinute>,
    /// What AWS bills for the calls that Taskway's processes made in each month, the latest first. They are told late: each process
    /// tells its own once in five minutes. Lambda's own receives and deletes at SQS, storage and Lambda's time are not among them.
    #[serde(default)]
    pub usage: Vec<MonthOfUsage>,
}

/// What AWS bills for the calls of a month.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthOfUsage {
    /// The month, in UTC: `2026-11`.
    pub month: String,
    /// Write units of DynamoDB, for the table and its indexes.
    pub write_units: u64,
    /// Read units of DynamoDB.
    pub read_units: f64,
    /// Requests to SQS.
    pub sqs_requests: u64,
}

/// How many tasks ended in a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndedMinute {
    /// When the minute began.
    pub at: Instant,
    /// Those that succeeded.
    pub succeeded: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// Those whose deadline passed.
    pub expired: u64,
}

/// The executors that have the same handlers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Program {
    /// The names of its handlers, in order.
    pub handlers: Vec<Box<str>>,
    /// Whether an executor has announced them within the last two minutes. Tasks of these handlers then wait for it.
    pub running: bool,
    /// When an executor first announced them.
    pub first_seen_at: Instant,
    /// When one last did. A running worker does so every 30 seconds, a function with its batches.
    pub last_seen_at: Instant,
}

/// The messages of each lane.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lanes {
    /// Of lane `high`.
    pub high: Messages,
    /// Of lane `normal`.
    pub normal: Messages,
    /// Of lane `low`.
    pub low: Messages,
}

/// How many messages are in a queue of SQS.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Messages {
    /// Those that wait for an executor.
    pub waiting: u64,
    /// Those that an executor has.
    pub in_flight: u64,
    /// Those whose time has not come.
    pub delayed: u64,
}
