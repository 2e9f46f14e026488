//! The rules for the end of a world, when no faults were injected for hours.

use std::collections::BTreeSet;

use taskway_local::sqs::Stored;
use taskway_protocol::{Fence, Generation, Task};

use super::{Carrier, Witness, life};

/// The tasks that only the audit can find, when everything else has come to rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Names of accepted tasks whose message SQS lost.
    pub lost_by_sqs: Vec<String>,
    /// Names of tasks that no 2xx answer gave, and whose record has no message.
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

    /// Checks that every task has ended, answered or not, that no readable message is left, and that exactly the
    /// unreadable messages were kept aside.
    pub fn at_rest(&mut self, messages: &[Stored]) {
        self.ends_are_reported();
        self.permits_came_back();
        self.callbacks_are_made();
        let open: Vec<_> = self.records.values().filter(|task| !task.state.name().is_ended()).cloned().collect();
        for task in open {
            let name = self.name(task.id);
            self.break_rule(format!("a task never ends: {name}: {task:?}"));
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
        self.must(only, || format!("readable messages were kept aside: {strangers}"));
        self.must(garbage.is_subset(&aside), || {
            format!("unreadable messages were not kept aside: {garbage:?}, kept aside are {aside:?}")
        });
    }
}
