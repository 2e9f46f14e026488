//! The visible messages of a queue, in the order in which they are delivered: fair among message groups.
//!
//! The group with the fewest messages in flight goes first, as the message that became visible first does among equals.
//! So a group with a large backlog cannot keep the messages of others waiting. Messages without a group are one group: a
//! queue without groups delivers in the order in which its messages became visible.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use taskway_protocol::Time;

use super::message::Key;

/// A message group, or none.
type Name = Option<Arc<str>>;

#[derive(Debug, Default)]
pub(super) struct Ready {
    groups: HashMap<Name, Group>,
    /// Of each group with visible messages: how many are in flight, and the first visible one.
    order: BTreeSet<(usize, Time, Key)>,
    visible: usize,
}

#[derive(Debug, Default)]
struct Group {
    in_flight: usize,
    /// By the time that they became visible. A message that comes back goes to the end.
    visible: BTreeSet<(Time, Key)>,
}

impl Group {
    fn place(&self) -> Option<(usize, Time, Key)> {
        self.visible.first().map(|(since, key)| (self.in_flight, *since, *key))
    }
}

impl Ready {
    /// The next message to deliver.
    pub(super) fn first(&self) -> Option<Key> {
        self.order.first().map(|(_, _, key)| *key)
    }

    /// How many messages are visible.
    pub(super) fn len(&self) -> usize {
        self.visible
    }

    /// A message became visible.
    pub(super) fn insert(&mut self, group: &Name, since: Time, key: Key) {
        self.visible += 1;
        self.change(group, |group| {
            group.visible.insert((since, key));
        });
    }

    /// A message is no longer visible.
    pub(super) fn remove(&mut self, group: &Name, since: Time, key: Key) {
        self.visible -= 1;
        self.change(group, |group| {
            group.visible.remove(&(since, key));
        });
    }

    /// A message of the group is in flight.
    pub(super) fn lend(&mut self, group: &Name) {
        self.change(group, |group| group.in_flight += 1);
    }

    /// A message of the group is no longer in flight.
    pub(super) fn take_back(&mut self, group: &Name) {
        self.change(group, |group| group.in_flight -= 1);
    }

    fn change(&mut self, name: &Name, change: impl FnOnce(&mut Group)) {
        // A group is cloned only when it is new.
        if !self.groups.contains_key(name) {
            self.groups.insert(name.clone(), Group::default());
        }
        let Some(group) = self.groups.get_mut(name) else { return };
        if let Some(place) = group.place() {
            self.order.remove(&place);
        }
        change(group);
        match group.place() {
            Some(place) => {
                self.order.insert(place);
            }
            None if group.in_flight == 0 => {
                self.groups.remove(name);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> Name {
        Some(name.into())
    }

    /// Delivers so many messages, and ends none.
    fn delivered(ready: &mut Ready, messages: &mut HashMap<Key, (Name, Time)>, count: usize) -> Vec<Name> {
        let mut delivered = Vec::new();
        for _ in 0..count {
            let Some(key) = ready.first() else { break };
            let Some((group, since)) = messages.remove(&key) else { break };
            ready.remove(&group, since, key);
            ready.lend(&group);
            delivered.push(group);
        }
        delivered
    }

    fn with(groups: &[(&str, u64)]) -> (Ready, HashMap<Key, (Name, Time)>) {
        let (mut ready, mut messages) = (Ready::default(), HashMap::new());
        for (name, count) in groups {
            for _ in 0..*count {
                let key = Key(messages.len() as u64);
                let (group, since) = (group(name), Time::from_millis(key.0));
                ready.insert(&group, since, key);
                messages.insert(key, (group, since));
            }
        }
        (ready, messages)
    }

    #[test]
    fn the_message_of_a_quiet_group_goes_before_the_backlog_of_a_noisy_one() {
        let (mut ready, mut messages) = with(&[("noisy", 100), ("quiet", 1)]);
        assert_eq!(delivered(&mut ready, &mut messages, 2), [group("noisy"), group("quiet")]);
    }

    #[test]
    fn groups_with_backlogs_share_what_is_in_flight() {
        let (mut ready, mut messages) = with(&[("a", 50), ("b", 30), ("c", 5)]);
        let first = delivered(&mut ready, &mut messages, 30);
        let of = |name: &str| first.iter().filter(|of| **of == group(name)).count();
        assert_eq!((of("a"), of("b"), of("c")), (13, 12, 5));
        assert_eq!(ready.len(), 55);
        // What ends makes room for the same group again.
        (0..10).for_each(|_| ready.take_back(&group("b")));
        assert!(delivered(&mut ready, &mut messages, 10).iter().all(|of| *of == group("b")));
    }

    #[test]
    fn messages_without_a_group_keep_their_order() {
        let mut ready = Ready::default();
        for (since, key) in [(3, 1), (1, 2), (2, 3)] {
            ready.insert(&None, Time::from_millis(since), Key(key));
        }
        ready.lend(&None);
        assert_eq!(ready.first(), Some(Key(2)));
        ready.remove(&None, Time::from_millis(1), Key(2));
        assert_eq!(ready.first(), Some(Key(3)));
    }

    #[test]
    fn a_group_without_messages_is_forgotten() {
        let (mut ready, mut messages) = with(&[("a", 1)]);
        delivered(&mut ready, &mut messages, 1);
        assert_eq!((ready.len(), ready.groups.len()), (0, 1));
        ready.take_back(&group("a"));
        assert_eq!((ready.groups.len(), ready.order.len()), (0, 0));
    }
}
