//! Everything at one moment, and how it changes.

use super::{
    bounds::LimitBounds,
    executor::{Attempt, Executor, each_right},
    right::Right,
    scene::{InHand, Scene},
    scope::Scope,
    tick::{Tick, TickMove},
    world::{Late, Message, Settings, World},
};
use crate::{
    actors::{EXECUTOR_CLOCKS, Outcome, TICK_CLOCK},
    coverage::Coverage,
    instant::{self, time},
    record::{Standing, TIMEOUT_SECONDS},
    rules::Trusted,
    scene::{fence, generation},
};

/// Everything at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Situation {
    /// What outlives every crash.
    pub world: World,
    /// The executors.
    pub executors: [Executor; 2],
    /// The tick.
    pub tick: Tick,
}

impl Situation {
    /// All tasks are queued, and nothing has happened.
    pub(super) fn new(bounds: &LimitBounds) -> Self {
        Situation { world: World::new(bounds), executors: Default::default(), tick: Tick::Idle }
    }

    /// The attempts whose executors trust their leases.
    pub(super) fn attempts(&self) -> impl Iterator<Item = Attempt> {
        self.executors.iter().zip(EXECUTOR_CLOCKS).filter_map(|(one, clock)| one.attempt(clock))
    }

    /// What an actor with this clock sees.
    pub(super) fn scene<'a>(
        world: &'a mut World,
        trusted: &'a [Trusted],
        clock: instant::Tick,
        bounds: &'a LimitBounds,
        coverage: &'a Coverage,
    ) -> Scene<'a> {
        Scene { world, bounds, clock, trusted, known: Vec::new(), coverage }
    }

    /// The permits that anybody knows, with their tasks, where two new ones can be alike but for their nonces.
    pub(super) fn known_rights(&self, bounds: &LimitBounds) -> Vec<(u8, Right)> {
        let mut known = Vec::new();
        if bounds.key_limit.is_some() {
            self.clone().rights(|task, _, right| known.push((task, *right)));
            for message in self.world.messages.iter().flatten() {
                known.extend(
                    [message.rights.queue, message.rights.key].into_iter().flatten().map(|one| (message.task, one)),
                );
            }
        }
        known
    }

    /// Executor `who` does the next thing.
    pub(super) fn execute(&mut self, who: usize, outcome: Outcome, bounds: &LimitBounds, coverage: &Coverage) {
        let trusted: Vec<Trusted> = self.attempts().map(Attempt::trusted).collect();
        let known = self.known_rights(bounds);
        let mut scene = Self::scene(&mut self.world, &trusted, EXECUTOR_CLOCKS[who], bounds, coverage);
        scene.known = known;
        self.executors[who] = self.executors[who].step(&mut scene, outcome);
    }

    /// The tick makes one choice.
    pub(super) fn tick(&mut self, choice: TickMove, bounds: &LimitBounds, coverage: &Coverage) {
        let trusted: Vec<Trusted> = self.attempts().map(Attempt::trusted).collect();
        let known = self.known_rights(bounds);
        let mut scene = Self::scene(&mut self.world, &trusted, TICK_CLOCK, bounds, coverage);
        scene.known = known;
        self.tick = self.tick.step(&mut scene, choice);
    }

    /// SQS gives executor `who` the message in this place. `known` is what the executor knows of the settings.
    pub(super) fn receive(&mut self, who: usize, slot: u8, known: Settings, bounds: &LimitBounds, coverage: &Coverage) {
        let Some(message) = self.world.message(Some(slot)) else { return };
        message.visible = Executor::visibility();
        let Message { task, generation, rights, .. } = *message;
        let message = InHand { slot: Some(slot), task, generation };
        let scene = Self::scene(&mut self.world, &[], EXECUTOR_CLOCKS[who], bounds, coverage);
        self.executors[who] = Executor::begin(&scene, message, rights, known);
    }

    /// The write of a dead process is made.
    pub(super) fn make_late(&mut self, bounds: &LimitBounds, coverage: &Coverage) {
        let trusted: Vec<Trusted> = self.attempts().map(Attempt::trusted).collect();
        let Some(late) = self.world.late.take() else { return };
        let mut scene = Self::scene(&mut self.world, &trusted, 1, bounds, coverage);
        match late {
            Late::Edit { task, scope, edit } => {
                scene.edit(task, scope, edit);
            }
            Late::Claim { task, generation: of, at, fence: expected } => {
                // The record keeps no older time. The task was due when the process claimed it.
                let record = &mut scene.world.place(task).record;
                if let Standing::Scheduled { due, .. } | Standing::Queued { due } = &mut record.standing
                    && *due < 0
                {
                    *due = at.min(*due);
                }
                let step = taskway_protocol::Step::Claim {
                    generation: generation(of),
                    owner: taskway_protocol::Nonce(0),
                    now: time(at),
                    timeout_seconds: TIMEOUT_SECONDS,
                    fence: expected.map(fence),
                };
                let _ = scene.write(task, &step);
                let record = &mut scene.world.place(task).record;
                *record = record.later(0);
            }
        }
    }

    /// Whether a process is between two of its steps. A handler may run for long.
    pub(super) fn is_between_steps(&self) -> bool {
        let rests = |one: &Executor| matches!(one, Executor::Idle | Executor::Run { .. });
        self.tick != Tick::Idle || !self.executors.iter().all(rests)
    }

    /// Time passes for everybody.
    pub(super) fn pass(&mut self) {
        self.world.pass(1);
        for (executor, clock) in self.executors.iter_mut().zip(EXECUTOR_CLOCKS) {
            *executor = executor.later(1, clock);
        }
        self.tick = self.tick.later(1, TICK_CLOCK);
    }

    /// Makes situations equal that behave alike: removes empty places, sorts messages, and forgets how old old permits are.
    pub(super) fn tidied(mut self) -> Self {
        for message in self.world.messages.iter_mut().flatten() {
            // No executor can use it any more.
            let usable = |right: &Right| right.permit().usable_until() > time(EXECUTOR_CLOCKS[0]);
            message.rights = message.rights.map(|right| right.filter(usable));
        }
        self.settle_old();
        let mut order: Vec<u8> =
            (0..).zip(&self.world.messages).filter(|(_, one)| one.is_some()).map(|(i, _)| i).collect();
        order.sort_by_key(|slot| self.world.messages[usize::from(*slot)]);
        let place = |message: &mut InHand| {
            let new = message.slot.and_then(|slot| order.iter().position(|old| *old == slot));
            message.slot = new.map(|slot| slot as u8);
        };
        self.executors.iter_mut().filter_map(Executor::in_hand).for_each(place);
        self.world.messages = order.iter().map(|slot| self.world.messages[usize::from(*slot)]).collect();
        self
    }

    /// Old permits of a task in a ledger differ, and have an order. Nothing else about them matters.
    fn settle_old(&mut self) {
        let mut old: Vec<(u8, bool, Right)> = Vec::new();
        self.rights(|task, scope, right| {
            if right.is_past() {
                old.push((task, scope == Scope::Queue, *right));
            }
        });
        if old.is_empty() {
            return;
        }
        let order = |(task, queue, right): &(u8, bool, Right)| (*task, *queue, right.until, right.extra);
        old.sort_by_key(order);
        old.dedup_by_key(|one| order(one));
        self.rights(|task, scope, right| {
            if right.is_past() {
                let ledger = (task, scope == Scope::Queue);
                let before = old.iter().filter(|(task, queue, one)| {
                    (*task, *queue) == ledger && (one.until, one.extra) < (right.until, right.extra)
                });
                *right = right.at_place(before.count());
            }
        });
    }

    fn rights(&mut self, mut visit: impl FnMut(u8, Scope, &mut Right)) {
        for (task, place) in (0..).zip(&mut self.world.tasks) {
            each_right(task, &mut place.rights, &mut visit);
        }
        for executor in &mut self.executors {
            executor.rights(&mut visit);
        }
        self.tick.rights(&mut visit);
        if let Some(Late::Edit { task, scope, edit }) = &mut self.world.late {
            edit.rights().into_iter().for_each(|right| visit(*task, *scope, right));
        }
    }

    /// Each attempt that runs with a permit has it in the ledger, and there are no more such attempts than the limit allows.
    pub(super) fn is_permitted(&self, bounds: &LimitBounds) -> bool {
        self.world.all_scopes().into_iter().all(|scope| {
            let is_of = |one: &Attempt| scope == Scope::Queue || self.world.key_of(one.task) == Some(scope);
            let limited = || self.attempts().filter(|one| one.limited[scope] && is_of(one));
            let exempt = |one: &Attempt| one.fence <= self.world.tasks[usize::from(one.task)].exempt;
            let has = |one: &Attempt| self.world.right(one.task, scope).is_some_and(|right| right.fence == one.fence);
            let counted = limited().filter(|one| !exempt(one)).count();
            limited().all(|one| exempt(&one) || has(&one)) && counted <= usize::from(bounds.most(scope))
        })
    }

    /// Nobody works, and no message carries a task. So nothing happens without a tick.
    pub(super) fn is_idle(&self) -> bool {
        let idle = self.executors.iter().all(|one| *one == Executor::Idle) && self.tick == Tick::Idle;
        idle && self.world.messages.is_empty()
    }

    /// Whether a task is held in the list of this scope.
    pub(super) fn holds(&self, scope: Scope) -> bool {
        self.world.list(scope).any(|hold| {
            let record = self.world.record(hold.life - 1);
            record.generation == hold.generation && matches!(record.standing, Standing::Scheduled { held: true, .. })
        })
    }
}
