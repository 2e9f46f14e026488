//! One message: before sending, in a queue, and as its receiver gets it.

use std::{sync::Arc, time::Duration};

use taskway_protocol::Time;

use super::{
    attributes::{Attributes, is_legal},
    ids::MessageId,
};
use crate::emulator::sqs::SqsError;

/// The longest delay of a message.
pub(in crate::emulator::sqs) const MAX_DELAY: Duration = Duration::from_secs(900);

/// A checked message, ready for sending.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) body: Arc<str>,
    pub(super) attributes: Option<Arc<Attributes>>,
    pub(super) group: Option<Arc<str>>,
    pub(super) delay: Option<Duration>,
}

impl Draft {
    /// A message with only a body.
    ///
    /// # Errors
    /// If the body is empty or has characters that SQS does not allow.
    pub fn new(body: impl Into<Arc<str>>) -> Result<Self, SqsError> {
        let body = body.into();
        if body.is_empty() {
            return Err(SqsError::MissingParameter("MessageBody".to_owned()));
        }
        if !is_legal(&body) {
            return Err(SqsError::InvalidMessageContents);
        }
        Ok(Draft { body, attributes: None, group: None, delay: None })
    }

    /// Adds attributes.
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, SqsError> {
        attributes.check()?;
        self.attributes = (!attributes.is_empty()).then(|| Arc::new(attributes));
        Ok(self)
    }

    /// Puts the message into a message group. On a standard queue a group is a tenant; it does not order messages.
    pub fn in_group(mut self, group: &str) -> Result<Self, SqsError> {
        if group.is_empty() || group.len() > 128 || !group.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SqsError::out_of_range(
                group,
                "MessageGroupId",
                "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
            ));
        }
        self.group = Some(group.into());
        Ok(self)
    }

    /// Delays the message by `delay` instead of the queue's own delay.
    pub fn delayed_by(mut self, delay: Duration) -> Result<Self, SqsError> {
        if delay > MAX_DELAY {
            let reason = "DelaySeconds must be >= 0 and <= 900.";
            return Err(SqsError::out_of_range(delay.as_secs(), "DelaySeconds", reason));
        }
        self.delay = Some(delay);
        Ok(self)
    }

    /// The size that SQS counts: body and sender's attributes, in bytes.
    pub fn size(&self) -> usize {
        self.body.len() + self.attributes.as_ref().map_or(0, |attributes| attributes.size())
    }
}

/// A message's place in its queue. The message id does not suffice, because duplicates share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) u64);

/// What a message in a queue waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for the end of its delay.
    Delayed {
        /// When it becomes visible.
        until: Time,
    },
    /// It waits for a receiver.
    Visible {
        /// When it became visible.
        since: Time,
    },
    /// It waits for its receiver to delete it.
    InFlight {
        /// When it was received.
        since: Time,
        /// When it becomes visible again.
        until: Time,
    },
}

/// A message in a queue. It shares its texts with its receivers, so that a receive copies only pointers under the lock.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) body: Arc<str>,
    pub(super) attributes: Option<Arc<Attributes>>,
    pub(super) group: Option<Arc<str>>,
    /// The ARN of the queue that this dead letter came from.
    pub(super) source: Option<Arc<str>>,
    pub(super) sent: Time,
    /// When it was first received. Has no meaning while `receives` is zero.
    pub(super) first_received: Time,
    /// How often all queues together have delivered it.
    pub(super) receives: u32,
    /// How often this queue has delivered it. The redrive policy counts these deliveries, and receipts contain the number.
    pub(super) deliveries: u32,
    pub(super) phase: Phase,
}

/// A message as its receiver gets it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The same at every delivery.
    pub id: MessageId,
    /// The receipt handle for deleting or hiding it.
    pub receipt: String,
    /// Its text.
    pub body: Arc<str>,
    /// The sender's attributes.
    pub attributes: Option<Arc<Attributes>>,
    /// Its message group.
    pub group: Option<Arc<str>>,
    /// For a dead letter, the ARN of the queue that it came from.
    pub dead_letter_source: Option<Arc<str>>,
    /// When it was sent to its first queue.
    pub sent: Time,
    /// When it was first received.
    pub first_received: Time,
    /// How often it has been received, including this time.
    pub receives: u32,
}
