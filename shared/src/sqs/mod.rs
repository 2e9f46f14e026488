//! The queues: what a message says, and the three lanes that carry it.

mod lanes;
mod message;

pub use lanes::{Acked, Arrived, BATCH, Lanes, QueueError, Receipt, Sent, Source, Urls};
pub use message::{Message, Outgoing, Unreadable};
