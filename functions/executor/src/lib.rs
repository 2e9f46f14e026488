//! The executor: claims tasks and runs them.
//!
//! One piece of code takes a message to its end ([`Executor::deliver`]). Two things bring it messages: Lambda's event
//! source mapping ([`batch`]) and the long-running [`worker`].

pub mod batch;
pub mod config;
pub mod handlers;
pub mod targets;
pub mod worker;

mod acks;
mod attempt;
mod delivery;
mod executor;
mod heartbeat;
mod outcome;
mod start;

pub use delivery::{Delivery, Disposition, Readable};
pub use executor::Executor;
pub use start::main;
