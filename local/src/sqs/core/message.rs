//! One message: as it is sent, as it is kept, and as a receiver sees it.

use std::{sync::Arc, time::Duration};

use taskway_protocol::Time;

use super::{
    attributes::{Attributes, is_legal},
    ids::MessageId,
};
use crate::sqs::SqsError;

/// The longest a message can be delayed.
pub(in crate::sqs) const MAX_DELAY: Duration = Duration::from_secs(900);

/// A message that is checked and ready to be sent.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) body: Arc<str>,
    pub(super) attributes: Option<Arc<Attributes>>,
    pub(super) group: Option<Arc<str>>,
    pub(super) delay: Option<Duration>,
}

impl Draft {
    /// A message with nothing but a body.
    ///
    /// # Errors
    /// The body is empty, or has characters that SQS does not carry.
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

    /// The same with attributes.
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, SqsError> {
        attributes.check()?;
        self.attributes = (!attributes.is_empty()).then(|| Arc::new(attributes));
        Ok(self)
    }

    /// The same in a message group, which on a standard queue is a tenant and no order.
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

    /// The same, to be visible after `delay` instead of after the queue's own.
    pub fn delayed_by(mut self, delay: Duration) -> Result<Self, SqsError> {
        if delay > MAX_DELAY {
            let reason = "DelaySeconds must be >= 0 and <= 900.";
            return Err(SqsError::out_of_range(delay.as_secs(), "DelaySeconds", reason));
        }
        self.delay = Some(delay);
        Ok(self)
    }

    /// What SQS counts: the body and the sender's attributes, in bytes.
    pub fn size(&self) -> usize {
        self.body.len() + self.attributes.as_ref().map_or(0, |attributes| attributes.size())
    }
}

/// A message's place in its queue. The id is not enough: a duplicate has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) u64);

/// What a message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// For its first time to be visible.
    Delayed {
        /// When it will be.
        until: Time,
    },
    /// For a receiver.
    Visible {
        /// Since when it has been visible.
        since: Time,
    },
    /// For its receiver to delete it.
    InFlight {
        /// When it was received.
        since: Time,
        /// When it becomes visible again.
        until: Time,
    },
}

/// A message in a queue. Everything that varies in size is shared with the receivers, so that lending one copies
/// pointers under the lock and nothing else.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) body: Arc<str>,
    pub(super) attributes: Option<Arc<Attributes>>,
    pub(super) group: Option<Arc<str>>,
    /// The ARN of the queue that gave the message up.
    pub(super) source: Option<Arc<str>>,
    pub(super) sent: Time,
    /// When it was first received; meaningless while `receives` is zero.
    pub(super) first_received: Time,
    /// How often any queue has delivered it.
    pub(super) receives: u32,
    /// How often this queue has; redrive counts these, and receipts name them.
    pub(super) deliveries: u32,
    pub(super) phase: Phase,
}

/// A message as its receiver has it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The same at every delivery.
    pub id: MessageId,
    /// What to delete or hide it by.
    pub receipt: String,
    /// The text.
    pub body: Arc<str>,
    /// What else the sender gave.
    pub attributes: Option<Arc<Attributes>>,
    /// Its message group.
    pub group: Option<Arc<str>>,
    /// The ARN of the queue whose dead letter it is.
    pub dead_letter_source: Option<Arc<str>>,
    /// When it was sent, to its first queue.
    pub sent: Time,
    /// When it was first received.
    pub first_received: Time,
    /// How often it has been received, this time included.
    pub receives: u32,
}
