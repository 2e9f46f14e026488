//! Liveness: whatever has happened, all tasks end. No crowd of newcomers keeps a held task from its slot.
//!
//! As in [`crate::heal`], every process dies in each situation, and new ones work without faults. In a crowd, other tasks
//! take each slot that newcomers can get, all the time.

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
    executor::Executor,
    item::{Answer, Ask},
    situation::Situation,
    tick::{Tick, TickMove},
    world::{Left, Notes, World},
};
use crate::{actors::Outcome, coverage::Coverage, instant, world::Ghost};

/// How many ticks it may take until all tasks have ended.
const TICKS: u8 = 12;

const SHARDS: usize = 64;

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
        let ends = self.heal(rest(situation), bounds, false);
        self.counts[usize::from(!ends)].fetch_add(1, Ordering::Relaxed);
        ends
    }

    /// Whether everything ends from this situation though other tasks ask for slots all the time.
    pub(super) fn ends_in_a_crowd(&self, situation: &Situation, bounds: &RateBounds) -> bool {
        situation.world.settings.version.is_none() || self.heal(rest(situation), bounds, true)
    }

    /// How many situations end, and how many do not.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.counts[0].load(Ordering::Relaxed), self.counts[1].load(Ordering::Relaxed))
    }

    /// How many different worlds were healed.
    pub(super) fn rests(&self) -> usize {
        self.ends.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn heal(&self, mut now: Situation, bounds: &RateBounds, crowd: bool) -> bool {
        let mut way = Vec::new();
        let is_known = |hash: u64| {
            self.ends[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner).contains(&hash)
        };
        for _ in 0..TICKS {
            let hash = self.hasher.hash_one((&now.world, crowd));
            if now.world.is_over() || is_known(hash) {
                way.push(hash);
                for hash in way {
                    self.ends[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner).insert(hash);
                }
                return true;
            }
            way.push(hash);
            for step in 0..bounds.between_ticks {
                if crowd {
                    take_all(&mut now.world, bounds);
                }
                if step == 0 {
                    now = self.ticks(now, bounds);
                }
                now = self.step(now, bounds);
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

    /// One delivery of each visible message, and one step of time. A process that waits for its slot goes on then.
    fn step(&self, mut now: Situation, bounds: &RateBounds) -> Situation {
        for _ in 0..now.world.messages.len() {
            let visible = now.world.messages().find(|(_, one)| one.visible <= 0).map(|(slot, _)| slot);
            let Some(slot) = visible else { break };
            let settings = now.world.settings;
            now.receive(0, slot, settings, bounds, &self.coverage);
            while now.executors[0] != Executor::Idle && !now.executors[0].waits() {
                now.execute(0, Outcome::Succeed, bounds, &self.coverage);
            }
            now = now.tidied(bounds.broken);
            if now.executors[0].waits() {
                break;
            }
        }
        now.pass();
        while now.executors[0] != Executor::Idle && !now.executors[0].waits() {
            now.execute(0, Outcome::Succeed, bounds, &self.coverage);
        }
        rest(&now)
    }

    fn tick(&self, mut now: Situation, first: TickMove, bounds: &RateBounds) -> Situation {
        now.tick(first, bounds, &self.coverage);
        while now.tick != Tick::Idle {
            now.tick(TickMove::Go, bounds, &self.coverage);
        }
        now.tidied(bounds.broken)
    }
}

/// Newcomers take every slot that they can get.
fn take_all(world: &mut World, bounds: &RateBounds) {
    let Some(version) = world.settings.version else { return };
    let ask = Ask { version, count: 1, from: 0, by: bounds.ahead, newcomer: true };
    let most = instant::NEAR;
    for _ in 0..most {
        match world.item.reserve(bounds.rate(), ask, bounds.broken) {
            Answer::Slots(slots) if !slots.is_empty() => {}
            Answer::Slots(_) | Answer::Behind => break,
        }
    }
}

/// The situation after every process has died, without the checker's notes. The queue goes on.
fn rest(situation: &Situation) -> Situation {
    let mut world = situation.world.clone();
    (world.left, world.late, world.notes) = (Left::default(), None, Notes::default());
    (world.before, world.settings.paused) = (Vec::new(), false);
    for place in &mut world.tasks {
        place.ghost = Ghost::default();
    }
    Situation::of(world).tidied(None)
}
