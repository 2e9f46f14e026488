//! What outlives every crash: the record and the messages. Also the notes of the checker.

use crate::{
    children::{Children, Followed},
    instant::{FAR_PASS, Tick, later},
    message::Message,
    record::{Record, Standing},
    rules::Rule,
};

/// The largest age of a message that matters: more than twice the timeout of the submit function.
pub(crate) const OLD_MESSAGE: Tick = 13;

/// The record, the queues, and the checker's own notes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct World {
    /// The record under the one key.
    pub record: Option<Record>,
    /// The lane and the dead-letter queue. Empty places are removed after each step.
    pub messages: Vec<Option<Message>>,
    /// The hold list, in order. Nothing in the model depends on ranks.
    pub holds: Vec<Hold>,
    /// The number of lives so far.
    pub lives: u8,
    /// The callbacks of the task's ends.
    pub children: Children,
    /// What the checker knows and no actor does.
    pub ghost: Ghost,
    /// The rule that the last step broke.
    pub broken: Option<Rule>,
}

/// An entry of the hold list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Hold {
    /// The life of the task.
    pub life: u8,
    /// The generation that the record has while it is held.
    pub generation: u8,
}

/// The checker's notes on the record's life.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Ghost {
    /// A client got a 2xx answer for it.
    pub accepted: bool,
    /// When the next attempt may start at the earliest.
    pub not_before: Tick,
    /// The attempts that count.
    pub attempts: u8,
    /// How often the task was given back in a row.
    pub given_back: u8,
    /// The fence of the last attempt that recorded an outcome.
    pub outcome: u8,
    /// SQS lost a message of the record's generation.
    pub lost: bool,
}

impl World {
    /// A world without a record and messages. A callback follows these ends.
    pub(crate) fn new(followed: Followed) -> Self {
        World {
            record: None,
            messages: Vec::new(),
            holds: Vec::new(),
            lives: 0,
            children: Children::new(followed),
            ghost: Ghost { not_before: -1, ..Ghost::default() },
            broken: None,
        }
    }

    /// All messages with their places.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (u8, &Message)> {
        (0..).zip(&self.messages).filter_map(|(slot, message)| Some((slot, message.as_ref()?)))
    }

    /// The message in this place.
    pub(crate) fn message(&mut self, slot: Option<u8>) -> Option<&mut Message> {
        self.messages.get_mut(usize::from(slot?))?.as_mut()
    }

    /// Whether something changes in the near future because time passes.
    pub(crate) fn awaits(&self) -> bool {
        let near = |at: Tick, past: Tick| at > past && at < FAR_PASS;
        let record = self.record.is_some_and(|record| {
            record.young
                || record.deadline.is_some_and(|at| !record.is_ended() && near(at, -2))
                || match record.standing {
                    Standing::Scheduled { due, .. } | Standing::Queued { due } => near(due, -1),
                    Standing::Running { lease_end, hard_end, .. } => {
                        near(lease_end, -3) || hard_end.is_some_and(|at| near(at, 0))
                    }
                    Standing::Ended { kept_until, .. } => near(kept_until, -2),
                }
        });
        let messages = self
            .messages()
            .any(|(_, message)| message.visible > 0 || self.record.is_none() && message.age < OLD_MESSAGE);
        record || messages || near(self.ghost.not_before, -1)
    }

    /// Whether the task waits for the far future.
    pub(crate) fn awaits_far(&self) -> bool {
        self.record.is_some_and(|record| match record.standing {
            Standing::Scheduled { due, .. } | Standing::Queued { due } => due >= FAR_PASS,
            Standing::Running { .. } | Standing::Ended { .. } => false,
        })
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, by: Tick) {
        let no_record = self.record.is_none();
        self.record = self.record.map(|record| record.later(by));
        for message in self.messages.iter_mut().flatten() {
            message.visible = message.visible.saturating_sub(by).max(0);
            message.age = if no_record { message.age.saturating_add(by).min(OLD_MESSAGE) } else { 0 };
        }
        self.ghost.not_before = later(self.ghost.not_before, by, -1);
    }

    /// Whether some message carries the record's task.
    fn has_message(&self) -> bool {
        self.record.is_some_and(|record| {
            self.messages().any(|(_, one)| (one.life, one.generation) == (record.life, record.generation))
        })
    }

    /// Puts an entry into the hold list.
    pub(crate) fn put_hold(&mut self, hold: Hold) {
        if let Err(place) = self.holds.binary_search(&hold) {
            self.holds.insert(place, hold);
        }
    }

    /// Removes an entry from the hold list.
    pub(crate) fn remove_hold(&mut self, hold: Hold) {
        self.holds.retain(|one| *one != hold);
    }

    /// An accepted open task is in the agenda or in the hold list, or a message of its generation is somewhere.
    pub(crate) fn is_carried(&self) -> bool {
        let in_agenda = self.record.is_none_or(|record| match record.standing {
            Standing::Scheduled { held: false, .. } | Standing::Ended { .. } => true,
            Standing::Scheduled { held: true, .. } => {
                self.holds.contains(&Hold { life: record.life, generation: record.generation })
            }
            Standing::Running { hard_end, .. } => hard_end.is_some(),
            Standing::Queued { .. } => false,
        });
        in_agenda || !self.ghost.accepted || self.ghost.lost || self.has_message()
    }

    /// No message is ahead of its record.
    pub(crate) fn none_ahead(&self) -> bool {
        self.record.is_none_or(|record| {
            self.messages().all(|(_, one)| one.life != record.life || one.generation <= record.generation)
        })
    }
}

impl Default for World {
    fn default() -> Self {
        World::new(Followed::Nothing)
    }
}
