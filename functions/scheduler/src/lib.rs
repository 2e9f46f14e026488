//! The scheduler: what time alone makes happen.
//!
//! A [`tick`](Scheduler::tick) sends what falls due, settles attempts whose lease ran out, and empties the dead-letter
//! queue; the audit looks for what none of these sees. Any number of ticks may run at once: each write is conditional, and a message that is sent twice dies at its
//! claim.

mod audit;
mod config;
mod dead_letters;
pub mod metrics;
mod promote;
mod rescue;
mod schedules;
mod shards;
mod tick;

pub use audit::Auditing;
pub use config::Config;
pub use shards::Known;
pub use tick::{Report, Scheduler, TIMEOUT, budget};
