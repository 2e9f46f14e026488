//! The executor: it claims tasks, runs them and writes down how they ended.
//!
//! [`Executor::deliver`] takes one message to its end. Messages come from Lambda's event source mapping ([`batch`]) or from
//! a long-running process that polls the lanes itself ([`worker`]). An executor binary calls [`main`] or [`main_with`],
//! which choose between the two.

#![cfg_attr(not(test), warn(clippy::large_futures))]

pub mod batch;
pub mod config;
pub mod handlers;
pub mod targets;
pub mod worker;

mod acks;
mod admit;
mod attempt;
mod claim;
mod delivery;
mod durations;
mod executor;
mod heartbeat;
mod large_payload;
mod outcome;
mod pace;
mod pass_on;
mod programs;
mod start;

pub use delivery::{Delivery, Disposition, Readable};
pub use executor::Executor;
pub use start::{main, main_with};
