//! What at-least-once delivery allows and a test should not have to wait for: loss, duplication, delay, disorder.

use std::{sync::Arc, time::Duration};

use taskway_protocol::Time;

use super::{
    ids::MessageId,
    message::{Key, Phase, Received},
    queue::Queue,
};

/// A message as it lies in a queue.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its place.
    pub key: Key,
    /// Its id, which duplicates share.
    pub id: MessageId,
    /// The text.
    pub body: Arc<str>,
    /// Its message group.
    pub group: Option<Arc<str>>,
    /// When it was sent.
    pub sent: Time,
    /// How often this queue has delivered it.
    pub deliveries: u32,
    /// What it waits for.
    pub phase: Phase,
}

/// A hold on one queue, for a simulation to interfere with it.
#[derive(Debug)]
pub struct Faults<'a> {
    queue: &'a mut Queue,
    now: Time,
}

impl<'a> Faults<'a> {
    pub(super) fn new(queue: &'a mut Queue, now: Time) -> Self {
        Faults { queue, now }
    }

    /// Every message, in the order they came in.
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

    /// Loses a message. False when there is none.
    pub fn lose(&mut self, key: Key) -> bool {
        self.queue.remove(key).is_some()
    }

    /// Puts a second copy in, visible now, with the same id. Receipts of one do not touch the other.
    pub fn duplicate(&mut self, key: Key) -> Option<Key> {
        let copy = self.queue.get(key)?.clone();
        let copy = super::message::Message { phase: Phase::Visible { since: self.now }, ..copy };
        Some(self.queue.insert(copy))
    }

    /// Keeps a message from receivers until `until`, as a slow queue would. One in flight stays so until then.
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

    /// Makes a message visible now: ends its delay or its flight early.
    pub fn show(&mut self, key: Key) -> bool {
        self.postpone(key, self.now)
    }

    /// Delivers this message and no other, out of order. Ignores the redrive policy; `None` unless it is visible.
    pub fn deliver(&mut self, key: Key, visibility: Duration) -> Option<Received> {
        match self.queue.get(key)?.phase {
            Phase::Visible { .. } => self.queue.lend(key, visibility, self.now),
            Phase::Delayed { .. } | Phase::InFlight { .. } => None,
        }
    }
}
