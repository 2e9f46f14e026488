#![doc = include_str!("../README.md")]

#[cfg(feature = "aws")]
pub mod aws;
pub mod target;
pub mod webhooks;

mod answer;
mod auth;
mod batch;
mod builder;
mod call;
mod callback;
mod client;
mod error;
mod filter;
mod json;
mod new_schedule;
mod new_task;
mod pages;
mod patience;
mod queues;
mod random;
mod refusal;
mod schedules;
mod tasks;
mod times;
mod uploads;
mod wire;

pub use answer::Answer;
pub use auth::{Auth, Sender, Sign, SignError, Signature, Signed, Unsigned};
pub use batch::Submitted;
pub use builder::{Builder, DEFAULT_URL};
pub use call::{Call, Repeat};
pub use callback::Callback;
pub use client::Client;
pub use error::{Error, Misuse, NotAnswered};
pub use filter::{Filter, Selection};
pub use new_schedule::NewSchedule;
pub use new_task::NewTask;
pub use pages::{Listed, Pages};
pub use patience::Patience;
pub use refusal::Refusal;
pub use taskway_api::{
    BulkResult, CallbackRequest, Count, HeldKey, Instant, Lanes, Messages, PastAttempt, PerKey, PerKeyRequest, Problem,
    Progress, Queue, QueueRequest, Rate, Schedule, ScheduleRequest, ScheduleSettings, ScheduleTask, ScheduledRun,
    Stats, Task, TaskChange, TaskError, TaskRequest, instant::Malformed,
};
pub use taskway_protocol::{
    HttpAuth, HttpTarget, Invocation, Keep, LambdaTarget, Priority, RetryPolicy, Target,
    schedule::{Misfire, Overlap},
};
pub use taskway_strict::{FieldError, Place};
