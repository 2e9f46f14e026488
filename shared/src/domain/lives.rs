//! Whole lives: scripts of everything that can happen to a task, in any order, with crashes between any two writes.
//!
//! One record, a lane, its dead letters, and four actors with clocks of their own that do what `docs/protocol.md`
//! says. After each step the rules hold; at the end the faults cease and every accepted task ends, without the audit.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod programs;
mod world;

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};

use self::{
    programs::{Program, person},
    world::{Fate, SECOND, World, ms},
};
use super::Time;

const ACTORS: usize = 4;

#[derive(Clone, Debug)]
enum Action {
    Submit {
        actor: usize,
        choice: u8,
    },
    Receive {
        actor: usize,
        which: usize,
    },
    Tick {
        actor: usize,
    },
    Drain {
        actor: usize,
        which: usize,
    },
    Person {
        actor: usize,
        choice: u8,
    },
    Step {
        actor: usize,
        choice: u8,
        zombie: bool,
    },
    Crash {
        actor: usize,
    },
    Pass(Duration),
    /// To a few milliseconds before or after the next time at which something becomes possible.
    PassToNext(i64),
    Duplicate(usize),
    Delay {
        which: usize,
        by: Duration,
    },
    Lose(usize),
    SendsFail,
    AnswerLost,
    Pause(bool),
    Forget,
}

#[derive(Clone, Debug)]
struct Script {
    keyed: bool,
    /// Whether SQS itself loses messages.
    lossy: bool,
    /// By how much each actor's clock is off; two differ by less than ten seconds.
    clocks: [i64; ACTORS],
    actions: Vec<Action>,
}

/// One draw to an action; in a debug build a draw for each of its parts takes longer than the action itself.
fn action(draw: u64) -> Action {
    let [kind, actor, choice, which, zombie, by, ..] = draw.to_le_bytes();
    let (actor, which, zombie) = (usize::from(actor) % ACTORS, usize::from(which), zombie < 80);
    let times = [1, 400, 1_000, 2_100, 5_000, 9_999, 25_000, 66_000, 130_000, 600_000];
    let by = times[usize::from(by) % times.len()];
    match kind / 2 {
        0..63 => Action::Step { actor, choice, zombie },
        63..80 => Action::Receive { actor, which },
        80..88 => Action::Tick { actor },
        88..92 => Action::Drain { actor, which },
        92..94 => Action::Person { actor, choice },
        94..96 => Action::Submit { actor, choice },
        96..99 => Action::Crash { actor },
        99..103 => Action::Pass(ms(by)),
        103..113 => Action::PassToNext([-1, 0, 1, 4_000][which % 4]),
        113..115 => Action::Duplicate(which),
        115 => Action::Delay { which, by: ms(by) },
        116 => Action::Lose(which),
        117..119 => Action::SendsFail,
        119..122 => Action::AnswerLost,
        122 => Action::Pause(true),
        123..126 => Action::Pause(false),
        _ => Action::Forget,
    }
}

fn script() -> impl Strategy<Value = Script> {
    let clocks = prop::array::uniform4(prop_oneof![-4_999..5_000i64, Just(-4_999), Just(4_999)]);
    let actions = vec(any::<u64>(), 20..300).prop_map(|draws| draws.into_iter().map(action).collect());
    (any::<bool>(), prop::bool::weighted(0.1), clocks, actions).prop_map(|(keyed, lossy, clocks, actions)| Script {
        keyed,
        lossy,
        clocks,
        actions,
    })
}

struct Play {
    world: World,
    actors: [Option<Program>; ACTORS],
    clocks: [i64; ACTORS],
}

impl Play {
    fn clock(&self, actor: usize) -> Time {
        Time::from_millis(self.world.now.as_millis().saturating_add_signed(self.clocks[actor]))
    }

    /// This actor or the next that is so.
    fn nearest(&self, actor: usize, is: impl Fn(&Option<Program>) -> bool) -> Option<usize> {
        (actor..actor + ACTORS).map(|actor| actor % ACTORS).find(|actor| is(&self.actors[*actor]))
    }

    /// Gives an idle actor something to do.
    fn begin(&mut self, actor: usize, program: impl FnOnce(&mut World, Time) -> Option<Program>) {
        if let Some(actor) = self.nearest(actor, Option::is_none) {
            let clock = self.clock(actor);
            self.actors[actor] = program(&mut self.world, clock);
        }
    }

    fn step(&mut self, actor: usize, choice: u8, zombie: bool) {
        self.world.attempts =
            (0..ACTORS).map(|other| Some((self.actors[other].as_ref()?.attempt()?, self.clock(other)))).collect();
        if let Some(program) = self.actors[actor].take() {
            let clock = self.clock(actor);
            self.actors[actor] = program.step(&mut self.world, clock, choice, zombie);
        }
    }

