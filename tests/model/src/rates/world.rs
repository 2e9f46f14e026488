//! What outlives every crash: the settings, the item, the records, the hold list and the messages. Also the notes of the
//! checker.

use taskway_protocol::Rate;

use super::{
    bounds::RateBounds,
    item::{Ask, Item, Meter, Slot},
};
use crate::{
    instant::{Tick, later},
    record::Record,
    rules::Rule,
    world::{Ghost, Hold},
};

/// The settings of the queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Settings {
    /// No task of the queue starts.
    pub paused: bool,
    /// The version of its rate, if it has one.
    pub version: Option<u8>,
}

/// A message of a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Message {
    /// The number of the task.
    pub task: u8,
    /// The generation.
    pub generation: u8,
    /// The version by which its task is expected, if it was sent ahead.
    pub mark: Option<u8>,
    /// Whether it has the fence of no attempt, and nobody has received it yet.
    pub first: bool,
    /// When it becomes visible.
    pub visible: Tick,
}

/// A task with what belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Place {
    /// Its record.
    pub record: Record,
    /// The checker's notes on its record.
    pub ghost: Ghost,
}

/// A write of a process that has died. It is made at any later time, or never.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Late {
    /// Of the item, for times that nobody uses.
    Ask(Ask),
    /// Until when tasks wait.
    Waits(Tick),
}

/// Faults and requests that are left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Left {
    pub stalls: u8,
    pub crashes: u8,
    pub duplicates: u8,
    pub late_writes: u8,
    pub pauses: u8,
    pub changes: u8,
    pub removals: u8,
}

/// What was wrong with a start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Fault {
    /// Its executor knew settings that had been replaced for more than five seconds, and the new ones forbid the start.
    OldSettings,
    /// It was one too many.
    TooMany,
    /// Another attempt had started by the same slot.
    SlotAgain,
}

/// What the checker knows and no process does.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Notes {
    /// The starts under each version.
    pub meters: Vec<Meter>,
    /// The slots by which attempts have started.
    pub used: Vec<Slot>,
    /// The rule of a record that the last step broke.
    pub broken: Option<Rule>,
    /// What was wrong with the last start.
    pub fault: Option<Fault>,
}

/// What outlives every crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct World {
    pub tasks: Vec<Place>,
    /// The hold list, in order.
    pub holds: Vec<Hold>,
    /// The lane. Empty places are removed after each step.
    pub messages: Vec<Option<Message>>,
    pub settings: Settings,
    /// The settings that were changed less than five seconds ago. An executor may still know these.
    pub before: Vec<Settings>,
    /// How long a change counts as new.
    pub young: Tick,
    /// The last version of a rate.
    pub versions: u8,
    pub item: Item,
    /// A write that is on its way.
    pub late: Option<Late>,
    /// Faults and requests that are left.
    pub left: Left,
    pub notes: Notes,
}

impl World {
    /// All tasks are queued.
    pub(super) fn new(bounds: &RateBounds) -> Self {
        let place = |task| Place {
            record: Record::new(task + 1, -1, false, None, false),
            ghost: Ghost { accepted: true, not_before: -1, ..Ghost::default() },
        };
        let message = |task| Some(Message { task, generation: 1, mark: None, first: true, visible: 0 });
        World {
            tasks: (0..bounds.tasks).map(place).collect(),
            holds: Vec::new(),
            messages: (0..bounds.tasks).map(message).collect(),
            settings: Settings { paused: false, version: Some(1) },
            before: Vec::new(),
            young: 0,
            versions: 1,
            item: Item::default(),
            late: None,
            left: Left {
                stalls: bounds.stalls.unwrap_or(0),
                crashes: bounds.crashes,
                duplicates: bounds.duplicates,
                late_writes: bounds.late_writes,
                pauses: bounds.pauses,
                changes: bounds.changes,
                removals: bounds.removals,
            },
            notes: Notes::default(),
        }
    }

    /// The record of this task.
    pub(super) fn record(&self, task: u8) -> Record {
        self.tasks[usize::from(task)].record
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

    /// An attempt starts, in an executor that knows these settings, by this slot if it has one.
    pub(super) fn start(&mut self, rate: Rate, late_by: Tick, known: Settings, slot: Option<Slot>) {
        let now = self.settings;
        let forbids = now.paused || known.version.is_none() && now.version.is_some();
        let known_for_long = known != now && !self.before.contains(&known);
        let mut fault = (known_for_long && forbids).then_some(Fault::OldSettings);
        if let Some(slot) = slot {
            if self.notes.used.contains(&slot) {
                fault = fault.or(Some(Fault::SlotAgain));
            }
            self.notes.used.push(slot);
        }
        if let Some(version) = known.version {
            let meters = &mut self.notes.meters;
            let place = meters.iter().position(|one| one.version == version).unwrap_or_else(|| {
                meters.push(Meter { version, reach: 0 });
                meters.len() - 1
            });
            if !meters[place].start(rate, late_by) {
                fault = fault.or(Some(Fault::TooMany));
            }
        }
        self.notes.fault = self.notes.fault.or(fault);
    }

    /// Time passes.
    pub(super) fn pass(&mut self, by: Tick) {
        for place in &mut self.tasks {
            place.record = place.record.later(by);
            place.ghost.not_before = later(place.ghost.not_before, by, -1);
        }
        for message in self.messages.iter_mut().flatten() {
            message.visible = (message.visible - by).max(0);
        }
        self.before.clear();
        self.young = (self.young - by).max(0);
        self.item = self.item.later(by);
        self.late = self.late.map(|late| match late {
            Late::Ask(ask) => Late::Ask(ask.later(by)),
            Late::Waits(until) => Late::Waits((until - by).max(0)),
        });
        for meter in &mut self.notes.meters {
            meter.reach -= by;
        }
        self.notes.meters.retain(|meter| meter.reach > 0);
        self.notes.used = self.notes.used.iter().map(|slot| slot.later(by)).collect();
    }

    /// Every task has ended, and nothing is held.
    pub(super) fn is_over(&self) -> bool {
        self.holds.is_empty() && self.tasks.iter().all(|one| one.record.is_ended())
    }

    /// No message is ahead of its record.
    pub(super) fn none_ahead(&self) -> bool {
        self.messages().all(|(_, one)| one.generation <= self.record(one.task).generation)
    }
}
