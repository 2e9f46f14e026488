//! What one actor can do in one step, by its own clock.

use taskway_protocol::{Change, Refusal, Step, Task, Transition};

use super::{
    bounds::LimitBounds,
    broken::Broken,
    right::{Edit, Right, Rights},
    scope::Scope,
    world::{Message, World, key},
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
}

/// The world as one actor sees it.
pub(super) struct Scene<'a> {
    pub world: &'a mut World,
    pub bounds: &'a LimitBounds,
    /// The offset of its clock.
    pub clock: Tick,
    /// The attempts whose executors trust their leases.
    pub trusted: &'a [Trusted],
    /// The permits that anybody knows, with their tasks. A new permit differs from them.
    pub known: Vec<(u8, Right)>,
    /// Counts what was met.
    pub coverage: &'a Coverage,
}

impl Scene<'_> {
    /// Whether this rule is broken on purpose.
    pub(super) fn breaks(&self, rule: Broken) -> bool {
        self.bounds.broken == Some(rule)
    }

    /// How many permits a ledger may have.
    pub(super) fn most(&self, scope: Scope) -> u8 {
        self.bounds.most(scope)
    }

    /// A new permit, which differs from all others of its task as if by its nonce.
    pub(super) fn distinct(&self, task: u8, mut right: Right) -> Right {
        while self.known.contains(&(task, right)) {
            right.extra += 1;
        }
        right
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
                let broken = rules::broken(&before, &after, step, self.clock, self.trusted, &mut place.ghost);
                place.record = Record::of(&after, false);
                self.world.broken = self.world.broken.or(broken);
                Ok(after)
            }
            Err(refusal) => {
                self.coverage.saw(step, Fate::Refused(refusal));
                Err((refusal, Box::new(before)))
            }
        }
    }

    /// Makes a conditional write of a ledger. Says whether it was made.
    pub(super) fn edit(&mut self, task: u8, scope: Scope, edit: Edit) -> bool {
        let mut ledger = self.world.ledger(scope);
        let change = edit.change();
        let any = matches!(edit, Edit::Release(_)) && self.breaks(Broken::ReleaseAnyAttempt);
        let room = !matches!(change, Change::Add(_)) || ledger.0.len() < usize::from(self.most(scope));
        let made = room && (any || ledger.fits(&key(task), change));
        if made {
            ledger.apply(key(task), change);
            self.world.place(task).rights[scope] = ledger.0.get(&key(task)).map(|permit| Right::of(*permit));
        }
        made
    }

    /// SQS accepts a message that becomes visible at `due`, or as soon as its lane comes to it.
    pub(super) fn send(&mut self, task: u8, generation: u8, rights: Rights, due: Tick) {
        let visible = (due - self.clock).max(self.bounds.lane);
        self.world.messages.push(Some(Message { task, generation, rights, visible }));
    }

    /// Makes a message visible again at `until`.
    pub(super) fn hide(&mut self, message: InHand, until: Tick) {
        let clock = self.clock;
        if let Some(message) = self.world.message(message.slot) {
            message.visible = (until - clock).max(0);
        }
    }

    /// Deletes a message.
    pub(super) fn delete(&mut self, message: InHand) {
        if let Some(place) = message.slot.and_then(|slot| self.world.messages.get_mut(usize::from(slot))) {
            *place = None;
        }
    }
}
