//! What must be true when everything has come to rest.

use std::collections::BTreeSet;

use taskway_local::sqs::Stored;
use taskway_protocol::{Fence, Generation, Task};

use super::{Carrier, Witness, life};

/// What is left to the audit alone when faults have ceased and nobody else has anything to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Accepted, and SQS lost its message.
    pub lost_by_sqs: Vec<String>,
    /// Not accepted: the client was not answered with 2xx, and the record is there without a message.
    pub never_answered: Vec<String>,
}

impl Witness {
    /// The tasks that neither a message nor the agenda carries.
    pub fn left_to_the_audit(&mut self) -> Left {
        let mut left = Left::default();
        let open = |task: &&Task| !task.state.name().is_ended() && task.state.agenda().is_none();
        let open: Vec<_> = self.records.values().filter(open).cloned().collect();
        for task in open {
            let name = self.name(task.id);
            let of = &self.lives[&life(task.id)];
            let untouched = task.generation == Generation::FIRST && task.fence == Fence::NONE;
            if of.lost == Some(task.generation) {
                left.lost_by_sqs.push(name);
            } else if !of.accepted && !of.carried && untouched && !self.is_firing(task.id) {
                left.never_answered.push(name);
            }
        }
        left
    }

    /// Faults have ceased and time has passed: every task has ended, whoever was answered, no message is left, nobody waits
    /// in the agenda.
    pub fn at_rest(&mut self, messages: &[Stored]) {
        let open: Vec<_> = self.records.values().filter(|task| !task.state.name().is_ended()).cloned().collect();
        for task in open {
            let name = self.name(task.id);
            self.break_rule(format!("{name} never ends: {task:?}"));
        }
        let (newer, others): (Vec<&Stored>, Vec<&Stored>) =
            messages.iter().partition(|message| Carrier::of(&message.body) == Carrier::Newer);
        let newer: BTreeSet<String> = newer.into_iter().map(|message| message.id.to_string()).collect();
        let sent = self.newer.clone();
        self.must(newer == sent, || format!("messages of a newer release are not kept: {newer:?} of {sent:?}"));
        self.must(others.is_empty(), || format!("messages are left: {others:?}"));
        let (garbage, aside) = (self.garbage.clone(), self.kept_aside.clone());
        let strangers: Vec<&String> = aside.difference(&self.foreign).collect();
        let only = strangers.is_empty();
        let strangers = format!("{strangers:?}");
        self.must(only, || format!("kept aside though it could be read: {strangers}"));
        self.must(garbage.is_subset(&aside), || format!("unreadable messages {garbage:?}, kept aside {aside:?}"));
    }
}
