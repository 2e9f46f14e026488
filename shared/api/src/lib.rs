//! What clients of the API send and get. Each field is declared once, with its documentation, limits and default; submit
//! reads requests and writes answers by these types, and the Rust client, `taskway-client`, does the reverse.
//!
//! A request is read whole: [`TaskRequest::read`], [`ScheduleRequest::read`] and [`TaskChange::read`] find every fault at
//! once.

pub mod instant;

mod bulk;
mod callback;
mod change;
mod fingerprint;
mod http_target;
mod key;
mod limits;
mod lists;
mod media;
mod payload;
mod problem;
mod queue;
mod request;
mod schedule;
mod stats;
mod target;
mod task;
mod times;
mod upload;
mod url;

#[cfg(test)]
mod tests;

pub use bulk::{BulkRequest, MOST_TASKS};
pub use callback::CallbackRequest;
pub use change::TaskChange;
pub use fingerprint::fingerprint;
pub use instant::Instant;
pub use limits::{
    LONGEST_BATCH_BODY, LONGEST_BULK_BODY, LONGEST_CHANGE_BODY, LONGEST_TASK_BODY, LONGEST_WAIT, MOST_NAMES,
    MOST_OF_A_BATCH, PAGE,
};
pub use lists::{BatchItem, BatchResults, BulkResult, ScheduleList, TaskList};
pub use payload::LONGEST_PAYLOAD;
pub use problem::Problem;
pub use queue::{Count, HeldKey, PerKey, PerKeyRequest, Queue, QueueList, QueueRequest, Rate};
pub use request::{LONGEST_LABEL, LONGEST_LABEL_NAME, Late, MOST_LABELS, Start, TaskRequest, labels, labels_schema};
pub use schedule::{Schedule, ScheduleRequest, ScheduleSettings, ScheduleTask, ScheduledRun, schedule_schema};
pub use stats::{EndedMinute, Lanes, Messages, MonthOfUsage, Program, Stats};
pub use task::{PastAttempt, Progress, Task, TaskError};
pub use times::{deadline_fault, not_after};
pub use upload::{Upload, UploadCall, UploadRequest};
