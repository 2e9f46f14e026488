//! A person: cancels, retries what ended, runs it now or later. Reads first, and writes some time after.

use taskway_protocol::{Priority, State, Step};

use crate::{
    instant::{FAR, NEAR, Tick, tick, time},
    record::{RETAIN, Standing, small},
    scene::{Scene, generation},
    world::World,
};

/// Where a person stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Person {
    /// Wants nothing.
    #[default]
    Idle,
    /// Has read the record, and asks for something.
    Ask {
        /// Of which life.
        life: u8,
        /// At which generation it was read.
        generation: u8,
        /// For what.
        wish: Wish,
    },
    /// The write is made; a message hastens it.
    Hasten {
        /// Of which life.
        life: u8,
        /// The generation that was written.
        generation: u8,
        /// When it is due.
        due: Tick,
    },
}

/// What a person can ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Wish {
    /// That it stops.
    Cancel,
    /// That it does not start, as a schedule asks of its firings.
    Withdraw,
    /// That what ended is run again.
    Revive,
    /// That it is run now, in five seconds, or much later.
    At(Tick),
}

/// What a person does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PersonMove {
    /// Reads the record.
    Read(Wish),
    /// Does the next thing.
    Go,
}

impl Person {
    /// What it can do next.
    pub(crate) fn moves(&self, world: &World, moves: &mut Vec<PersonMove>) {
        if *self != Person::Idle {
            moves.push(PersonMove::Go);
            return;
        }
        let wishes: &[Wish] = match world.record.map(|record| record.standing) {
            None => &[],
            Some(Standing::Scheduled { .. } | Standing::Queued { .. }) => {
                &[Wish::Cancel, Wish::Withdraw, Wish::At(0), Wish::At(1), Wish::At(FAR)]
            }
            Some(Standing::Running { .. }) => &[Wish::Cancel],
            Some(Standing::Ended { .. }) => &[Wish::Revive],
        };
        moves.extend(wishes.iter().map(|wish| PersonMove::Read(*wish)));
    }

    /// Does it.
    pub(crate) fn step(self, scene: &mut Scene, choice: PersonMove) -> Person {
        match (self, choice) {
            (Person::Idle, PersonMove::Read(wish)) => scene.world.record.map_or(Person::Idle, |record| Person::Ask {
                life: record.life,
                generation: record.generation,
                wish,
            }),
            (Person::Idle, PersonMove::Go) => Person::Idle,
            (Person::Ask { life, generation: read, wish }, _) => {
                let now = time(scene.clock);
                // Only who enters the agenda changes a deadline, so that of the generation that was read is the record's.
                let deadline = scene.world.record.and_then(|record| record.deadline).map(time);
                let generation = generation(read);
                let step = match wish {
                    Wish::Cancel => Step::Cancel { at: now, retained_until: time(scene.clock + RETAIN) },
                    Wish::Withdraw => Step::Withdraw { at: now, retained_until: time(scene.clock + RETAIN) },
                    Wish::Revive => {
                        Step::Revive { generation, now, deadline: deadline.filter(|deadline| now < *deadline) }
                    }
                    Wish::At(wait) => {
                        let due = time(scene.clock + wait);
                        let priority = Priority::Normal;
                        Step::Reschedule { generation, now, due, run_at: Some(due), deadline, priority }
                    }
                };
                let Ok(task) = scene.write(life, &step) else { return Person::Idle };
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

    /// The same person `by` later.
    pub(crate) fn later(self, by: Tick) -> Person {
        match self {
            Person::Idle | Person::Ask { .. } => self,
            Person::Hasten { life, generation, due } => {
                Person::Hasten { life, generation, due: due.saturating_sub(by).max(-1) }
            }
        }
    }
}
