//! What must be true when everything has come to rest.

use std::collections::BTreeSet;

use taskway_local::sqs::Stored;

use super::{Carrier, Witness, life};

/// What is left in a world that has come to rest, and that only the audit could end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// Accepted, and SQS lost its message.
    pub lost_by_sqs: Vec<String>,
    /// Not accepted: the client was not answered with 2xx, and the record is there without a message.
    pub never_answered: Vec<String>,
}

impl Witness {
    /// Faults have ceased and time has passed: every accepted task has ended, no message is left, nobody waits in the
    /// agenda.
    pub fn at_rest(&mut self, messages: &[Stored]) -> Remains {
        let mut remains = Remains::default();
        let open: Vec<_> = self.records.values().filter(|task| !task.state.name().is_ended()).cloned().collect();
        for task in open {
            let name = self.name(task.id);
            let (accepted, lost) =
                self.lives.get(&life(task.id)).map_or((false, false), |life| (life.accepted, life.lost));
            if task.state.agenda().is_some() {
                self.break_rule(format!("{name} never ends, and the agenda has it: {task:?}"));
            } else if lost {
                remains.lost_by_sqs.push(name);
            } else if accepted {
                self.break_rule(format!("{name} was accepted and never ends: {task:?}"));
            } else {
                remains.never_answered.push(name);
            }
        }
        let (newer, others): (Vec<&Stored>, Vec<&Stored>) =
            messages.iter().partition(|message| Carrier::of(&message.body) == Carrier::Newer);
        let newer: BTreeSet<String> = newer.into_iter().map(|message| message.id.to_string()).collect();
        let sent = self.newer.clone();
        self.must(newer == sent, || format!("messages of a newer release are not kept: {newer:?} of {sent:?}"));
        self.must(others.is_empty(), || format!("messages are left: {others:?}"));
        let (garbage, aside) = (self.garbage.clone(), self.kept_aside.clone());
        self.must(garbage.is_subset(&aside), || format!("unreadable messages {garbage:?}, kept aside {aside:?}"));
        remains
    }
}
