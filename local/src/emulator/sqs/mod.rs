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
//! message move tasks, the reordering of message groups that AWS calls fair queues, and the minute before the name of a
//! deleted queue is free again. Receives are in order here. Code must not rely on that, because AWS promises no order.

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
