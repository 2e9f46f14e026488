//! The state space, as stateright walks it.

use stateright::{Model, Property};

use crate::{
    actors::{
        EXECUTOR_CLOCKS, Executor, ExecutorMove, Person, PersonMove, Submitter, SubmitterMove, TICK_CLOCK, Tick,
        TickMove, Wish,
    },
    bounds::Bounds,
    coverage::Coverage,
    heal::Healer,
    instant::FAR_PASS,
    message::Message,
    scene::Scene,
    situation::Situation,
    world::Ghost,
};

/// An actor that can die.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Actor {
    /// An executor.
    Executor(usize),
    /// A tick.
    Tick(usize),
    /// The submit function.
    Submitter,
    /// The API, asked by a person.
    Person,
}

/// One step of an actor or of the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// The queue gives an executor a message, or moves it to the dead-letter queue after too many receives.
    Receive(usize, u8),
    /// An executor makes a choice.
    Executor(usize, ExecutorMove),
    /// A tick makes a choice.
    Tick(usize, TickMove),
    /// The submit function or its client makes a choice.
    Submitter(SubmitterMove),
    /// A person makes a choice, or the API goes on.
    Person(PersonMove),
    /// An actor dies between two steps.
    Crash(Actor),
    /// Five seconds pass.
    Pass,
    /// So much time passes that a far time is near.
    PassFar,
    /// The queue duplicates the message in this place.
    Duplicate(u8),
    /// The queue loses it.
    Lose(u8),
    /// DynamoDB deletes the expired record.
    Forget,
}

/// A state space and the counts from its search.
#[derive(Debug)]
pub(crate) struct Machine {
    pub bounds: Bounds,
    /// The results of steps.
    pub coverage: Coverage,
    /// Brings the task of each situation to its end.
    pub healer: Healer,
}

impl Machine {
    /// The machine of these bounds.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Machine { bounds, coverage: Coverage::default(), healer: Healer::default() }
    }
}

impl Model for Machine {
    type State = Situation;
    type Action = Action;

    fn init_states(&self) -> Vec<Situation> {
        vec![Situation::new(self.bounds.followed)]
    }

    fn actions(&self, state: &Situation, actions: &mut Vec<Action>) {
        let (bounds, world) = (&self.bounds, &state.world);
        if world.broken.is_some() {
            return;
        }
        for (who, executor) in state.executors.into_iter().enumerate().take(bounds.executors) {
            if executor == Executor::Idle {
                let visible = world.messages().filter(|(_, one)| !one.dead && one.visible <= 0);
                actions.extend(visible.map(|(slot, _)| Action::Receive(who, slot)));
                continue;
            }
            let mut moves = Vec::new();
            executor.moves(bounds.outcomes, EXECUTOR_CLOCKS[who], &mut moves);
            let beats = |one: &ExecutorMove| matches!(one, ExecutorMove::Beat | ExecutorMove::BeatUnheard);
            moves.retain(|one| bounds.pauses || *one != ExecutorMove::Hold);
            let faulty = |one: &ExecutorMove| {
                matches!(one, ExecutorMove::Unheard | ExecutorMove::BeatUnheard | ExecutorMove::SendRefused)
            };
            moves.retain(|one| (bounds.beats || !beats(one)) && (bounds.faults || !faulty(one)));
            actions.extend(moves.into_iter().map(|one| Action::Executor(who, one)));
            actions.push(Action::Crash(Actor::Executor(who)));
        }
        for who in 2 - bounds.ticks..2 {
            // The ticks are equal, so one of them is enough.
            if who == 1 && bounds.ticks == 2 && state.ticks[0] == state.ticks[1] {
                continue;
            }
            let mut moves = Vec::new();
            state.ticks[who].moves(world, TICK_CLOCK, &mut moves);
            actions.extend(moves.into_iter().map(|one| Action::Tick(who, one)));
            if state.ticks[who] != Tick::Idle {
                actions.push(Action::Crash(Actor::Tick(who)));
            }
        }
        let mut moves = Vec::new();
        state.submitter.moves(bounds.kind, bounds.deadlines, world.record.is_some_and(|one| one.young), &mut moves);
        moves.retain(|one| bounds.faults || !matches!(one, SubmitterMove::SendRefused | SubmitterMove::Unheard));
        actions.extend(moves.into_iter().map(Action::Submitter));
        if !matches!(state.submitter, Submitter::Idle | Submitter::Done) {
            actions.push(Action::Crash(Actor::Submitter));
        }
        if bounds.person {
            let mut moves = Vec::new();
            state.person.moves(world, &mut moves);
            moves.retain(|one| bounds.careless || *one != PersonMove::Read(Wish::ReviveAtOnce));
            let retry = |one: &PersonMove| !matches!(one, PersonMove::Read(wish) if !wish.is_retry());
            moves.retain(|one| !bounds.retries || retry(one));
            let replaces = |one: &PersonMove| match one {
                PersonMove::Read(wish) => wish.is_replacement() == bounds.replaces,
                PersonMove::Go | PersonMove::Unheard => true,
            };
            moves.retain(replaces);
            actions.extend(moves.into_iter().map(Action::Person));
            if state.person != Person::Idle {
                actions.push(Action::Crash(Actor::Person));
            }
        }
        let waiting = matches!(state.submitter, Submitter::Both { .. } | Submitter::Put(_));
        if world.awaits() || waiting {
            actions.push(Action::Pass);
        }
        if world.awaits_far() {
            actions.push(Action::PassFar);
        }
        for (slot, message) in world.messages() {
            if bounds.duplicates && !message.dead && world.messages.len() < bounds.messages {
                actions.push(Action::Duplicate(slot));
            }
            if bounds.losses {
                actions.push(Action::Lose(slot));
            }
        }
        let swept = crate::instant::time(-2);
        if bounds.lives > 1 && world.record.is_some_and(|record| record.task().is_forgotten(swept)) {
            actions.push(Action::Forget);
        }
    }

