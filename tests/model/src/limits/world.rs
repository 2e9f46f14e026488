//! What outlives every crash: the records, the ledgers, the hold lists and the messages. Also the notes of the checker.

use taskway_protocol::{Ledger, TaskId, Time};

use super::{
    bounds::LimitBounds,
    right::{Edit, Right, Rights, later_all},
    scope::{Both, Scope},
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
    /// The permit that it was sent with, of one scope at most.
    pub rights: Rights,
    /// When it becomes visible.
    pub visible: Tick,
}

/// A task with what belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Place {
    /// Its record.
    pub record: Record,
    /// The number of its fairness key.
    pub key: Option<u8>,
    /// Its permits in the ledgers.
    pub rights: Rights,
    /// The checker's notes on its record.
    pub ghost: Ghost,
    /// Attempts up to this fence may run without a permit: a person has retried the task since.
    pub exempt: u8,
}

/// A write of a process that has died. It is made at any later time, or never.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Late {
    /// A change of a ledger.
    Edit { task: u8, scope: Scope, edit: Edit },
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
    pub changes: Both<u8>,
    pub pauses: u8,
}

/// The settings of the queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Settings {
    /// Whether the queue has its limit, and each of its keys.
    pub limited: Both<bool>,
    /// Whether the queue is paused.
    pub paused: bool,
}

impl Settings {
    const fn all(self) -> [bool; 3] {
        [self.limited.queue, self.limited.key, self.paused]
    }

    /// These settings, and what an executor may take for them if those of `changed` were changed less than five seconds ago.
    pub(super) fn known(self, changed: Settings) -> impl Iterator<Item = Settings> {
        let (now, changed) = (self.all(), changed.all());
        (0_u8..8).filter_map(move |mask| {
            let old = |setting: usize| mask & (1 << setting) != 0;
            let is = |setting: usize| now[setting] != old(setting);
            let possible = (0..3).all(|setting| !old(setting) || changed[setting]);
            possible.then(|| Settings { limited: Both { queue: is(0), key: is(1) }, paused: is(2) })
        })
    }

    /// No settings were changed.
    pub(super) const UNCHANGED: Settings = Settings { limited: Both::NEITHER, paused: false };
}

