//! SQS in this process: standard queues over the JSON protocol that current SDKs use.
//!
//! Each layer works without the ones above it:
//!
//! - `core`: the queues ([`Broker`]). It does no I/O and has no clock: every call passes the time. A simulation drives it
//!   directly, and loses, duplicates and delays messages through [`Broker::faults`].
//! - `endpoint`: a broker behind a lock, with a clock and with receives that wait ([`Sqs`]).
//! - `protocol`: AWS's JSON over the endpoint.
//! - `serve`: the HTTP server.
//!
//! AWS has these, and this endpoint does not: FIFO queues, encryption, enforced access policies (a policy is stored only),
//! message move tasks, and the minute before the name of a deleted queue is free again. Like AWS's fair queues, it delivers
//! messages of quiet groups before those of noisy ones: the group with the fewest messages in flight goes first. Within a group
//! receives are in order here. Code must not rely on that, because AWS promises no order.

mod core;
mod endpoint;
mod error;
mod protocol;
mod serve;

pub use core::{
    Attribute, AttributeValue, Attributes, Broker, Counts, Draft, Faults, Key, MessageId, Outlook, Phase, Received,
    Stored,
};
pub use endpoint::{Interruption, InterruptionRule, Sqs};
pub use error::SqsError;
