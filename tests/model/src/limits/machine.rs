//! The state space of a limited queue, as stateright walks it.

use stateright::{Model, Property};

use super::{
    bounds::LimitBounds,
    executor::Executor,
    heal::Healer,
    person::{self, Wish},
    scope::Scope,
    situation::Situation,
    tick::{Tick, TickMove},
    world::{Late, Message, Settings},
};
use crate::{
    actors::{EXECUTOR_CLOCKS, Outcome, TICK_CLOCK},
    coverage::Coverage,
    record::Standing,
};

/// A process that can die.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Process {
    Executor(usize),
    Tick,
}

/// One step of a process or of the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// The queue gives an executor a message. The executor knows these settings.
    Receive { who: usize, slot: u8, known: Settings },
    /// An executor does the next thing. If it runs an attempt, the attempt ends so.
    Executor(usize, Outcome),
    /// The tick makes a choice.
    Tick(TickMove),
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
    /// The queue loses the message of an attempt that has a permit.
    Lose(u8),
}

/// A state space and the counts from its search.
#[derive(Debug)]
pub(super) struct Machine {
    pub bounds: LimitBounds,
    /// The results of steps.
    pub coverage: Coverage,
    /// Brings the tasks of each situation to their ends.
    pub healer: Healer,
}

impl Machine {
    /// The machine of these bounds.
    pub(super) fn new(bounds: LimitBounds) -> Self {
        Machine { bounds, coverage: Coverage::default(), healer: Healer::default() }
    }

    fn late(&self, state: &Situation, process: Process) -> Option<Late> {
        let mut world = state.world.clone();
        let clock = match process {
            Process::Executor(who) => EXECUTOR_CLOCKS[who],
            Process::Tick => TICK_CLOCK,
        };
        let mut scene = Situation::scene(&mut world, &[], clock, &self.bounds, &self.coverage);
        scene.known = state.known_rights(&self.bounds);
        match process {
            Process::Executor(who) => state.executors[who].late(&scene),
            Process::Tick => state.tick.late(&scene),
        }
    }

    /// The next step of the process that is between two of its steps, or its death.
    fn go_on(&self, state: &Situation, actions: &mut Vec<Action>) {
        if state.tick != Tick::Idle {
            actions.push(Action::Tick(TickMove::Go));
            self.deaths(state, Process::Tick, actions);
        }
        for (who, executor) in state.executors.iter().enumerate() {
            if !matches!(executor, Executor::Idle | Executor::Run { .. }) {
                actions.push(Action::Executor(who, Outcome::Succeed));
                self.deaths(state, Process::Executor(who), actions);
            }
        }
    }

    fn deaths(&self, state: &Situation, process: Process, actions: &mut Vec<Action>) {
        if state.world.left.crashes > 0 {
            actions.push(Action::Crash(process));
        }
        if state.world.left.late_writes > 0 && state.world.late.is_none() && self.late(state, process).is_some() {
            actions.push(Action::Late(process));
        }
    }
}

fn kill(state: &mut Situation, process: Process) {
    match process {
        Process::Executor(who) => state.executors[who] = Executor::Idle,
        Process::Tick => state.tick = Tick::Idle,
    }
}

impl Model for Machine {
    type State = Situation;
    type Action = Action;

    fn init_states(&self) -> Vec<Situation> {
        vec![Situation::new(&self.bounds).tidied()]
    }

