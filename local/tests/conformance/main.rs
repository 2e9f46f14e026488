//! What Taskway relies on of SQS, as AWS documents it, said to an endpoint by the AWS SDK: to our own, under a clock that
//! stands still until a test moves it; or where `TASKWAY_REFEREE` names another endpoint (`http://127.0.0.1:4566`) to
//! that one, in real time. So the embedded queues cannot drift into what only our own code believes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what cannot be had fails the test that wanted it")]

mod batches;
mod deviations;
mod endpoint;
mod lanes;
mod messages;
mod receipts;
mod redrive;
mod waiting;
