//! Messages that were sent or received, and the right to delete them.

use std::fmt;

use taskway_protocol::{Ack, Priority, Time};

/// The queue that a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The queue of a lane.
    Lane(Priority),
    /// The dead-letter queue.
    DeadLetters,
}

/// The receipt handle of a message. It is valid for one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub String);

/// Shows that SQS accepted a message. The message before it may then be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent(pub(super) ());

impl Sent {
    /// The right to delete the message that the sent one replaces.
    pub fn ack(self) -> Ack {
        #[expect(clippy::disallowed_methods, reason = "SQS has accepted the successor")]
        Ack::successor_placed()
    }
}

/// A message that was received. Debug output does not show the body, which may hold credentials.
#[derive(Clone)]
pub struct Arrived {
    /// The id that SQS gave the message.
    pub message_id: String,
    /// The handle with which this delivery is deleted or hidden.
    pub receipt: Receipt,
    /// The body, not yet decoded.
    pub body: String,
    /// How often SQS has delivered the message, including this time.
    pub receive_count: u32,
    /// When the message was sent.
    pub sent: Time,
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived")
            .field("message_id", &self.message_id)
            .field("receive_count", &self.receive_count)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

/// A delivery that may be deleted. [`Lanes::delete`](super::Lanes::delete) takes nothing else.
#[derive(Debug)]
pub struct Acked {
    /// The handle of the delivery.
    pub receipt: Receipt,
    /// The right to delete the message.
    pub ack: Ack,
}
