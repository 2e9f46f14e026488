//! A tick of the scheduler: it promotes due tasks, settles tasks whose lease is over, and empties the dead-letter queue.

use std::time::Duration;

use taskway_protocol::{Ack, Agenda, DeadLetter, Dispatch, HoldEntry, SKEW, State, Step, dead_letter, overdue};

use super::{Calling, Decision};
use crate::{
    instant::{self, NEAR, tick, time},
    message::InHand,
    record::{id, small},
    scene::{Scene, generation},
    world::{Hold, World},
};

/// The next thing that a tick does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Tick {
    /// Nothing: it is between two ticks.
    #[default]
    Idle,
    /// It sends a task that is due by the agenda, or by its own last write.
    Promote(Entry),
    /// It marks the task that it has sent.
    Mark(Entry),
    /// The agenda says that an attempt is over. It reads the record.
    Sweep { life: u8 },
    /// It writes what has become of the task.
    Rescue { life: u8, decision: Decision },
    /// It has received a dead letter and reads the record of its task.
    Drain { letter: InHand },
    /// It sends the letter to its lane again.
    Resend {
        letter: InHand,
        /// When the message becomes visible.
        at: instant::Tick,
    },
    /// It has read the record of a held task, and sends its message.
    Dispatch(Hold),
    /// It removes an entry from the hold list.
    Remove(Hold),
    /// It makes the callback of an ended task.
    CallBack(Calling),
    /// It deletes the letter.
    Delete { letter: InHand },
}

/// An entry of the agenda.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Entry {
    pub life: u8,
    pub generation: u8,
    pub due: instant::Tick,
}

/// A choice that a tick has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TickMove {
    /// To begin with the agenda's entry.
    Agenda,
    /// To begin with this entry of the hold list.
    Hold(Hold),
    /// To begin with the dead letter in this place.
    Letter(u8),
    /// To do the next thing.
    Go,
}

impl Tick {
    /// The letter that it has received.
    pub(crate) fn in_hand(&mut self) -> Option<&mut InHand> {
        match self {
            Tick::Drain { letter } | Tick::Resend { letter, .. } | Tick::Delete { letter } => Some(letter),
            Tick::Idle
            | Tick::Promote(_)
            | Tick::Mark(_)
            | Tick::Sweep { .. }
            | Tick::Rescue { .. }
            | Tick::Dispatch(_)
            | Tick::Remove(_)
            | Tick::CallBack(_) => None,
        }
    }

    /// Adds the choices that it has now.
    pub(crate) fn moves(&self, world: &World, clock: instant::Tick, moves: &mut Vec<TickMove>) {
        if *self != Tick::Idle {
            moves.push(TickMove::Go);
            return;
        }
        if read(world, clock).is_some() {
            moves.push(TickMove::Agenda);
        }
        moves.extend(world.holds.iter().map(|hold| TickMove::Hold(*hold)));
        moves.extend(world.messages().filter(|(_, one)| one.dead).map(|(slot, _)| TickMove::Letter(slot)));
    }

