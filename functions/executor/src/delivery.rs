//! A message as it was delivered, and what becomes of it.

use std::time::Duration;

use taskway_cloud::sqs::{Arrived, Receipt};
use taskway_protocol::{
    Ack, Priority, Time,
    message::{Message, Unreadable},
    start_order,
};

/// A message of a task's, delivered once.
#[derive(Debug)]
pub struct Delivery {
    /// What it says.
    pub message: Message,
    /// Where it came from.
    pub lane: Priority,
    /// Its handle at its queue.
    pub receipt: Receipt,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent: Time,
}

/// A delivery, read if it can be.
#[derive(Debug)]
pub enum Readable {
    /// It can.
    Task(Delivery),
    /// It cannot: for the dead-letter queue, or for a newer release.
    Not(Receipt, Duration),
}

/// What becomes of a message.
#[derive(Debug)]
pub enum Disposition {
    /// It may be deleted.
    Ack(Ack),
    /// It is to come again after this long.
    HandBack(Duration),
    /// It comes again when its visibility ends.
    Leave,
}

/// An unreadable message comes again so soon, and so is dead-lettered within seconds.
const UNREADABLE: Duration = Duration::from_secs(1);

/// A newer release's message comes again so late: it waits for that release.
const NEWER: Duration = Duration::from_secs(60);

impl Readable {
    /// Reads one message. That it cannot be read concerns no other.
    pub fn of(arrived: Arrived, lane: Priority) -> Self {
        match Message::decode(&arrived.body) {
            Ok(message) => Readable::Task(Delivery {
                message,
                lane,
                receipt: arrived.receipt,
                receive_count: arrived.receive_count,
                sent: arrived.sent,
            }),
            Err(Unreadable::Newer(version)) => {
                tracing::warn!(
                    message.id = arrived.message_id,
                    message.version = %version,
                    "message of a newer release"
                );
                Readable::Not(arrived.receipt, NEWER)
            }
            Err(error @ Unreadable::Foreign(_)) => {
                tracing::warn!(message.id = arrived.message_id, error = %error, "unreadable message");
                Readable::Not(arrived.receipt, UNREADABLE)
            }
        }
    }
}

impl Delivery {
    /// Its place among others that wait to be started.
    pub fn start_order(&self) -> Time {
        start_order(self.sent, self.message.expected_duration_ms)
    }
}
