//! The scheduler: what time alone makes happen.
//!
//! A [`tick`](Scheduler::tick) sends what falls due, settles attempts whose lease ran out, and empties the dead-letter
//! queue; the audit looks for what none of these sees. Any number of ticks may run at once: each write is conditional, and a message that is sent twice dies at its
//! claim.

mod audit;
mod config;
mod dead_letters;
mod invoke;
pub mod metrics;
mod promote;
mod rescue;
mod schedules;
mod shards;
mod succession;
mod sweep;
mod tick;
mod trigger;

pub use audit::Auditing;
pub use config::Config;
pub use invoke::SelfInvocation;
pub use promote::Pace;
pub use shards::Known;
pub use succession::{MOST_HOPS, NotTakenOver, Successor, Sweep};
pub use tick::{LOOK_AGAIN, Report, Scheduler, TIMEOUT, budget};
pub use trigger::Trigger;
