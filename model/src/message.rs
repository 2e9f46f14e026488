//! Messages, in the lane or dead-lettered, and what an actor holds of one.

use crate::instant::Tick;

/// A message that the queue keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Message {
    /// Of which life it speaks.
    pub life: u8,
    /// The generation that it was sent for.
    pub generation: u8,
    /// Whether it has come to the dead letters.
    pub dead: bool,
    /// When it can be received, on the queue's clock.
    pub visible: Tick,
    /// How often it was received.
    pub receives: u8,
    /// How long ago it was sent, counted only while there is no record: nobody asks otherwise.
    pub age: Tick,
}

/// A message in an actor's hands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Held {
    /// Which message, or none when it is gone meanwhile.
    pub slot: Option<u8>,
    /// Of which life it speaks.
    pub life: u8,
    /// The generation that it was sent for.
    pub generation: u8,
}
