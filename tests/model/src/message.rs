//! Messages, in the lane or dead-lettered, and what an actor remembers of one.

use crate::instant::Tick;

/// A message that the queue keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Message {
    /// The life of the task that it names.
    pub life: u8,
    /// The generation that it was sent for.
    pub generation: u8,
    /// Whether it is in the dead-letter queue.
    pub dead: bool,
    /// When it can be received, on the queue's clock.
    pub visible: Tick,
    /// How often it was received.
    pub receives: u8,
    /// How long ago it was sent. It counts only while there is no record: otherwise nothing depends on it.
    pub age: Tick,
}

/// A message that an actor has received and not deleted yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct InHand {
    /// Its place in the queue, or none once another actor has deleted it.
    pub slot: Option<u8>,
    /// The life of the task that it names.
    pub life: u8,
    /// The generation that it was sent for.
    pub generation: u8,
}
