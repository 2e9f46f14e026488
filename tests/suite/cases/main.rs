//! Tests of the whole system. They are one binary, because linking the AWS SDK takes long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

mod audit;
mod batch;
mod bulk;
mod cancel;
mod change;
mod crash;
mod credentials;
mod cron;
mod dead;
mod deadline;
mod delivery;
mod forged;
mod gateway;
mod handler;
mod heartbeat;
mod held;
mod herd;
mod hooks;
mod http;
mod job;
mod key;
mod lag;
mod limits;
mod list;
mod outage;
mod pause;
mod permissions;
mod poison;
mod precision;
mod purge;
mod rates;
mod refusal;
mod retention;
mod retry;
mod schedule;
mod schedulers;
mod shards;
mod skew;
mod stats;
mod stop;
mod together;
mod wait;
mod warm;
mod zombie;
