//! What one actor can do in one step, by its own clock.

use taskway_protocol::{Fence, Generation, Refusal, Step, Task, Transition};

use crate::{
    coverage::{Coverage, Fate},
    instant::{NEAR, Tick},
    message::{InHand, Message},
    record::{Record, born},
    rules::{self, Trusted},
    world::{Ghost, World},
};

/// The world as one actor sees it.
pub(crate) struct Scene<'a> {
    pub world: &'a mut World,
    /// The offset of its clock.
    pub clock: Tick,
    /// The attempts whose executors trust their leases.
    pub trusted: &'a [Trusted],
    /// Counts what was met.
    pub coverage: &'a Coverage,
}

/// Why a write was not made.
pub(crate) enum Failed {
    /// There is no record.
    Absent,
    /// The record does not meet an expectation of the step.
    Refused(Refusal, Box<Task>),
}

impl Scene<'_> {
    /// Puts the record of a new life. Returns its number, or `None` if a record is there.
    pub(crate) fn create(&mut self, due: Tick, far: bool, deadline: Option<Tick>, young: bool) -> Option<u8> {
        let now = crate::instant::time(self.clock);
        if self.world.record.is_some_and(|record| !record.task().is_forgotten(now)) {
            return None;
        }
        self.world.lives += 1;
        let life = self.world.lives;
        let followed = self.world.children.followed;
        self.world.record = Some(Record { followed, ..Record::new(life, due, far, deadline, young) });
        self.world.ghost =
            Ghost { not_before: due.max(-1), lost: life == 1 && self.world.ghost.lost, ..Ghost::default() };
        Some(life)
    }

    /// Makes a conditional write.
    pub(crate) fn write(&mut self, life: u8, step: &Step) -> Result<Task, Failed> {
        let Some(record) = self.world.record else {
            return Err(Failed::Absent);
        };
        let before = record.task();
        match (Transition { born: born(life), step: step.clone() }).apply(&before) {
            Ok(after) => {
                self.coverage.saw(step, Fate::Done);
                let broken = rules::broken(&before, &after, step, self.clock, self.trusted, &mut self.world.ghost);
                let unfollowed = self.world.children.broken(&before, &after, step);
                self.world.broken = self.world.broken.or(broken).or(unfollowed);
                self.world.record = Some(Record::of(&after, record.young));
                Ok(after)
            }
            Err(refusal) => {
                self.coverage.saw(step, Fate::Refused(refusal));
                Err(Failed::Refused(refusal, Box::new(before)))
            }
        }
    }

    /// SQS accepts a message that becomes visible at `due`.
    pub(crate) fn send(&mut self, life: u8, generation: u8, due: Tick) {
        debug_assert!(due <= NEAR, "only what is near is sent");
        let visible = (due - self.clock).max(0);
        self.world.messages.push(Some(Message { life, generation, dead: false, visible, receives: 0, age: 0 }));
    }

    /// Makes a message visible again at `until`.
    pub(crate) fn hide(&mut self, message: InHand, until: Tick) {
        let clock = self.clock;
        if let Some(message) = self.world.message(message.slot) {
            message.visible = (until - clock).max(0);
        }
    }

    /// Deletes a message.
    pub(crate) fn delete(&mut self, message: InHand) {
        if let Some(place) = message.slot.and_then(|slot| self.world.messages.get_mut(usize::from(slot))) {
            *place = None;
        }
    }

    /// The client gets a 2xx answer for this life.
    pub(crate) fn accept(&mut self, life: u8) {
        if self.world.record.is_some_and(|record| record.life == life) {
            self.world.ghost.accepted = true;
        }
    }
}

/// The protocol's generation.
pub(crate) const fn generation(count: u8) -> Generation {
    Generation(count as u32)
}

/// The protocol's fence.
pub(crate) const fn fence(count: u8) -> Fence {
    Fence(count as u32)
}
