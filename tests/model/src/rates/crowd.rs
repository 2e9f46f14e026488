//! Other tasks of the queue, which ask for all that they can get and are always asked first.

use super::{
    bounds::RateBounds,
    item::{Answer, Ask, Kind},
    world::World,
};
use crate::instant::{NEAR, Tick};

/// How the tasks of a crowd come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Habit {
    /// They start when they can. Those who cannot are expected when they can be. Their messages come by this much later.
    Crowding(Tick),
    /// They start when they can. Nobody of them comes who cannot.
    Lucky,
}

/// A crowd of tasks that are never held, or none.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Crowd {
    /// How its tasks come.
    habit: Option<Habit>,
    /// When those come that are expected.
    expected: Vec<Tick>,
}

impl Crowd {
    /// Nobody is expected yet.
    pub(super) fn new(habit: Option<Habit>) -> Self {
        Crowd { habit, expected: Vec::new() }
    }

    /// Those who are expected come. New ones take each slot that they can get, and are expected at each time.
    pub(super) fn comes(&mut self, world: &mut World, bounds: &RateBounds) {
        let (Some(habit), Some(version)) = (self.habit, world.settings.version) else { return };
        let mut ask = |kind, by| {
            let ask = Ask { version, kind, count: 1, from: 0, by };
            for _ in 0..2 {
                match world.item.ask(bounds.rate(), ask, bounds.broken) {
                    Answer::Begun => {}
                    Answer::Behind => return None,
                    Answer::Times(times) => return Some(times.first()?.at),
                }
            }
            None
        };
        let come = self.expected.iter().filter(|at| **at <= 0).count();
        self.expected.retain(|at| *at > 0);
        for _ in 0..come {
            let _: Option<Tick> = ask(Kind::Start { expected: true }, 1);
        }
        for _ in 0..NEAR {
            if ask(Kind::Start { expected: false }, 1).is_none() {
                break;
            }
        }
        let Habit::Crowding(lag) = habit else { return };
        for _ in 0..NEAR {
            let Some(at) = ask(Kind::Expect { held: false }, bounds.ahead) else { break };
            self.expected.push(at + lag);
        }
        self.expected.sort_unstable();
    }

    /// A step of time passes.
    pub(super) fn pass(&mut self) {
        self.expected.iter_mut().for_each(|at| *at -= 1);
    }
}
