//! Liveness: whatever has happened, all tasks end. No crowd of new tasks keeps a held task from its slot.
//!
//! As in [`crate::heal`], every process dies in each situation, and new ones work without faults. Messages may always come late
//! or early. In a crowd, other tasks start and are expected as often as new tasks can, all the time.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    bounds::RateBounds,
    crowd::{Crowd, Habit},
    executor::Executor,
    situation::Situation,
    tick::{Tick, TickMove},
    world::{Left, Notes},
};
use crate::{actors::Outcome, coverage::Coverage, instant, world::Ghost};

/// How many ticks it may take until all tasks have ended.
const TICKS: u8 = 16;

const SHARDS: usize = 64;

/// How much later than due the messages of each task come, and a crowd if there is one.
type Weather = ([instant::Tick; 3], Option<Habit>);

/// Without a crowd.
const ALONE: &[Weather] = &[([0; 3], None), ([1; 3], None), ([-1; 3], None), ([1, 0, 0], None)];

/// In a crowd. New tasks wait for one that is expected until its slot has passed, which is an interval for each of the burst. If
/// its message always comes later than that, a lucky crowd can pass it for ever.
const CROWDED: &[Weather] = &[
    ([0; 3], Some(Habit::Crowding(0))),
    ([1; 3], Some(Habit::Crowding(0))),
    ([1; 3], Some(Habit::Crowding(1))),
    ([0; 3], Some(Habit::Lucky)),
    ([1; 3], Some(Habit::Lucky)),
];

/// Heals situations, and remembers those that end.
#[derive(Debug)]
pub(super) struct Healer {
    hasher: RandomState,
    /// Hashes of worlds from which everything ends.
    ends: Vec<Mutex<HashSet<u64>>>,
    counts: [AtomicU64; 2],
    coverage: Coverage,
}

impl Default for Healer {
    fn default() -> Self {
        Healer {
            hasher: RandomState::new(),
            ends: (0..SHARDS).map(|_| Mutex::default()).collect(),
            counts: Default::default(),
            coverage: Coverage::default(),
        }
    }
}

impl Healer {
    /// Whether everything ends from this situation. Counts it.
    pub(super) fn ends(&self, situation: &Situation, bounds: &RateBounds) -> bool {
        let ends = self.heals(situation, bounds, ALONE);
        self.counts[usize::from(!ends)].fetch_add(1, Ordering::Relaxed);
        ends
    }

    /// Whether everything ends from this situation though other tasks come all the time.
    pub(super) fn ends_in_a_crowd(&self, situation: &Situation, bounds: &RateBounds) -> bool {
        situation.world.settings.version.is_none() || self.heals(situation, bounds, CROWDED)
    }

    /// How many situations end, and how many do not.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.counts[0].load(Ordering::Relaxed), self.counts[1].load(Ordering::Relaxed))
    }

    /// How many different worlds were healed.
    pub(super) fn rests(&self) -> usize {
        self.ends.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn is_known(&self, hash: u64) -> bool {
        self.ends[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner).contains(&hash)
    }

    fn note(&self, hash: u64) {
        self.ends[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner).insert(hash);
    }

    fn heals(&self, situation: &Situation, bounds: &RateBounds, weathers: &[Weather]) -> bool {
        let rest = rest(situation);
        let hash = self.hasher.hash_one((&rest.world, weathers));
        let expected_for = bounds.interval * bounds.burst.cast_signed();
        let holds = |(lag, habit): &&Weather| *habit != Some(Habit::Lucky) || lag.iter().all(|lag| *lag < expected_for);
        let heals = self.is_known(hash)
            || weathers.iter().filter(holds).all(|weather| self.heal(rest.clone(), bounds, *weather));
        if heals {
            self.note(hash);
        }
        heals
    }

    fn heal(&self, mut now: Situation, bounds: &RateBounds, weather: Weather) -> bool {
        let bounds = &RateBounds { lag: weather.0, ..*bounds };
        let mut crowd = Crowd::new(weather.1);
        let mut way = Vec::new();
        for _ in 0..TICKS {
            let hash = self.hasher.hash_one((&now, weather, &crowd));
            if now.world.is_over() || self.is_known(hash) {
                way.push(hash);
                way.into_iter().for_each(|hash| self.note(hash));
                return true;
            }
            way.push(hash);
            for step in 0..bounds.between_ticks {
                crowd.comes(&mut now.world, bounds);
                if step == 0 {
                    now = self.ticks(now, bounds);
                    crowd.comes(&mut now.world, bounds);
                }
                now = self.step(now, bounds);
                crowd.pass();
            }
        }
        false
    }

    /// One tick.
    fn ticks(&self, mut now: Situation, bounds: &RateBounds) -> Situation {
        for task in 0..bounds.tasks {
            now = self.tick(now, TickMove::Agenda(task), bounds);
        }
        self.tick(now, TickMove::Dispatch, bounds)
    }

    /// One delivery of each visible message, and one step of time. A process that waits goes on then.
    fn step(&self, mut now: Situation, bounds: &RateBounds) -> Situation {
        for _ in 0..now.world.messages.len() {
            let visible = now.world.messages().find(|(_, one)| one.visible <= 0).map(|(slot, _)| slot);
            let idle = now.executors.iter().position(|one| *one == Executor::Idle);
            let (Some(slot), Some(who)) = (visible, idle) else { break };
            let settings = now.world.settings;
            now.receive(who, slot, settings, bounds, &self.coverage);
            now = self.go_on(now, bounds);
        }
        now.pass();
        forget(self.go_on(now, bounds))
    }

    /// The executors do all that they can do now.
    fn go_on(&self, mut now: Situation, bounds: &RateBounds) -> Situation {
        for who in 0..now.executors.len() {
            while now.executors[who] != Executor::Idle && !now.executors[who].waits() {
                now.execute(who, Outcome::Succeed, bounds, &self.coverage);
            }
        }
        now.tidied(bounds.broken)
    }

    fn tick(&self, mut now: Situation, first: TickMove, bounds: &RateBounds) -> Situation {
        now.tick(first, bounds, &self.coverage);
        while now.tick != Tick::Idle {
            now.tick(TickMove::Go, bounds, &self.coverage);
        }
        now.tidied(bounds.broken)
    }
}

/// The situation after every process has died.
fn rest(situation: &Situation) -> Situation {
    forget(Situation::of(situation.world.clone()))
}

/// The situation without the checker's notes, without faults to come, and with a queue that goes on.
fn forget(mut situation: Situation) -> Situation {
    let world = &mut situation.world;
    (world.left, world.late, world.notes) = (Left::default(), None, Notes::default());
    (world.before, world.settings.paused) = (Vec::new(), false);
    for place in &mut world.tasks {
        place.ghost = Ghost::default();
    }
    situation.tidied(None)
}
