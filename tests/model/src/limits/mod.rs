//! A queue with a limit: several tasks, one ledger of permits, one hold list.
//!
//! Only [`Transition::apply`](taskway_protocol::Transition::apply) changes a record, and only
//! [`Ledger::apply`](taskway_protocol::Ledger::apply) changes the ledger. The protocol decides about permits, entries and
//! messages. Each write of a record keeps the rules of the other model.
//!
//! The model adds one or two executors, a tick and a person. A process may die or wait between any two of its requests. Its
//! last claim or change of the ledger may be made at any later time. SQS delays and duplicates messages. Clocks differ by
//! ten seconds. A handler may outlast its lease.
//!
//! The model leaves this out:
//!
//! - Heartbeats, deadlines, pauses and dead letters. The other model has them, for one task.
//! - Limits of more than one share, changes from one limit to another, and two ticks at once.
//! - The real times of [`PERMIT_KEPT`](taskway_protocol::PERMIT_KEPT) and [`PERMIT_SENT`](taskway_protocol::PERMIT_SENT): a
//!   permit is kept for fifteen seconds, which is as long as a lease.
//! - A pause between the reads of one decision. A dispatch reads the ledger, an entry and its record at once, and so does a
//!   tick with a permit and its record. Their writes follow at any later time.
//! - A dispatch of several tasks in one batch. It sends one after the other.
//! - The deletion of records.
//! - An attempt of a task that was cancelled while it ran and that a person has retried since. It may run beside the limit.
//! - An attempt that began while its queue had no limit.

mod bounds;
mod broken;
mod check;
mod dispatch;
mod executor;
mod heal;
mod machine;
mod person;
mod properties;
mod right;
mod scene;
mod situation;
mod story;
mod tick;
mod world;

pub use bounds::{LIMITS_BRIEF, LIMITS_FULL, LIMITS_RULES, LimitBounds};
pub use broken::Broken;
pub use check::{check_limits, first_limit_violation};