/// What outlives every crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct World {
    pub tasks: Vec<Place>,
    /// The hold lists, each in order.
    pub holds: Vec<(Scope, Hold)>,
    /// The lane. Empty places are removed after each step.
    pub messages: Vec<Option<Message>>,
    /// The settings of the queue.
    pub settings: Settings,
    /// Which of them were changed less than five seconds ago, so that an executor may not know it.
    pub changed: Settings,
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
        let mut world = World {
            tasks: Vec::new(),
            holds: Vec::new(),
            messages: Vec::new(),
            settings: Settings {
                limited: Both { queue: bounds.limit.is_some(), key: bounds.key_limit.is_some() },
                paused: false,
            },
            changed: Settings::UNCHANGED,
            late: None,
            left: Left {
                stalls: bounds.stalls.unwrap_or(0),
                crashes: bounds.crashes,
                duplicates: bounds.duplicates,
                late_writes: bounds.late_writes,
                losses: bounds.losses,
                cancels: bounds.cancels,
                retries: bounds.retries,
                changes: Both { queue: bounds.changes, key: bounds.key_changes },
                pauses: bounds.pauses,
            },
            broken: None,
        };
        (0..bounds.tasks).for_each(|task| world.submit(bounds.keys.get(usize::from(task)).copied()));
        world
    }

    /// Another task is queued.
    pub(super) fn submit(&mut self, key: Option<u8>) {
        let task = self.tasks.len() as u8;
        self.tasks.push(Place {
            record: Record::new(task + 1, -1, false, None, false),
            key,
            rights: Rights::default(),
            ghost: Ghost { accepted: true, not_before: -1, ..Ghost::default() },
            exempt: 0,
        });
        self.messages.push(Some(Message { task, generation: 1, rights: Rights::default(), visible: 0 }));
    }

    /// The task of this number.
    pub(super) fn place(&mut self, task: u8) -> &mut Place {
        &mut self.tasks[usize::from(task)]
    }

    /// The record of this task.
    pub(super) fn record(&self, task: u8) -> Record {
        self.tasks[usize::from(task)].record
    }

    /// The scope of the task's key.
    pub(super) fn key_of(&self, task: u8) -> Option<Scope> {
        self.tasks[usize::from(task)].key.map(Scope::Key)
    }

    /// The scopes of a task, the key first.
    pub(super) fn scopes(&self, task: u8) -> impl Iterator<Item = Scope> + use<> {
        self.key_of(task).into_iter().chain([Scope::Queue])
    }

    /// All scopes.
    pub(super) fn all_scopes(&self) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = self.tasks.iter().filter_map(|one| one.key.map(Scope::Key)).collect();
        scopes.push(Scope::Queue);
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// The permit of this task in a ledger.
    pub(super) fn right(&self, task: u8, scope: Scope) -> Option<Right> {
        self.tasks[usize::from(task)].rights[scope]
    }

    /// How many permits of a scope are out.
    pub(super) fn out(&self, scope: Scope) -> u8 {
        self.permits(scope).count() as u8
    }

    /// A ledger, as the protocol has it.
    pub(super) fn ledger(&self, scope: Scope) -> Ledger {
        Ledger(self.permits(scope).map(|(task, right)| (key(task), right.permit())).collect())
    }

    fn permits(&self, scope: Scope) -> impl Iterator<Item = (u8, Right)> {
        let is_of = move |place: &Place| scope == Scope::Queue || place.key.map(Scope::Key) == Some(scope);
        (0..).zip(&self.tasks).filter_map(move |(task, one)| is_of(one).then_some((task, one.rights[scope]?)))
    }

    /// The hold list of a scope.
    pub(super) fn list(&self, scope: Scope) -> impl Iterator<Item = Hold> {
        self.holds.iter().filter(move |(of, _)| *of == scope).map(|(_, hold)| *hold)
    }

    /// All messages with their places.
    pub(super) fn messages(&self) -> impl Iterator<Item = (u8, &Message)> {
        (0..).zip(&self.messages).filter_map(|(slot, message)| Some((slot, message.as_ref()?)))
    }

    /// The message in this place.
    pub(super) fn message(&mut self, slot: Option<u8>) -> Option<&mut Message> {
        self.messages.get_mut(usize::from(slot?))?.as_mut()
    }

    /// Puts an entry into a hold list.
    pub(super) fn put_hold(&mut self, scope: Scope, hold: Hold) {
        if let Err(place) = self.holds.binary_search(&(scope, hold)) {
            self.holds.insert(place, (scope, hold));
        }
    }

    /// Removes an entry from a hold list.
    pub(super) fn remove_hold(&mut self, scope: Scope, hold: Hold) {
        self.holds.retain(|one| *one != (scope, hold));
    }

    /// Time passes.
    pub(super) fn pass(&mut self, by: Tick) {
        for place in &mut self.tasks {
            place.record = place.record.later(by);
            place.rights = later_all(place.rights, by);
            place.ghost.not_before = later(place.ghost.not_before, by, -1);
        }
        for message in self.messages.iter_mut().flatten() {
            message.visible = message.visible.saturating_sub(by).max(0);
            message.rights = later_all(message.rights, by);
        }
        self.changed = Settings::UNCHANGED;
        match &mut self.late {
            Some(Late::Edit { edit, .. }) => edit.rights().into_iter().for_each(|right| *right = right.later(by)),
            // An older claim has no other effect: its lease is over for all.
            Some(Late::Claim { at, .. }) => *at = at.saturating_sub(by).max(-6),
            None => {}
        }
    }

    /// Every task has ended, nothing is left of the queue's limit, and no task waits for a key.
    pub(super) fn is_over(&self) -> bool {
        self.holds.is_empty() && self.tasks.iter().all(|one| one.record.is_ended() && one.rights.queue.is_none())
    }

    /// No message is ahead of its record.
    pub(super) fn none_ahead(&self) -> bool {
        self.messages().all(|(_, one)| one.generation <= self.record(one.task).generation)
    }
}