    /// Makes one choice.
    pub(crate) fn step(self, scene: &mut Scene, choice: TickMove) -> Tick {
        match (self, choice) {
            (Tick::Idle, TickMove::Agenda) => read(scene.world, scene.clock).unwrap_or_default(),
            (Tick::Idle, TickMove::Hold(hold)) => dispatch(scene.world, hold),
            (Tick::Dispatch(hold), _) => {
                scene.send(hold.life, hold.generation, scene.clock);
                Tick::Remove(hold)
            }
            (Tick::Remove(hold), _) => {
                scene.world.remove_hold(hold);
                Tick::Idle
            }
            (Tick::Idle, TickMove::Letter(slot)) => match scene.world.message(Some(slot)) {
                Some(letter) => Tick::Drain {
                    letter: InHand { slot: Some(slot), life: letter.life, generation: letter.generation },
                },
                None => Tick::Idle,
            },
            (Tick::Idle, TickMove::Go) => Tick::Idle,
            (Tick::Promote(entry), _) => {
                scene.send(entry.life, entry.generation, entry.due);
                Tick::Mark(entry)
            }
            (Tick::Mark(entry), _) => {
                let mark = Step::Mark { generation: generation(entry.generation), due: time(entry.due) };
                // If another write came first, the message still fits the record, or its claim is refused.
                let _ = scene.write(entry.life, &mark);
                Tick::Idle
            }
            (Tick::Sweep { life }, _) => {
                let decided = scene.world.record.and_then(|record| overdue(&record.task(), time(scene.clock)));
                let decision = decided.and_then(|step| Decision::of(&step, scene.clock));
                decision.map_or(Tick::Idle, |decision| Tick::Rescue { life, decision })
            }
            (Tick::Rescue { life, decision }, _) => match scene.write(life, &decision.step()) {
                Ok(task) => match task.state {
                    State::Scheduled { due, .. } => {
                        let generation = small(task.generation.0.into());
                        Tick::Promote(Entry { life, generation, due: tick(due) })
                    }
                    State::Ended { .. } => Calling::of(&task).map_or(Tick::Idle, Tick::CallBack),
                    State::Queued { .. } | State::Running { .. } => Tick::Idle,
                },
                Err(_) => Tick::Idle,
            },
            (Tick::CallBack(calling), _) => calling.step(scene, false).map_or(Tick::Idle, Tick::CallBack),
            (Tick::Drain { letter }, _) => drain(scene, letter),
            (Tick::Resend { letter, at }, _) => {
                scene.send(letter.life, letter.generation, at);
                Tick::Delete { letter }
            }
            (Tick::Delete { letter }, _) => {
                scene.delete(letter);
                Tick::Idle
            }
        }
    }

    /// The same tick after `by` has passed.
    pub(crate) fn later(self, by: instant::Tick, clock: instant::Tick) -> Tick {
        let entry = |entry: Entry| Entry { due: entry.due.saturating_sub(by).max(-1), ..entry };
        match self {
            Tick::Idle
            | Tick::Sweep { .. }
            | Tick::Drain { .. }
            | Tick::Delete { .. }
            | Tick::Dispatch(_)
            | Tick::Remove(_) => self,
            Tick::CallBack(calling) => Tick::CallBack(calling.later(by)),
            Tick::Promote(one) => Tick::Promote(entry(one)),
            Tick::Mark(one) => Tick::Mark(entry(one)),
            Tick::Rescue { life, decision } => {
                decision.later(by, clock).map_or(Tick::Idle, |decision| Tick::Rescue { life, decision })
            }
            Tick::Resend { letter, at } => Tick::Resend { letter, at: at.saturating_sub(by).max(0) },
        }
    }
}

/// What a tick does about the agenda's entry.
fn read(world: &World, clock: instant::Tick) -> Option<Tick> {
    let record = world.record?;
    let entry = |due| Tick::Promote(Entry { life: record.life, generation: record.generation, due: tick(due) });
    let task = record.task();
    match task.state.agenda()? {
        Agenda::Due(due) if tick(due) <= NEAR => Some(entry(due)),
        Agenda::Lease(at) if at.after(SKEW) <= time(clock) => Some(Tick::Sweep { life: record.life }),
        Agenda::Owed(_) => Calling::of(&task).map(Tick::CallBack),
        Agenda::Due(_) | Agenda::Lease(_) | Agenda::Dead(_) => None,
    }
}

/// What a tick does about an entry of the hold list. The tick looks before the entry is old.
fn dispatch(world: &World, hold: Hold) -> Tick {
    let entry = HoldEntry { id: id(hold.life), generation: generation(hold.generation), rank: time(0) };
    match entry.dispatch(world.record.map(|record| record.task()).as_ref(), time(0), time(0)) {
        Dispatch::Send => Tick::Dispatch(hold),
        Dispatch::Skip => Tick::Idle,
        Dispatch::Remove => Tick::Remove(hold),
    }
}

fn drain(scene: &mut Scene, letter: InHand) -> Tick {
    let now = time(scene.clock);
    let Some(record) = scene.world.record else {
        let Some(age) = scene.world.message(letter.slot).map(|letter| letter.age) else { return Tick::Idle };
        let sent = time(0).before(Duration::from_secs(5) * u32::from(age.unsigned_abs()));
        return Ack::no_record(sent, time(0)).map_or(Tick::Idle, |_| Tick::Delete { letter });
    };
    match dead_letter(&record.task(), id(letter.life), generation(letter.generation), now) {
        DeadLetter::Drop(_) => Tick::Delete { letter },
        DeadLetter::Send { at } => Tick::Resend { letter, at: tick(at) },
    }
}
