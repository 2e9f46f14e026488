//! The tests of the whole: one binary, since each links the AWS SDK.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what cannot be had fails the test that wanted it")]

mod audit;
mod batch;
mod cancel;
mod change;
mod crash;
mod deadline;
mod delivery;
mod handler;
mod heartbeat;
mod http;
mod job;
mod key;
mod lag;
mod outage;
mod permissions;
mod poison;
mod precision;
mod refusal;
mod retention;
mod retry;
mod schedule;
mod schedulers;
mod skew;
mod wait;
mod warm;
mod zombie;
