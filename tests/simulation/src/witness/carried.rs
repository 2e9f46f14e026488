//! Checks that something carries every accepted task: an entry of the agenda, or a message of its generation.

use std::collections::BTreeSet;

use taskway_local::sqs::{Phase, Stored};
use taskway_protocol::{
    Generation, State, TaskId,
    message::{Message, Unreadable},
};

use super::{LifeKey, Witness, life};

/// The content of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// A task at a generation.
    Task(TaskId, Generation),
    /// A text that only a newer release can read.
    Newer,
    /// A text that no release can read.
    Garbage,
}

impl Carrier {
    /// Decodes a message's text.
    pub fn of(body: &str) -> Self {
        match Message::decode(body) {
            Ok(message) => Carrier::Task(message.id, message.generation),
            Err(Unreadable::Newer(_)) => Carrier::Newer,
            Err(Unreadable::Foreign(_)) => Carrier::Garbage,
        }
    }
}

impl Witness {
    /// Checks all messages of all queues after a change: no message is ahead of its record, and something carries every
    /// accepted task that has not ended.
    pub fn messages(&mut self, messages: &[Stored]) {
        let mut carried: BTreeSet<(LifeKey, Generation)> = BTreeSet::new();
        for message in messages {
            let decoded = self.decoded.entry(message.id).or_insert_with(|| match Carrier::of(&message.body) {
                Carrier::Task(id, generation) => Some((id, generation)),
                Carrier::Newer | Carrier::Garbage => None,
            });
            let Some((id, generation)) = *decoded else { continue };
            carried.insert((life(id), generation));
            let Some(record) = self.records.get(&id.key).filter(|record| record.id == id) else { continue };
            if generation == record.generation {
                let of = self.lives.entry(life(id)).or_default();
                (of.carried, of.lost) = (true, None);
            }
            let (at, tenant) =
                (record.generation, record.spec.options.fairness_key.as_deref() == message.group.as_deref());
            self.must(generation <= at, || {
                format!(
                    "a message is ahead of its record: {id} has {generation:?} in the message and {at:?} in the record"
                )
            });
            // A replaced task may have another.
            self.must(tenant || generation < at, || format!("a message was sent without its fairness key: {id}"));
        }
        let open: Vec<TaskId> =
            self.records.values().filter(|task| !task.state.name().is_ended()).map(|task| task.id).collect();
        for id in open {
            let record = &self.records[&id.key];
            let in_agenda = match &record.state {
                State::Scheduled { held: true, .. } => self.is_listed(record) || self.is_permitted(record),
                State::Scheduled { held: false, .. } | State::Running { hard_end: Some(_), .. } => true,
                State::Queued { .. } | State::Running { hard_end: None, .. } => false,
                State::Ended { .. } => continue,
            };
            let by_message = carried.contains(&(life(id), record.generation));
            let generation = record.generation;
            let promised = self
                .lives
                .get(&life(id))
                .is_some_and(|life| (life.accepted || life.carried) && life.lost != Some(generation));
            if promised && !in_agenda && !by_message {
                let record = format!("{record:?}");
                let of = self.life(id);
                if of.lost_copy.take() == Some(generation) {
                    of.lost = Some(generation);
                } else {
                    self.break_rule(format!("nothing carries a task: {record}"));
                }
            }
        }
    }

    /// SQS is about to lose this message, which an executor may have, and keep `others`. A task that only this message carries is
    /// left to the audit.
    pub fn loses(&mut self, body: &str, is_delivered: bool, others: &[Stored]) {
        let Carrier::Task(id, generation) = Carrier::of(body) else { return };
        let mut same =
            others.iter().filter(|other| Carrier::of(&other.body) == Carrier::Task(id, generation)).peekable();
        let has_copy = same.peek().is_some();
        // Who has the other may have sent this one in its place, and deletes the other then.
        let is_replaced = same.any(|other| !matches!(other.phase, Phase::Visible { .. }));
        let newest = self.records.get(&id.key).is_none_or(|record| record.id == id && record.generation == generation);
        match has_copy {
            false if newest => self.life(id).lost = Some(generation),
            true if newest && (is_delivered || is_replaced) => self.life(id).lost_copy = Some(generation),
            false | true => {}
        }
    }
}
