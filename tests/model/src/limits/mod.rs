//! A queue with a limit, and with a limit for each fairness key: several tasks, and for the queue and each key a ledger of
//! permits and a hold list.
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
//! - Heartbeats, deadlines and dead letters. The other model has them, for one task. Pauses are only in spaces of keys.
//! - Limits of more than one share, changes from one limit to another, and two ticks at once.
//! - The real times of [`PERMIT_KEPT`](taskway_protocol::PERMIT_KEPT) and [`PERMIT_SENT`](taskway_protocol::PERMIT_SENT): a
//!   permit is kept for fifteen seconds, which is as long as a lease.
//! - A pause between the reads of one decision. A dispatch reads the ledger, an entry and its record at once, and so does a
//!   tick with a permit and its record. Their writes follow at any later time.
//! - A dispatch of several tasks in one batch. It sends one after the other.
//! - The deletion of records.
//! - An attempt of a task that was cancelled while it ran and that a person has retried since. It may run beside the limit.
//! - An attempt that began while its queue or its key had no limit.
//! - A first attempt whose permits are taken without a read of its record. The model always reads it.
//! - The loss of a message that carries only the permit of a key. Only the audit finds its task, unless another task of the
//!   key waits.
//!
//! Two simplifications follow from the number of situations. In a queue whose keys have no limit, permits have no nonces, and
//! a permit that an executor has made counts as one that it has replaced. In spaces of keys a new permit differs from all
//! that anybody knows.

mod bounds;
mod broken;
mod check;
mod dispatch;
mod executor;
mod grounds;
mod heal;
mod machine;
mod person;
mod properties;
mod right;
mod scene;
mod scope;
mod situation;
mod story;
mod tick;
mod work;
mod world;

pub use bounds::{KEYS_BRIEF, KEYS_FULL, KEYS_RULES, LIMITS_BRIEF, LIMITS_FULL, LIMITS_RULES, LimitBounds};
pub use broken::Broken;
pub use check::{check_limits, first_limit_violation};
