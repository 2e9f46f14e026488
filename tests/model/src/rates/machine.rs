//! The state space of a queue with a rate, as stateright walks it.

use stateright::{Model, Property};

use super::{
    bounds::RateBounds,
    executor::Executor,
    heal::Healer,
    person::Wish,
    situation::Situation,
    tick::{Tick, TickMove},
    world::{Message, Settings},
};
use crate::{actors::Outcome, coverage::Coverage, instant};

/// A process that can die.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Process {
    Executor(usize),
    Tick,
    Api,
}

/// One step of a process or of the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// The queue gives an executor a message. The executor knows these settings.
    Receive { who: usize, slot: u8, settings: Settings },
    /// An executor does the next thing. If it runs an attempt, the attempt ends so.
    Executor(usize, Outcome),
    /// The tick makes a choice.
    Tick(TickMove),
    /// The API does the next thing of its dispatch.
    Api,
    /// A person asks for something.
    Person(Wish),
    /// A process dies.
    Crash(Process),
    /// A process dies, and its write is on its way.
    Late(Process),
    /// That write is made.
    MakeLate,
    /// Five seconds pass.
    Pass,
    /// The queue duplicates the message in this place.
    Duplicate(u8),
}

/// A state space and the counts from its search.
#[derive(Debug)]
pub(super) struct Machine {
    pub bounds: RateBounds,
    /// The results of steps.
    pub coverage: Coverage,
    /// Brings the tasks of each situation to their ends.
    pub healer: Healer,
}

impl Machine {
    /// The machine of these bounds.
    pub(super) fn new(bounds: RateBounds) -> Self {
        Machine { bounds, coverage: Coverage::default(), healer: Healer::default() }
    }

    fn deaths(&self, state: &Situation, process: Process, actions: &mut Vec<Action>) {
        let left = state.world.left;
        if left.crashes > 0 {
            actions.push(Action::Crash(process));
        }
        let may_be_late = left.late_writes > 0 && state.world.late.is_none();
        if may_be_late && state.late(process, &self.bounds, &self.coverage).is_some() {
            actions.push(Action::Late(process));
        }
    }

    fn executor(&self, state: &Situation, who: usize, actions: &mut Vec<Action>) {
        let (executor, world) = (state.executors[who], &state.world);
        if executor == Executor::Idle {
            // A message that was sent ahead may come early.
            let comes = |message: &Message| message.visible <= instant::Tick::from(message.mark.is_some());
            for (slot, _) in world.messages().filter(|(_, message)| comes(message)) {
                let known = std::iter::once(&world.settings).chain(&world.before);
                actions.extend(known.map(|settings| Action::Receive { who, slot, settings: *settings }));
            }
            return;
        }
        if matches!(executor, Executor::Run { .. }) {
            let outcomes = executor.outcomes(self.bounds.outcomes);
            actions.extend(outcomes.into_iter().map(|outcome| Action::Executor(who, outcome)));
        } else if !executor.waits() {
            actions.push(Action::Executor(who, Outcome::Succeed));
        }
        self.deaths(state, Process::Executor(who), actions);
    }
}

impl Model for Machine {
    type State = Situation;
    type Action = Action;

    fn init_states(&self) -> Vec<Situation> {
        vec![Situation::new(&self.bounds).tidied(self.bounds.broken)]
    }

    fn actions(&self, state: &Situation, actions: &mut Vec<Action>) {
        let (bounds, world) = (&self.bounds, &state.world);
        if world.notes.broken.is_some() || world.notes.fault.is_some() {
            return;
        }
        for who in 0..bounds.executors {
            self.executor(state, who, actions);
        }
        if bounds.tick {
            let mut moves = Vec::new();
            state.tick.moves(world, &mut moves);
            actions.extend(moves.into_iter().map(Action::Tick));
            if state.tick != Tick::Idle {
                self.deaths(state, Process::Tick, actions);
            }
        }
        if state.api == Tick::Idle {
            let mut wishes = Vec::new();
            Wish::all(world, &mut wishes);
            actions.extend(wishes.into_iter().map(Action::Person));
        } else {
            actions.push(Action::Api);
            self.deaths(state, Process::Api, actions);
        }
        if world.late.is_some() {
            actions.push(Action::MakeLate);
        }
        if bounds.stalls.is_none() || world.left.stalls > 0 || !state.is_between_steps() {
            actions.push(Action::Pass);
        }
        if world.left.duplicates > 0 {
            actions.extend(world.messages().map(|(slot, _)| Action::Duplicate(slot)));
        }
    }

    fn next_state(&self, last: &Situation, action: Action) -> Option<Situation> {
        let (bounds, coverage) = (&self.bounds, &self.coverage);
        let mut next = last.clone();
        match action {
            Action::Receive { who, slot, settings } => next.receive(who, slot, settings, bounds, coverage),
            Action::Executor(who, outcome) => next.execute(who, outcome, bounds, coverage),
            Action::Tick(choice) => next.tick(choice, bounds, coverage),
            Action::Api => next.dispatch(bounds, coverage),
            Action::Person(wish) => next.ask(wish),
            Action::Crash(process) => {
                next.world.left.crashes -= 1;
                next.kill(process);
            }
            Action::Late(process) => {
                next.world.left.late_writes -= 1;
                next.world.late = last.late(process, bounds, coverage);
                next.kill(process);
            }
            Action::MakeLate => next.make_late(bounds),
            Action::Pass => {
                let stalls = bounds.stalls.is_some() && next.is_between_steps();
                next.world.left.stalls -= u8::from(stalls);
                next.pass();
            }
            Action::Duplicate(slot) => {
                next.world.left.duplicates -= 1;
                let copy = next.world.message(Some(slot)).map(|one| Message { visible: 0, ..*one });
                next.world.messages.push(copy);
            }
        }
        let next = next.tidied(bounds.broken);
        (next != *last).then_some(next)
    }

    fn within_boundary(&self, state: &Situation) -> bool {
        let (bounds, world) = (&self.bounds, &state.world);
        let within =
            |record: crate::record::Record| record.generation <= bounds.generations && record.fence <= bounds.fences;
        // A step that breaks a rule counts even if it leaves the bounds.
        world.notes.broken.is_some()
            || world.notes.fault.is_some()
            || world.messages.len() <= bounds.messages && world.tasks.iter().all(|one| within(one.record))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        super::properties::all()
    }
}
