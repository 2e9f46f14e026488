//! Liveness: whatever has happened, an accepted task can end without the audit.
//!
//! The checker's own property `eventually` asks that every path ends. Here no path has to end: a handler may ask for
//! another attempt forever, and SQS may deliver twice forever. The protocol promises that an end can be *reached* from
//! every situation by ticks, deliveries and time alone.
//!
//! So the healer takes each situation that can be reached and lets every actor die there. That is the worst case, because
//! what only a process knew is gone. Then new executors and ticks work without faults, and time passes. The task must
//! end, and the callback of its end must be made.
//!
//! Only the record and the messages outlive the crash. Situations that agree in them are healed once.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    actors::{Executor, ExecutorMove, Outcome, Submitter, Tick, TickMove},
    bounds::Bounds,
    coverage::Coverage,
    instant::FAR_PASS,
    record::Standing,
    situation::Situation,
};

/// What becomes of a situation without faults.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fate {
    /// There is no open task, or the task ends. No callback is owed.
    Ends,
    /// The task does not end, but no client got a 2xx answer for it.
    NotAccepted,
    /// SQS lost the message of a queued task. The audit sends it again.
    LostWhileQueued,
    /// SQS lost the message of an attempt that died before its first heartbeat. The audit sends it again.
    LostWhileRunning,
    /// An accepted task does not end.
    Stuck,
    /// A task has ended, and its callback is not made.
    Owes,
}

impl Fate {
    /// All of them.
    pub const ALL: [Fate; 6] =
        [Fate::Ends, Fate::NotAccepted, Fate::LostWhileQueued, Fate::LostWhileRunning, Fate::Stuck, Fate::Owes];
}

/// The rounds of ticks, deliveries and time. The longest way to an end takes fewer.
const ROUNDS: usize = 40;

const SHARDS: usize = 64;

/// Heals situations, and remembers the result by record and messages.
#[derive(Debug)]
pub(crate) struct Healer {
    hasher: RandomState,
    known: Vec<Mutex<HashMap<Situation, Fate>>>,
    counts: [AtomicU64; Fate::ALL.len()],
    coverage: Coverage,
}

impl Default for Healer {
    fn default() -> Self {
        Healer {
            hasher: RandomState::new(),
            known: (0..SHARDS).map(|_| Mutex::default()).collect(),
            counts: Default::default(),
            coverage: Coverage::default(),
        }
    }
}

impl Healer {
    /// What becomes of this situation. Counts it.
    pub(crate) fn fate(&self, situation: &Situation, bounds: &Bounds) -> Fate {
        let rest = rest(situation);
        let shard = &self.known[self.hasher.hash_one(&rest) as usize % SHARDS];
        let known = shard.lock().unwrap_or_else(PoisonError::into_inner).get(&rest).copied();
        let fate = known.unwrap_or_else(|| {
            let fate = self.heal(rest.clone(), bounds);
            shard.lock().unwrap_or_else(PoisonError::into_inner).insert(rest, fate);
            fate
        });
        self.counts[fate as usize].fetch_add(1, Ordering::Relaxed);
        fate
    }

    /// How many situations of each fate there were.
    pub(crate) fn counts(&self) -> [u64; Fate::ALL.len()] {
        std::array::from_fn(|fate| self.counts[fate].load(Ordering::Relaxed))
    }

    /// How many different records with their messages were healed.
    pub(crate) fn rests(&self) -> usize {
        self.known.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn heal(&self, mut now: Situation, bounds: &Bounds) -> Fate {
        let (accepted, lost) = (now.world.ghost.accepted, now.world.ghost.lost);
        let queued = now.world.record.is_some_and(|record| {
            matches!(record.standing, Standing::Queued { .. } | Standing::Scheduled { held: true, .. })
        });
        for _ in 0..ROUNDS {
            if now.world.record.is_none_or(|record| record.is_ended() && !record.owes()) {
                return Fate::Ends;
            }
            now = self.round(now, bounds);
        }
        if now.world.record.is_some_and(|record| record.owes()) {
            return Fate::Owes;
        }
        match (accepted, lost, queued) {
            (false, _, _) => Fate::NotAccepted,
            (true, true, true) => Fate::LostWhileQueued,
            (true, true, false) => Fate::LostWhileRunning,
            (true, false, _) => Fate::Stuck,
        }
    }

    /// One tick with all held tasks and dead letters, one delivery of each visible message, and one step of time.
    fn round(&self, mut now: Situation, bounds: &Bounds) -> Situation {
        now = self.tick(now, TickMove::Agenda);
        for hold in now.world.holds.clone() {
            now = self.tick(now, TickMove::Hold(hold));
        }
        for _ in 0..now.world.messages.len() {
            let letter = now.world.messages().find(|(_, one)| one.dead).map(|(slot, _)| slot);
            let Some(slot) = letter else { break };
            now = self.tick(now, TickMove::Letter(slot));
        }
        for _ in 0..now.world.messages.len() {
            let visible = now.world.messages().find(|(_, one)| !one.dead && one.visible <= 0).map(|(slot, _)| slot);
            let Some(slot) = visible else { break };
            now = self.deliver(now, slot, bounds);
        }
        let by = if now.world.awaits() || !now.world.awaits_far() { 1 } else { FAR_PASS };
        now.pass(by, bounds.kind);
        now.tidied()
    }

    fn tick(&self, mut now: Situation, first: TickMove) -> Situation {
        now.tick(1, first, &self.coverage);
        while now.ticks[1] != Tick::Idle {
            now.tick(1, TickMove::Go, &self.coverage);
        }
        now.tidied()
    }

    fn deliver(&self, mut now: Situation, slot: u8, bounds: &Bounds) -> Situation {
        now.receive(0, slot, bounds.receives);
        while now.executors[0] != Executor::Idle {
            let runs = matches!(now.executors[0], Executor::Run { .. });
            let choice = if runs { ExecutorMove::End(Outcome::Succeed) } else { ExecutorMove::Go };
            now.execute(0, choice, &self.coverage);
        }
        now.tidied()
    }
}

/// The situation after every actor has died.
fn rest(situation: &Situation) -> Situation {
    Situation {
        world: situation.world.clone(),
        executors: Default::default(),
        ticks: Default::default(),
        submitter: Submitter::Done,
        person: Default::default(),
    }
    .tidied()
}
