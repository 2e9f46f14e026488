//! The queues: three lanes and the dead-letter queue.

mod lanes;

pub use lanes::{Acked, Arrived, BATCH, Lanes, QueueError, Receipt, Sent, Source, Urls};
