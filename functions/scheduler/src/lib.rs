//! The scheduler: everything that happens because time passes.
//!
//! A [`tick`](Scheduler::tick) sends tasks that fall due, fires schedules, settles attempts whose lease ran out, empties
//! the dead-letter queue, audits the table for tasks that nothing else would find, and removes the objects of tasks that are
//! gone. Ticks may overlap: every write is
//! conditional, and when a message is sent twice, only one of the two can claim the task.

mod audit;
mod auditing;
mod callbacks;
mod cleaning;
mod config;
mod dead_letters;
mod dispatch;
mod invoke;
pub mod metrics;
mod pace;
mod promote;
mod report;
mod rescue;
mod scheduler;
mod schedules;
mod shards;
mod succession;
mod sweep;
mod tick;
mod trigger;

pub use auditing::Auditing;
pub use cleaning::Cleaning;
pub use config::Config;
pub use invoke::SelfInvocation;
pub use pace::Pace;
pub use report::Report;
pub use scheduler::Scheduler;
pub use shards::KnownShards;
pub use succession::{MOST_HOPS, NotTakenOver, Successor, Sweep};
pub use tick::{LOOK_AGAIN, TIMEOUT, budget};
pub use trigger::Trigger;
