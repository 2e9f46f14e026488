//! What one process can do in one step.

use taskway_protocol::{Rate, Refusal, Step, Task, Transition};

use super::{
    bounds::RateBounds,
    broken::Broken,
    item::{Answer, Ask, Slot},
    world::{Message, Settings, World},
};
use crate::{
    coverage::{Coverage, Fate},
    instant::Tick,
    record::{Record, born},
    rules::{self, Trusted},
};

/// A message that an executor has received.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct InHand {
    /// Where the message is, unless somebody has deleted it.
    pub slot: Option<u8>,
    /// The number of the task.
    pub task: u8,
    /// The generation.
    pub generation: u8,
    /// The version by which the task is expected.
    pub mark: Option<u8>,
}

/// The world as one process sees it. All clocks agree.
pub(super) struct Scene<'a> {
    pub world: &'a mut World,
    pub bounds: &'a RateBounds,
    /// The attempts whose executors trust their leases.
    pub trusted: &'a [Trusted],
    /// Counts what was met.
    pub coverage: &'a Coverage,
}

impl Scene<'_> {
    /// Whether this rule is broken on purpose.
    pub(super) fn breaks(&self, rule: Broken) -> bool {
        self.bounds.broken == Some(rule)
    }

    /// The queue's rate. Each version has the same.
    pub(super) fn rate(&self) -> Rate {
        self.bounds.rate()
    }

    /// Asks for slots, or for times at which tasks are expected.
    pub(super) fn ask(&mut self, ask: Ask) -> Answer {
        let rate = self.rate();
        self.world.item.ask(rate, ask, self.bounds.broken)
    }

    /// An attempt starts, in an executor that knows these settings, by this slot if it has one.
    pub(super) fn start(&mut self, known: Settings, slot: Option<Slot>) {
        let rate = self.rate();
        self.world.start(rate, self.bounds.late_by, known, slot);
    }

    /// Reads a record.
    pub(super) fn read(&self, task: u8) -> Task {
        self.world.record(task).task()
    }

    /// Makes a conditional write of a record.
    pub(super) fn write(&mut self, task: u8, step: &Step) -> Result<Task, (Refusal, Box<Task>)> {
        let before = self.read(task);
        match (Transition { born: born(task + 1), step: step.clone() }).apply(&before) {
            Ok(after) => {
                self.coverage.saw(step, Fate::Done);
                let place = &mut self.world.tasks[usize::from(task)];
                let broken = rules::broken(&before, &after, step, 0, self.trusted, &mut place.ghost);
                place.record = Record::of(&after, false);
                self.world.notes.broken = self.world.notes.broken.or(broken);
                Ok(after)
            }
            Err(refusal) => {
                self.coverage.saw(step, Fate::Refused(refusal));
                Err((refusal, Box::new(before)))
            }
        }
    }

    /// SQS accepts a message that becomes visible at `due`. `first` says whether it has the fence of no attempt.
    pub(super) fn send(&mut self, task: u8, generation: u8, mark: Option<u8>, first: bool, due: Tick) {
        let visible = self.comes(task, due);
        self.world.messages.push(Some(Message { task, generation, mark, first, visible }));
    }

    /// Makes a message visible again at `until`.
    pub(super) fn hide(&mut self, message: InHand, until: Tick) {
        let visible = self.comes(message.task, until);
        if let Some(message) = self.world.message(message.slot) {
            message.visible = visible;
        }
    }

    /// When a message comes that is due then.
    fn comes(&self, task: u8, due: Tick) -> Tick {
        (due.max(0) + self.bounds.lag[usize::from(task)]).max(0)
    }

    /// Deletes a message.
    pub(super) fn delete(&mut self, message: InHand) {
        if let Some(place) = message.slot.and_then(|slot| self.world.messages.get_mut(usize::from(slot))) {
            *place = None;
        }
    }
}