    fn next_state(&self, last: &Situation, action: Action) -> Option<Situation> {
        let mut next = last.clone();
        match action {
            Action::Receive(who, slot) => next.receive(who, slot, self.bounds.receives),
            Action::Executor(who, choice) => next.execute(who, choice, &self.coverage),
            Action::Tick(who, choice) => next.tick(who, choice, &self.coverage),
            Action::Submitter(choice) => {
                let coverage = &self.coverage;
                let mut scene = Scene { world: &mut next.world, clock: 0, trusted: &[], coverage };
                next.submitter = next.submitter.step(&mut scene, choice, self.bounds.kind);
            }
            Action::Person(choice) => {
                let coverage = &self.coverage;
                let mut scene = Scene { world: &mut next.world, clock: 0, trusted: &[], coverage };
                next.person = next.person.step(&mut scene, choice);
            }
            Action::Crash(Actor::Executor(who)) => next.executors[who] = Executor::Idle,
            Action::Crash(Actor::Tick(who)) => next.ticks[who] = Tick::Idle,
            Action::Crash(Actor::Submitter) => next.submitter = Submitter::over(self.bounds.kind),
            Action::Crash(Actor::Person) => next.person = Person::Idle,
            Action::Pass => next.pass(1, self.bounds.kind),
            Action::PassFar => next.pass(FAR_PASS, self.bounds.kind),
            Action::Duplicate(slot) => {
                let copy = next.world.message(Some(slot)).map(|one| Message { visible: 0, receives: 0, ..*one });
                next.world.messages.push(copy);
            }
            Action::Lose(slot) => {
                let lost = next.world.messages.get_mut(usize::from(slot)).and_then(Option::take);
                let carried = |one: Message| {
                    next.world.record.is_none_or(|record| {
                        (record.life, record.generation) == (one.life, one.generation) && !record.is_ended()
                    })
                };
                next.world.ghost.lost |= lost.is_some_and(carried);
            }
            Action::Forget => {
                next.world.record = None;
                next.world.ghost = Ghost { not_before: -1, ..Ghost::default() };
            }
        }
        let next = next.tidied();
        (next != *last).then_some(next)
    }

    fn within_boundary(&self, state: &Situation) -> bool {
        let (bounds, world) = (&self.bounds, &state.world);
        // A step that breaks a rule counts even if it leaves the bounds.
        world.broken.is_some()
            || world.messages.len() <= bounds.messages
                && world.lives <= bounds.lives
                && world
                    .record
                    .is_none_or(|record| record.generation <= bounds.generations && record.fence <= bounds.fences)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        crate::properties::all()
    }
}
