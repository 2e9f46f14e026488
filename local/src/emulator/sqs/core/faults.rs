//! Loss, duplication, delay and disorder on purpose. SQS's guarantees allow most of them, and a test cannot wait for them.

use std::{sync::Arc, time::Duration};

use taskway_protocol::Time;

use super::{
    ids::MessageId,
    message::{Key, Message, Phase, Received},
    queue::Queue,
};

/// A message in a queue, as a test sees it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its place in the queue.
    pub key: Key,
    /// Its id. Duplicates have the same id.
    pub id: MessageId,
    /// Its text.
    pub body: Arc<str>,
    /// Its message group.
    pub group: Option<Arc<str>>,
    /// The time of sending.
    pub sent: Time,
    /// How often this queue has delivered it.
    pub deliveries: u32,
    /// Whether it is delayed, visible or in flight.
    pub phase: Phase,
}

/// A simulation's access to one queue.
#[derive(Debug)]
pub struct Faults<'a> {
    queue: &'a mut Queue,
    now: Time,
}

impl<'a> Faults<'a> {
    pub(super) fn new(queue: &'a mut Queue, now: Time) -> Self {
        Faults { queue, now }
    }

    /// Every message, in the order of arrival.
    pub fn messages(&self) -> impl Iterator<Item = Stored> {
        self.queue.iter().map(|(key, message)| Stored {
            key,
            id: message.id,
            body: Arc::clone(&message.body),
            group: message.group.clone(),
            sent: message.sent,
            deliveries: message.deliveries,
            phase: message.phase,
        })
    }

    /// Loses a message. Returns false if there is none.
    pub fn lose(&mut self, key: Key) -> bool {
        self.queue.remove(key).is_some()
    }

    /// Adds a second copy with the same id, visible now. A receipt of one copy does not affect the other.
    pub fn duplicate(&mut self, key: Key) -> Option<Key> {
        let copy = self.queue.get(key)?.clone();
        let copy = Message { phase: Phase::Visible { since: self.now }, ..copy };
        Some(self.queue.insert(copy))
    }

    /// Hides a message until `until`, as a slow queue would. A message in flight stays in flight until then.
    pub fn postpone(&mut self, key: Key, until: Time) -> bool {
        let phase = match self.queue.get(key).map(|message| message.phase) {
            None => return false,
            Some(Phase::InFlight { since, .. }) => Phase::InFlight { since, until },
            Some(Phase::Visible { .. } | Phase::Delayed { .. }) => Phase::Delayed { until },
        };
        self.queue.enter(key, phase);
        self.queue.settle(self.now);
        true
    }

    /// Makes a message visible now. This ends its delay or its flight early.
    pub fn show(&mut self, key: Key) -> bool {
        self.postpone(key, self.now)
    }

    /// Delivers this message, out of order, and ignores the redrive policy. Returns `None` if the message is not visible.
    pub fn deliver(&mut self, key: Key, visibility: Duration) -> Option<Received> {
        match self.queue.get(key)?.phase {
            Phase::Visible { .. } => self.queue.lend(key, visibility, self.now),
            Phase::Delayed { .. } | Phase::InFlight { .. } => None,
        }
    }
}
