//! Answers about many.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{Problem, Schedule, Task};

/// A page of tasks, the newest first: `GET /v1/tasks`, `GET /v1/dead`. `T` is a task, or its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "TaskList"))]
pub struct TaskList<T = Task> {
    /// The tasks, without payload and result. A page may be short or empty while there is a cursor.
    pub tasks: Vec<T>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// A page of schedules, the one that was put last first: `GET /v1/schedules`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScheduleList {
    /// The schedules, without their payloads.
    pub schedules: Vec<Schedule>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// What came of a change of many: `POST /v1/tasks/cancel`, `POST /v1/dead/redrive`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkResult {
    /// Tasks that the filters found.
    pub matched: usize,
    /// Tasks that were changed: others changed meanwhile.
    pub done: usize,
    /// Where the next call goes on, if there is more.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// What came of a batch, in its order: `POST /v1/tasks/batch`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchResults {
    /// One for each task.
    pub results: Vec<BatchItem>,
}

/// What came of one task of a batch.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum BatchItem {
    /// It is accepted.
    Accepted {
        /// 202, or 200 for one that was accepted before under the same key.
        status: u16,
        /// The task, without its payload.
        task: Box<Task>,
    },
    /// It is refused.
    Refused {
        /// The problem's status.
        status: u16,
        /// Why.
        problem: Box<Problem>,
    },
}

impl<'de> Deserialize<'de> for BatchItem {
    /// By the members that it has. Serde's own reading of such an enum keeps no JSON text, and a task has some.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Item {
            status: u16,
            task: Option<Box<Task>>,
            problem: Option<Box<Problem>>,
        }
        match Item::deserialize(from)? {
            Item { status, task: Some(task), .. } => Ok(BatchItem::Accepted { status, task }),
            Item { status, problem: Some(problem), .. } => Ok(BatchItem::Refused { status, problem }),
            Item { .. } => Err(D::Error::custom("an item of a batch has a task or a problem")),
        }
    }
}
