//! The behaviour of SQS that Taskway relies on, as AWS documents it.
//!
//! The tests use the AWS SDK. They run against the embedded endpoint, with a clock that stands still until a test moves it.
//! If `TASKWAY_REFEREE` has the URL of another endpoint (`http://127.0.0.1:4566`), they run against that one, in real time.
//! So a mistake in the embedded queues cannot stay unnoticed because our own code shares it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed call fails the test")]

mod batches;
mod deviations;
mod endpoint;
mod lanes;
mod messages;
mod receipts;
mod redrive;
mod waiting;