    fn act(&mut self, action: Action, keyed: bool, lossy: bool) {
        match action {
            // Without a key the client sends the task once: what it sends again is another task.
            Action::Submit { .. } if !keyed && self.world.seen.contains_key(&("submit", Fate::Done)) => {}
            Action::Submit { actor, choice } => self.begin(actor, |world, _| {
                world.saw("submit");
                Some(Program::submit(world, keyed, choice))
            }),
            Action::Receive { actor, which } => {
                self.begin(actor, |world, _| world.receive(which).map(|message| Program::Claim { message }));
            }
            Action::Tick { actor } => self.begin(actor, |_, _| Some(Program::Tick)),
            Action::Drain { actor, which } => self.begin(actor, |world, _| {
                let message = world.dead.get(which % world.dead.len().max(1))?.clone();
                Some(Program::Drain { message })
            }),
            Action::Person { actor, choice } => self.begin(actor, |world, clock| person(world, clock, choice)),
            Action::Step { actor, choice, zombie } => {
                if let Some(actor) = self.nearest(actor, Option::is_some) {
                    self.step(actor, choice, zombie);
                }
            }
            Action::Crash { actor } => self.actors[actor] = None,
            Action::Pass(by) => self.world.now = self.world.now.after(by),
            Action::PassToNext(off_by_ms) => {
                if let Some(at) = self.world.next_time() {
                    let at = Time::from_millis(at.as_millis().saturating_add_signed(off_by_ms));
                    self.world.now = self.world.now.max(at);
                }
            }
            Action::Duplicate(which) => self.world.duplicate(which),
            Action::Delay { which, by } => self.world.delay(which, by),
            Action::Lose(which) if lossy => self.world.lose(which),
            Action::Lose(_) => {}
            Action::SendsFail => self.world.sends_fail = true,
            Action::AnswerLost => self.world.answer_lost = true,
            Action::Pause(paused) => self.world.paused = paused,
            Action::Forget => self.world.forget(),
        }
        self.world.holds();
    }

    /// No more faults: what the script left undone dies with its actors, and two ticks and an executor do the rest.
    fn heal(&mut self) {
        self.actors = Default::default();
        (self.world.paused, self.world.sends_fail, self.world.answer_lost) = (false, false, false);
        for _ in 0..200 {
            if self.world.record.as_ref().is_none_or(|task| task.state.name().is_ended()) {
                return;
            }
            self.world.now = self.world.now.after(20 * SECOND);
            self.run(0, Program::Tick);
            while let Some(message) = self.world.dead.first().cloned() {
                self.run(1, Program::Drain { message });
                if self.world.record.is_none() {
                    break;
                }
            }
            for which in 0..self.world.lane.len() {
                if let Some(message) = self.world.receive(which) {
                    self.run(2, Program::Claim { message });
                }
            }
        }
        assert!(!self.world.must_end(), "it never ends: {:#?}", self.world);
    }

    fn run(&mut self, actor: usize, program: Program) {
        self.actors[actor] = Some(program);
        while self.actors[actor].is_some() {
            // Succeeds at once.
            self.step(actor, 25, false);
            self.world.holds();
        }
    }
}

#[test]
fn every_accepted_task_ends_once_whatever_happens() {
    let mut config = Config { cases: 30_000, failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    let seen = RefCell::new(BTreeMap::<_, u32>::new());
    let played = TestRunner::new(config).run(&script(), |script| {
        let world = World::new();
        let mut play = Play { world, actors: Default::default(), clocks: script.clocks };
        for action in script.actions {
            play.act(action, script.keyed, script.lossy);
        }
        play.heal();
        let mut seen = seen.borrow_mut();
        play.world.seen.into_iter().for_each(|(what, count)| *seen.entry(what).or_default() += count);
        Ok(())
    });
    played.unwrap();
    let seen = seen.into_inner();
    for what in [
        "again",
        "again later",
        "cancel",
        "claim",
        "expire",
        "fail",
        "heartbeat",
        "hold",
        "lease expired",
        "lost",
        "mark",
        "park",
        "reschedule",
        "revive",
        "succeed",
        "withdraw",
        "create",
        "ack: generation behind",
        "ack: life over",
        "ack: other life",
        "ack: successor placed",
        "dead-lettered",
        "drained",
        "replay sends",
    ] {
        assert!(seen.get(&(what, Fate::Done)).is_some_and(|&count| count >= 20), "too few of {what}: {seen:?}");
    }
    for what in ["again", "claim", "heartbeat", "hold", "mark", "park", "succeed"] {
        assert!(seen.get(&(what, Fate::Refused)).is_some_and(|&count| count >= 5), "{what} not refused: {seen:?}");
    }
    println!("{seen:?}");
}
