//! Everything at one moment, and how it changes.

use super::{
    bounds::RateBounds,
    broken::Broken,
    executor::{Executor, Known},
    item::{Answer, Slot},
    machine::Process,
    person::Wish,
    scene::{InHand, Scene},
    tick::{Tick, TickMove},
    world::{Late, Settings, World},
};
use crate::{actors::Outcome, coverage::Coverage, rules::Trusted};

/// Everything at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Situation {
    /// What outlives every crash.
    pub world: World,
    /// The executors.
    pub executors: [Executor; 2],
    /// The tick.
    pub tick: Tick,
    /// The API, which dispatches for a person.
    pub api: Tick,
}

impl Situation {
    /// All tasks are queued, and nothing has happened.
    pub(super) fn new(bounds: &RateBounds) -> Self {
        Self::of(World::new(bounds))
    }

    /// No process does anything.
    pub(super) fn of(world: World) -> Self {
        Situation { world, executors: Default::default(), tick: Tick::Idle, api: Tick::Idle }
    }

    fn trusted(&self) -> Vec<Trusted> {
        self.executors.iter().filter_map(Executor::attempt).collect()
    }

    /// Executor `who` does the next thing.
    pub(super) fn execute(&mut self, who: usize, outcome: Outcome, bounds: &RateBounds, coverage: &Coverage) {
        let trusted = self.trusted();
        let mut scene = Scene { world: &mut self.world, bounds, trusted: &trusted, coverage };
        self.executors[who] = self.executors[who].step(&mut scene, outcome);
    }

    /// The tick makes one choice.
    pub(super) fn tick(&mut self, choice: TickMove, bounds: &RateBounds, coverage: &Coverage) {
        let trusted = self.trusted();
        let mut scene = Scene { world: &mut self.world, bounds, trusted: &trusted, coverage };
        self.tick = std::mem::take(&mut self.tick).step(&mut scene, choice);
    }

    /// The API does the next thing of its dispatch.
    pub(super) fn dispatch(&mut self, bounds: &RateBounds, coverage: &Coverage) {
        let trusted = self.trusted();
        let mut scene = Scene { world: &mut self.world, bounds, trusted: &trusted, coverage };
        self.api = std::mem::take(&mut self.api).step(&mut scene, TickMove::Go);
    }

    /// A person asks for something.
    pub(super) fn ask(&mut self, wish: Wish) {
        if wish.make(&mut self.world) {
            self.api = Tick::Dispatch(super::dispatch::Dispatch::Look);
        }
    }

    /// SQS gives executor `who` the message in this place. `settings` is what the executor knows.
    pub(super) fn receive(
        &mut self,
        who: usize,
        slot: u8,
        settings: Settings,
        bounds: &RateBounds,
        coverage: &Coverage,
    ) {
        let Some(message) = self.world.message(Some(slot)) else { return };
        let sent = *message;
        (message.visible, message.first) = (Executor::visibility(), false);
        let in_hand = InHand { slot: Some(slot), task: sent.task, generation: sent.generation, mark: sent.mark };
        let scene = Scene { world: &mut self.world, bounds, trusted: &[], coverage };
        self.executors[who] = Executor::begin(&scene, in_hand, sent, Known { settings, fresh: true });
    }

    /// The write that this process makes next, if that may be made after its death.
    pub(super) fn late(&self, process: Process, bounds: &RateBounds, coverage: &Coverage) -> Option<Late> {
        let mut world = self.world.clone();
        let scene = Scene { world: &mut world, bounds, trusted: &[], coverage };
        match process {
            Process::Executor(who) => self.executors[who].late(&scene),
            Process::Tick => self.tick.late(),
            Process::Api => self.api.late(),
        }
    }

    /// The write of a dead process is made.
    pub(super) fn make_late(&mut self, bounds: &RateBounds) {
        match self.world.late.take() {
            Some(Late::Ask(ask)) => {
                let _: Answer = self.world.item.ask(bounds.rate(), ask, bounds.broken);
            }
            Some(Late::Waits(until)) => self.world.item.waits = until,
            None => {}
        }
    }

    /// A process dies.
    pub(super) fn kill(&mut self, process: Process) {
        match process {
            Process::Executor(who) => self.executors[who] = Executor::Idle,
            Process::Tick => self.tick = Tick::Idle,
            Process::Api => self.api = Tick::Idle,
        }
    }

    /// Whether a process is between two of its steps. A handler may run for long, and an executor waits for its time.
    pub(super) fn is_between_steps(&self) -> bool {
        let rests = |one: &Executor| matches!(one, Executor::Idle | Executor::Run { .. }) || one.waits();
        self.tick != Tick::Idle || self.api != Tick::Idle || !self.executors.iter().all(rests)
    }

    /// Time passes for everybody.
    pub(super) fn pass(&mut self) {
        self.world.pass(1);
        self.executors = self.executors.map(|one| one.later(1));
        self.tick = std::mem::take(&mut self.tick).later(1);
        self.api = std::mem::take(&mut self.api).later(1);
    }

    /// Makes situations equal that behave alike: forgets slots that nobody has and marks of versions that nobody knows, removes
    /// empty places, and sorts messages.
    pub(super) fn tidied(mut self, broken: Option<Broken>) -> Self {
        let (settings, before) = (self.world.settings, self.world.before.clone());
        let known = |version: &u8| {
            let is = |settings: &Settings| settings.version == Some(*version);
            is(&settings) || before.iter().any(is) || broken == Some(Broken::MarkOfOtherVersion)
        };
        for message in self.world.messages.iter_mut().flatten() {
            message.mark = message.mark.filter(known);
        }
        let live: Vec<Slot> = self.executors.iter().filter_map(Executor::slot).collect();
        let notes = &mut self.world.notes;
        notes.used.retain(|slot| live.contains(slot));
        notes.used.sort();
        notes.meters.sort();
        self.world.before.dedup();
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
}
