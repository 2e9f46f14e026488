//! Liveness: whatever has happened, all tasks end, and nothing is left of the limit.
//!
//! As in [`crate::heal`], every process dies in each situation, and new ones work without faults.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    bounds::LimitBounds,
    executor::Executor,
    scope::Scope,
    situation::Situation,
    tick::{Tick, TickMove},
    world::{Left, Settings},
};
use crate::{actors::Outcome, coverage::Coverage, world::Ghost};

/// The rounds of ticks, deliveries and time. The longest way to an end takes fewer.
const ROUNDS: usize = 60;

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
    /// Whether everything ends from this situation. Counts it. If keys have limits, everything must also end when each message
    /// waits in its lane for longer than from one tick to the next.
    pub(super) fn ends(&self, situation: &Situation, bounds: &LimitBounds) -> bool {
        let slow = LimitBounds { lane: 1, ..*bounds };
        let ends =
            self.heal(rest(situation), bounds) && (bounds.key_limit.is_none() || self.heal(rest(situation), &slow));
        self.counts[usize::from(!ends)].fetch_add(1, Ordering::Relaxed);
        ends
    }

    /// How many situations end, and how many do not.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.counts[0].load(Ordering::Relaxed), self.counts[1].load(Ordering::Relaxed))
    }

    /// How many different worlds were healed.
    pub(super) fn rests(&self) -> usize {
        self.ends.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn heal(&self, mut now: Situation, bounds: &LimitBounds) -> bool {
        let mut way = Vec::new();
        let is_known = |hash: u64| {
            self.ends[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner).contains(&hash)
        };
        for _ in 0..ROUNDS {
            let hash = self.hasher.hash_one((&now.world, bounds.lane));
            let is_over = now.world.is_over() && !probe(&mut now, bounds);
            if is_over || is_known(hash) {
                way.push(hash);
                for hash in way {
                    self.ends[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner).insert(hash);
                }
                return true;
            }
            way.push(hash);
            now = self.round(now, bounds);
        }
        false
    }

    /// One tick, one delivery of each visible message, and one step of time.
    fn round(&self, mut now: Situation, bounds: &LimitBounds) -> Situation {
        for task in 0..now.world.tasks.len() as u8 {
            now = self.tick(now, TickMove::Agenda(task), bounds);
            for scope in now.world.scopes(task) {
                now = self.tick(now, TickMove::Permit(task, scope), bounds);
            }
        }
        for scope in now.world.all_scopes() {
            now = self.tick(now, TickMove::Dispatch(scope), bounds);
        }
        for _ in 0..now.world.messages.len() {
            let visible = now.world.messages().find(|(_, one)| one.visible <= 0).map(|(slot, _)| slot);
            let Some(slot) = visible else { break };
            let settings = now.world.settings;
            now.receive(0, slot, settings, bounds, &self.coverage);
            while now.executors[0] != Executor::Idle {
                now.execute(0, Outcome::Succeed, bounds, &self.coverage);
            }
            now = now.tidied();
        }
        now.pass();
        rest(&now)
    }

    fn tick(&self, mut now: Situation, first: TickMove, bounds: &LimitBounds) -> Situation {
        now.tick(first, bounds, &self.coverage);
        while now.tick != Tick::Idle {
            now.tick(TickMove::Go, bounds, &self.coverage);
        }
        now.tidied()
    }
}

/// Submits a new task for each permit that a key may have, if permits were left in its ledger. They must end too. Says
/// whether it has submitted any.
fn probe(now: &mut Situation, bounds: &LimitBounds) -> bool {
    let is_first = now.world.tasks.len() == usize::from(bounds.tasks);
    let scopes = now.world.all_scopes().into_iter();
    let left: Vec<Scope> = scopes.filter(|scope| is_first && now.world.out(*scope) > 0).collect();
    for scope in &left {
        if let Scope::Key(key) = *scope {
            (0..bounds.most(*scope)).for_each(|_| now.world.submit(Some(key)));
        }
    }
    !left.is_empty()
}

/// The situation after every process has died, without the checker's notes.
fn rest(situation: &Situation) -> Situation {
    let mut world = situation.world.clone();
    (world.left, world.late, world.broken, world.changed) = (Left::default(), None, None, Settings::UNCHANGED);
    world.settings.paused = false;
    for place in &mut world.tasks {
        (place.ghost, place.exempt) = (Ghost::default(), 0);
    }
    Situation { world, executors: Default::default(), tick: Tick::Idle }.tidied()
}
