//! Everything at one moment, and how it changes.

use crate::{
    actors::{EXECUTOR_CLOCKS, Executor, ExecutorMove, Kind, Person, Submitter, TICK_CLOCK, Tick, TickMove},
    children::Followed,
    coverage::Coverage,
    instant,
    message::{InHand, Message},
    record::Standing,
    rules::Trusted,
    scene::Scene,
    world::World,
};

/// Everything at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Situation {
    /// What outlives every crash.
    pub world: World,
    /// The executors.
    pub executors: [Executor; 2],
    /// The ticks, in any order.
    pub ticks: [Tick; 2],
    /// The submit function.
    pub submitter: Submitter,
    /// A person.
    pub person: Person,
}

impl Situation {
    /// Nothing has happened. A callback follows these ends.
    pub(crate) fn new(followed: Followed) -> Self {
        Situation {
            world: World::new(followed),
            executors: Default::default(),
            ticks: Default::default(),
            submitter: Submitter::default(),
            person: Person::default(),
        }
    }

    fn trusted(&self) -> Vec<Trusted> {
        self.executors.iter().zip(EXECUTOR_CLOCKS).filter_map(|(one, clock)| one.trusted(clock)).collect()
    }

    /// Makes one choice of executor `who`.
    pub(crate) fn execute(&mut self, who: usize, choice: ExecutorMove, coverage: &Coverage) {
        let trusted = self.trusted();
        let mut scene = Scene { world: &mut self.world, clock: EXECUTOR_CLOCKS[who], trusted: &trusted, coverage };
        self.executors[who] = self.executors[who].step(&mut scene, who as u8 + 1, choice);
    }

    /// Makes one choice of tick `who`.
    pub(crate) fn tick(&mut self, who: usize, choice: TickMove, coverage: &Coverage) {
        let trusted = self.trusted();
        let mut scene = Scene { world: &mut self.world, clock: TICK_CLOCK, trusted: &trusted, coverage };
        self.ticks[who] = self.ticks[who].step(&mut scene, choice);
    }

    /// The queue gives executor `who` the message in this place.
    pub(crate) fn receive(&mut self, who: usize, slot: u8, most: u8) {
        let Some(message) = self.world.message(Some(slot)) else { return };
        if message.receives >= most {
            *message = Message { dead: true, visible: 0, receives: 0, ..*message };
            return;
        }
        message.receives += 1;
        message.visible = Executor::visibility();
        let message = InHand { slot: Some(slot), life: message.life, generation: message.generation };
        self.executors[who] = Executor::Claim { message };
    }

    /// Time passes for everybody.
    pub(crate) fn pass(&mut self, by: instant::Tick, kind: Kind) {
        self.world.pass(by);
        for (executor, clock) in self.executors.iter_mut().zip(EXECUTOR_CLOCKS) {
            *executor = executor.later(by, clock);
        }
        self.ticks = self.ticks.map(|tick| tick.later(by, TICK_CLOCK));
        self.submitter = self.submitter.later(by, kind);
        self.person = self.person.later(by);
    }

    /// Makes situations equal that behave alike: removes empty places, and sorts messages and ticks.
    pub(crate) fn tidied(mut self) -> Self {
        let mut order: Vec<u8> =
            (0..).zip(&self.world.messages).filter(|(_, one)| one.is_some()).map(|(i, _)| i).collect();
        order.sort_by_key(|slot| self.world.messages[usize::from(*slot)]);
        let place = |message: &mut InHand| {
            let new = message.slot.and_then(|slot| order.iter().position(|old| *old == slot));
            message.slot = new.map(|slot| slot as u8);
        };
        self.executors.iter_mut().filter_map(Executor::in_hand).for_each(place);
        self.ticks.iter_mut().filter_map(Tick::in_hand).for_each(place);
        self.world.messages = order.iter().map(|slot| self.world.messages[usize::from(*slot)]).collect();
        self.ticks.sort();
        let reclaims = self.executors.map(|one| matches!(one, Executor::Reclaim { .. }));
        if let Some(record) = &mut self.world.record
            && let Standing::Running { owner, .. } = &mut record.standing
            && !reclaims.get(usize::from(*owner).wrapping_sub(1)).is_some_and(|reclaims| *reclaims)
        {
            // Each claim draws a nonce. Only the executor that repeats the claim knows it.
            *owner = 0;
        }
        self
    }
}

impl Default for Situation {
    fn default() -> Self {
        Situation::new(Followed::Nothing)
    }
}
