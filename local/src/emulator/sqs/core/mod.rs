//! The queues, without I/O, clock or randomness. A [`Broker`] gets the time with every call and derives its ids from a
//! seed, so that the same calls give the same answers.

mod attributes;
mod broker;
mod faults;
mod ids;
mod message;
mod queue;
mod queue_name;
mod ready;
mod receipt;
mod settings;
#[cfg(test)]
mod tests;

pub use attributes::{Attribute, AttributeValue, Attributes};
pub use broker::Broker;
pub use faults::{Faults, Stored};
pub use ids::MessageId;
pub use message::{Draft, Key, Phase, Received};
pub use queue::{Counts, Outlook};

pub(super) use settings::{arn, is_known_attribute};
