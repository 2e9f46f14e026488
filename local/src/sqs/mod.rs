//! An SQS endpoint in this process: standard queues over the JSON protocol that today's SDKs speak.
//!
//! Three layers, each usable without the one above it:
//!
//! - `core`: the queues themselves ([`Broker`]), pure: every call is told what time it is. A simulation drives it
//!   directly, and loses, duplicates and delays messages through [`Broker::faults`].
//! - `server`: one lock and one clock around a broker, and waiting receives ([`Sqs`]).
//! - `protocol`: AWS's JSON on top.
//!
//! What AWS does and this does not: FIFO queues, encryption, access policies (kept, never enforced), message move
//! tasks, the reordering between message groups that AWS calls fair queues, and the minute's wait before a deleted
//! queue's name is free again. Receives are in order here; code must not rely on it, because AWS promises none.

mod core;
mod error;
mod protocol;
mod server;

pub use core::{
    Attribute, AttributeValue, Attributes, Broker, Counts, Draft, Faults, Key, MessageId, Outlook, Phase, Received,
    Stored,
};
pub use error::SqsError;
pub use server::{Interruption, InterruptionRule, Sqs};