    fn actions(&self, state: &Situation, actions: &mut Vec<Action>) {
        let (bounds, world) = (&self.bounds, &state.world);
        if world.broken.is_some() {
            return;
        }
        if bounds.coarse && state.is_between_steps() {
            self.go_on(state, actions);
            return;
        }
        for (who, executor) in state.executors.into_iter().enumerate().take(bounds.executors) {
            if executor == Executor::Idle {
                for (slot, message) in world.messages() {
                    if message.visible <= 0 {
                        let known = world.settings.known(world.changed);
                        actions.extend(known.map(|known| Action::Receive { who, slot, known }));
                    }
                }
                continue;
            }
            if matches!(executor, Executor::Run { .. }) {
                let outcomes = executor.outcomes(bounds.outcomes);
                actions.extend(outcomes.into_iter().map(|outcome| Action::Executor(who, outcome)));
            } else {
                actions.push(Action::Executor(who, Outcome::Succeed));
            }
            self.deaths(state, Process::Executor(who), actions);
        }
        if bounds.tick {
            let mut moves = Vec::new();
            state.tick.moves(world, &mut moves);
            actions.extend(moves.into_iter().map(Action::Tick));
            if state.tick != Tick::Idle {
                self.deaths(state, Process::Tick, actions);
            }
        }
        let mut wishes = Vec::new();
        Wish::all(world, &mut wishes);
        actions.extend(wishes.into_iter().map(Action::Person));
        if world.late.is_some() {
            actions.push(Action::MakeLate);
        }
        if bounds.stalls.is_none() || world.left.stalls > 0 || !state.is_between_steps() {
            actions.push(Action::Pass);
        }
        for (slot, message) in world.messages() {
            if world.left.duplicates > 0 {
                actions.push(Action::Duplicate(slot));
            }
            if world.left.losses > 0 && is_permitted(state, message) {
                actions.push(Action::Lose(slot));
            }
        }
    }

    fn next_state(&self, last: &Situation, action: Action) -> Option<Situation> {
        let (bounds, coverage) = (&self.bounds, &self.coverage);
        let mut next = last.clone();
        match action {
            Action::Receive { who, slot, known } => next.receive(who, slot, known, bounds, coverage),
            Action::Executor(who, outcome) => next.execute(who, outcome, bounds, coverage),
            Action::Tick(choice) => next.tick(choice, bounds, coverage),
            Action::Person(wish) => {
                let trusted: Vec<_> = last.attempts().map(|one| one.trusted()).collect();
                wish.make(&mut Situation::scene(&mut next.world, &trusted, person::CLOCK, bounds, coverage));
            }
            Action::Crash(process) => {
                next.world.left.crashes -= 1;
                kill(&mut next, process);
            }
            Action::Late(process) => {
                next.world.left.late_writes -= 1;
                next.world.late = self.late(last, process);
                kill(&mut next, process);
            }
            Action::MakeLate => next.make_late(bounds, coverage),
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
            Action::Lose(slot) => {
                next.world.left.losses -= 1;
                if let Some(lost) = next.world.messages.get_mut(usize::from(slot)).and_then(Option::take) {
                    next.world.place(lost.task).ghost.lost = true;
                }
            }
        }
        let next = next.tidied();
        (next != *last).then_some(next)
    }

    fn within_boundary(&self, state: &Situation) -> bool {
        let (bounds, world) = (&self.bounds, &state.world);
        let within =
            |record: crate::record::Record| record.generation <= bounds.generations && record.fence <= bounds.fences;
        // A step that breaks a rule counts even if it leaves the bounds.
        world.broken.is_some()
            || world.messages.len() <= bounds.messages && world.tasks.iter().all(|one| within(one.record))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        super::properties::all()
    }
}

/// Whether this is the message of an attempt whose permit is in the queue's ledger, or of a held task that was sent with it.
fn is_permitted(state: &Situation, message: &Message) -> bool {
    let record = state.world.record(message.task);
    let attempt = match record.standing {
        Standing::Running { .. } => record.fence,
        Standing::Scheduled { held: true, .. } => record.fence + 1,
        Standing::Scheduled { held: false, .. } | Standing::Queued { .. } | Standing::Ended { .. } => return false,
    };
    let permitted = state.world.right(message.task, Scope::Queue).is_some_and(|right| right.fence == attempt);
    permitted && record.generation == message.generation
}

/// Whether SQS has lost the message of a task that only the audit finds.
pub(super) fn is_lost(state: &Situation) -> bool {
    state.world.tasks.iter().any(|place| {
        let permitted = place.rights.queue.is_some_and(|right| right.fence == place.record.fence);
        let found = match place.record.standing {
            Standing::Scheduled { .. } | Standing::Ended { .. } => true,
            Standing::Running { .. } => permitted,
            Standing::Queued { .. } => false,
        };
        place.ghost.lost && !found
    })
}
