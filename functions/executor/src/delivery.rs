//! A message as it was delivered, and what becomes of it.

use std::time::Duration;

use taskway_cloud::sqs::{Arrived, Receipt};
use taskway_engine::{Origin, Taken};
use taskway_protocol::{
    Ack, Priority, SKEW, Task, TaskOptions, Time,
    message::{Message, Unreadable},
};

/// How soon an unreadable message comes again. It fails each time, so it is dead-lettered within seconds.
const UNREADABLE: Duration = Duration::from_secs(1);

/// How soon a message of a newer release comes again. It waits for that release.
const NEWER: Duration = Duration::from_secs(60);

/// One delivery of a task's message.
#[derive(Debug)]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// The lane that it came from.
    pub lane: Priority,
    /// The receipt that its queue gave for this delivery.
    pub receipt: Receipt,
    /// How many times the queue has delivered it, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent: Time,
}

/// What a delivered text turns out to be.
#[derive(Debug)]
pub enum Readable {
    /// The message of a task.
    Task(Box<Delivery>),
    /// A text that this release cannot read. It must come again after the given time, until a newer release reads it or
    /// the queue dead-letters it.
    Not(Receipt, Duration),
}

/// What becomes of a message.
#[derive(Debug)]
pub enum Disposition {
    /// It is deleted.
    Ack(Ack),
    /// It comes again after this time.
    HandBack(Duration),
    /// It comes again when its visibility timeout ends.
    Leave,
}

impl Readable {
    /// Reads one delivered text.
    pub fn of(arrived: Arrived, lane: Priority) -> Self {
        let id = &arrived.message_id;
        match Message::decode(&arrived.body) {
            Ok(message) => Readable::Task(Box::new(Delivery {
                message,
                lane,
                receipt: arrived.receipt,
                receive_count: arrived.receive_count,
                sent: arrived.sent,
            })),
            Err(Unreadable::Newer(version)) => {
                tracing::warn!(message.id = id, message.version = %version, "message {id} is of a newer release");
                Readable::Not(arrived.receipt, NEWER)
            }
            Err(error @ Unreadable::Foreign(_)) => {
                tracing::warn!(message.id = id, error = %error, "cannot read message {id}");
                Readable::Not(arrived.receipt, UNREADABLE)
            }
        }
    }
}

impl Delivery {
    /// Whether the message names the queue and the fairness key of its task. They say which limits the task has.
    pub(crate) fn is_of(&self, options: &TaskOptions) -> bool {
        self.message.queue.as_ref() == Some(&options.queue) && self.message.fairness_key == options.fairness_key
    }

    /// The permits that the message carries.
    pub(crate) fn permits(&self) -> Vec<Taken> {
        let (id, origin) = (self.message.id, Origin::Message(self.message.generation));
        self.message.permits().map(|(scope, permit)| Taken { scope, id, permit, origin }).collect()
    }

    /// How long the message must stay hidden: until others take a claim made now as over.
    pub(crate) fn visibility(&self) -> Duration {
        self.message.lease() + SKEW
    }

    /// What becomes of the message once its task's record was written like this.
    pub(crate) fn disposition_after(&self, written: &Task) -> Disposition {
        let Message { id, generation, .. } = self.message;
        Ack::shown_by(written, id, generation).map_or(Disposition::Leave, Disposition::Ack)
    }
}
