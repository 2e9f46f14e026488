//! What outlives every crash: the records, the ledger, the hold list and the messages. Also the notes of the checker.

use taskway_protocol::{Ledger, TaskId, Time};

use super::{
    bounds::LimitBounds,
    right::{Edit, Right},
};
use crate::{
    instant::{Tick, later},
    record::Record,
    rules::Rule,
    world::{Ghost, Hold},
};

/// A message of a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Message {
    /// The number of the task.
    pub task: u8,
    /// The generation.
    pub generation: u8,
    /// The permit that it was sent with.
    pub right: Option<Right>,
    /// When it becomes visible.
    pub visible: Tick,
}

/// A task with what belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Place {
    /// Its record.
    pub record: Record,
    /// Its permit in the ledger.
    pub right: Option<Right>,
    /// The checker's notes on its record.
    pub ghost: Ghost,
    /// Attempts up to this fence may run without a permit: a person has retried the task since.
    pub exempt: u8,
}

/// A write of a process that has died. It is made at any later time, or never.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Late {
    /// A change of the ledger.
    Edit { task: u8, edit: Edit },
    /// A claim that was decided at `at`.
    Claim { task: u8, generation: u8, at: Tick, fence: Option<u8> },
}

/// Faults and requests that are left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Left {
    pub stalls: u8,
    pub crashes: u8,
    pub duplicates: u8,
    pub late_writes: u8,
    pub losses: u8,
    pub cancels: u8,
    pub retries: u8,
    pub changes: u8,
}

/// What outlives every crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct World {
    pub tasks: Vec<Place>,
    /// The hold list, in order.
    pub holds: Vec<Hold>,
    /// The lane. Empty places are removed after each step.
    pub messages: Vec<Option<Message>>,
    /// Whether the queue has its limit.
    pub limited: bool,
    /// Whether that was changed less than five seconds ago, so that an executor may not know it.
    pub changed: bool,
    /// A write that is on its way.
    pub late: Option<Late>,
    /// Faults and requests that are left.
    pub left: Left,
    /// The rule that the last step broke.
    pub broken: Option<Rule>,
}

/// The task in a ledger.
pub(super) const fn key(task: u8) -> TaskId {
    TaskId { key: taskway_protocol::TaskKey::from_bytes([task; 16]), born: Time::from_millis(0) }
}

impl World {
    /// All tasks are queued.
    pub(super) fn new(bounds: &LimitBounds) -> Self {
        let place = |task| Place {
            record: Record::new(task + 1, -1, false, None, false),
            right: None,
            ghost: Ghost { accepted: true, not_before: -1, ..Ghost::default() },
            exempt: 0,
        };
        World {
            tasks: (0..bounds.tasks).map(place).collect(),
            holds: Vec::new(),
            messages: (0..bounds.tasks)
                .map(|task| Some(Message { task, generation: 1, right: None, visible: 0 }))
                .collect(),
            limited: bounds.limit.is_some(),
            changed: false,
            late: None,
            left: Left {
                stalls: bounds.stalls.unwrap_or(0),
                crashes: bounds.crashes,
                duplicates: bounds.duplicates,
                late_writes: bounds.late_writes,
                losses: bounds.losses,
                cancels: bounds.cancels,
                retries: bounds.retries,
                changes: bounds.changes,
            },
            broken: None,
        }
    }

    /// The task of this number.
    pub(super) fn place(&mut self, task: u8) -> &mut Place {
        &mut self.tasks[usize::from(task)]
    }

    /// The record of this task.
    pub(super) fn record(&self, task: u8) -> Record {
        self.tasks[usize::from(task)].record
    }

    /// The permit of this task.
    pub(super) fn right(&self, task: u8) -> Option<Right> {
        self.tasks[usize::from(task)].right
    }

    /// How many permits are out.
    pub(super) fn out(&self) -> u8 {
        self.tasks.iter().filter(|one| one.right.is_some()).count() as u8
    }

    /// The ledger, as the protocol has it.
    pub(super) fn ledger(&self) -> Ledger {
        Ledger((0..).zip(&self.tasks).filter_map(|(task, one)| Some((key(task), one.right?.permit()))).collect())
    }

    /// All messages with their places.
    pub(super) fn messages(&self) -> impl Iterator<Item = (u8, &Message)> {
        (0..).zip(&self.messages).filter_map(|(slot, message)| Some((slot, message.as_ref()?)))
    }

    /// The message in this place.
    pub(super) fn message(&mut self, slot: Option<u8>) -> Option<&mut Message> {
        self.messages.get_mut(usize::from(slot?))?.as_mut()
    }

    /// Puts an entry into the hold list.
    pub(super) fn put_hold(&mut self, hold: Hold) {
        if let Err(place) = self.holds.binary_search(&hold) {
            self.holds.insert(place, hold);
        }
    }

    /// Removes an entry from the hold list.
    pub(super) fn remove_hold(&mut self, hold: Hold) {
        self.holds.retain(|one| *one != hold);
    }

    /// Time passes.
    pub(super) fn pass(&mut self, by: Tick) {
        for place in &mut self.tasks {
            place.record = place.record.later(by);
            place.right = place.right.map(|right| right.later(by));
            place.ghost.not_before = later(place.ghost.not_before, by, -1);
        }
        for message in self.messages.iter_mut().flatten() {
            message.visible = message.visible.saturating_sub(by).max(0);
            message.right = message.right.map(|right| right.later(by));
        }
        self.changed = false;
        match &mut self.late {
            Some(Late::Edit { edit, .. }) => edit.rights().into_iter().for_each(|right| *right = right.later(by)),
            // An older claim has no other effect: its lease is over for all.
            Some(Late::Claim { at, .. }) => *at = at.saturating_sub(by).max(-6),
            None => {}
        }
    }

    /// Every task has ended, and nothing is left of the limit.
    pub(super) fn is_over(&self) -> bool {
        self.holds.is_empty() && self.tasks.iter().all(|one| one.record.is_ended() && one.right.is_none())
    }

    /// No message is ahead of its record.
    pub(super) fn none_ahead(&self) -> bool {
        self.messages().all(|(_, one)| one.generation <= self.record(one.task).generation)
    }
}
