//! A person, who cancels a task, retries it after its end, or runs it now or later. The API reads first and writes later.

use taskway_protocol::{Fence, Priority, Spec, State, Step};

use super::Calling;
use crate::{
    instant::{FAR, NEAR, Tick, tick, time},
    record::{RETAIN, Record, Standing, small},
    scene::{Scene, generation},
    world::World,
};

/// The next thing that the API does for the person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Person {
    /// Nothing.
    #[default]
    Idle,
    /// It has read the record, and writes.
    Ask {
        life: u8,
        /// The generation that it has read.
        generation: u8,
        wish: Wish,
    },
    /// It makes the callback of the ended task that it has read, before the person has its wish.
    CallBack(Calling, Wish),
    /// It sends the task that it has written, because the task is due soon.
    Hasten { life: u8, generation: u8, due: Tick },
}

/// What a person can ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Wish {
    /// To cancel the task.
    Cancel,
    /// To cancel the task if it has not started, as a schedule does with its firings.
    Withdraw,
    /// To cancel the task if it waits, as a purge does.
    Purge,
    /// To run an ended task again.
    Revive,
    /// The same, and the API makes no callback before. No release does this: it shows what the step alone prevents.
    ReviveAtOnce,
    /// To submit it anew, due now or much later, whatever has become of it.
    Replace(Tick),
    /// To run it now, in five seconds, or much later.
    At(Tick),
}

/// A choice that a person has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PersonMove {
    /// To ask for something; the API reads the record.
    Read(Wish),
    /// To do the next thing.
    Go,
    /// To do it and miss the answer, so that the SDK repeats the write.
    Unheard,
}

impl Wish {
    /// Whether it is another run of an ended task.
    pub(crate) const fn is_retry(self) -> bool {
        match self {
            Wish::Revive | Wish::ReviveAtOnce => true,
            Wish::Cancel | Wish::Withdraw | Wish::Purge | Wish::Replace(_) | Wish::At(_) => false,
        }
    }

    /// Whether it is a replacement of the task.
    pub(crate) const fn is_replacement(self) -> bool {
        matches!(self, Wish::Replace(_))
    }
}

impl Person {
    /// Adds the choices that there are now.
    pub(crate) fn moves(&self, world: &World, moves: &mut Vec<PersonMove>) {
        if *self != Person::Idle {
            moves.push(PersonMove::Go);
            if matches!(self, Person::Ask { .. }) {
                moves.push(PersonMove::Unheard);
            }
            return;
        }
        let wishes: &[Wish] = match world.record.map(|record| (record.standing, record.fence)) {
            None => &[],
            // Of a task that has never started, a purge does what a withdrawal does.
            Some((Standing::Scheduled { .. } | Standing::Queued { .. }, 0)) => {
                &[Wish::Cancel, Wish::Withdraw, Wish::At(0), Wish::At(1), Wish::At(FAR)]
            }
            Some((Standing::Scheduled { .. } | Standing::Queued { .. }, _)) => {
                &[Wish::Cancel, Wish::Withdraw, Wish::Purge, Wish::At(0), Wish::At(1), Wish::At(FAR)]
            }
            Some((Standing::Running { .. }, _)) => &[Wish::Cancel],
            Some((Standing::Ended { owes: false, .. }, _)) => &[Wish::Revive],
            Some((Standing::Ended { owes: true, .. }, _)) => &[Wish::Revive, Wish::ReviveAtOnce],
        };
        moves.extend(wishes.iter().map(|wish| PersonMove::Read(*wish)));
        if world.record.is_some() {
            moves.extend([0, FAR].map(|wait| PersonMove::Read(Wish::Replace(wait))));
        }
    }

    /// Makes one choice.
    pub(crate) fn step(self, scene: &mut Scene, choice: PersonMove) -> Person {
        match (self, choice) {
            (Person::Idle, PersonMove::Read(wish)) => scene.world.record.map_or(Person::Idle, |record| {
                let calls_back = wish == Wish::Revive || wish.is_replacement();
                let calling = Calling::of(&record.task()).filter(|_| calls_back);
                let ask = Person::Ask { life: record.life, generation: record.generation, wish };
                calling.map_or(ask, |calling| Person::CallBack(calling, wish))
            }),
            (Person::CallBack(calling, wish), _) => match calling.step(scene, false) {
                Some(calling) => Person::CallBack(calling, wish),
                None => {
                    let Record { life, generation, .. } = *calling.read();
                    Person::Ask { life, generation, wish }
                }
            },
            (Person::Idle, PersonMove::Go | PersonMove::Unheard) => Person::Idle,
            (Person::Ask { life, generation: read, wish }, _) => {
                let now = time(scene.clock);
                // A step that changes the deadline makes a new generation. So the record still has the deadline that was read.
                let deadline = scene.world.record.and_then(|record| record.deadline).map(time);
                let generation = generation(read);
                let step = match wish {
                    Wish::Cancel => Step::Cancel { at: now, retained_until: time(scene.clock + RETAIN) },
                    Wish::Withdraw => {
                        let fence = Some(Fence::NONE);
                        Step::Withdraw { fence, at: now, retained_until: time(scene.clock + RETAIN) }
                    }
                    Wish::Purge => Step::Withdraw { fence: None, at: now, retained_until: time(scene.clock + RETAIN) },
                    Wish::Revive | Wish::ReviveAtOnce => {
                        Step::Revive { generation, now, deadline: deadline.filter(|deadline| now < *deadline) }
                    }
                    Wish::Replace(wait) => {
                        let run_at = time(scene.clock + wait);
                        let spec = scene.world.record.map(|record| record.task().spec);
                        let Some(spec) = spec else { return Person::Idle };
                        Step::Replace { generation, now, spec: Box::new(Spec { run_at, deadline: None, ..spec }) }
                    }
                    Wish::At(wait) => {
                        let due = time(scene.clock + wait);
                        let priority = Priority::Normal;
                        Step::Reschedule { generation, now, due, run_at: Some(due), deadline, priority }
                    }
                };
                let written = scene.write(life, &step);
                if choice == PersonMove::Unheard {
                    return self;
                }
                let Ok(task) = written else { return Person::Idle };
                match task.state {
                    State::Scheduled { due, .. } if tick(due) <= NEAR => {
                        Person::Hasten { life, generation: small(task.generation.0.into()), due: tick(due) }
                    }
                    State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } | State::Ended { .. } => {
                        Person::Idle
                    }
                }
            }
            (Person::Hasten { life, generation, due }, _) => {
                scene.send(life, generation, due);
                Person::Idle
            }
        }
    }

    /// The same person after `by` has passed.
    pub(crate) fn later(self, by: Tick) -> Person {
        match self {
            Person::Idle | Person::Ask { .. } => self,
            Person::CallBack(calling, wish) => Person::CallBack(calling.later(by), wish),
            Person::Hasten { life, generation, due } => {
                Person::Hasten { life, generation, due: due.saturating_sub(by).max(-1) }
            }
        }
    }
}
