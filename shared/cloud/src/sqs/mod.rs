//! The queues in SQS: three lanes and the dead-letter queue.

mod backlog;
mod calls;
mod delivery;
mod error;
mod lanes;
mod sends;

pub use backlog::Backlog;
pub use delivery::{Acked, Arrived, Receipt, Sent, Source};
pub use error::QueueError;
pub use lanes::{BATCH, Lanes, Urls};
