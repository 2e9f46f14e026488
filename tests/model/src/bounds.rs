//! The state spaces: who acts, which faults there are, and how far counters go.

use crate::{
    actors::{Kind, Outcome},
    children::Followed,
};

/// One state space. Everything in it that can happen happens, in every order. Steps that leave it are not followed.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The name.
    pub name: &'static str,
    /// What the client submits.
    pub kind: Kind,
    /// The number of executors, 0 to 2. Their clocks differ by ten seconds.
    pub executors: usize,
    /// The number of ticks that may overlap, 0 to 2.
    pub ticks: usize,
    /// Whether a person cancels, reschedules and retries.
    pub person: bool,
    /// Whether a person does nothing else than retry.
    pub retries: bool,
    /// Whether a person does nothing else than submit the task anew, with `replace`. Otherwise nobody does.
    pub replaces: bool,
    /// Which ends of the task have a callback.
    pub followed: Followed,
    /// Whether the person's retry also happens without its callback being made before. No release does this.
    pub careless: bool,
    /// How attempts end.
    pub outcomes: &'static [Outcome],
    /// Whether attempts renew their leases.
    pub beats: bool,
    /// Whether tasks may have a deadline.
    pub deadlines: bool,
    /// Whether the queue is paused and goes on at any time. Executors and ticks learn of it at any time.
    pub pauses: bool,
    /// Whether SQS may duplicate messages at any time.
    pub duplicates: bool,
    /// Whether SQS itself may lose messages.
    pub losses: bool,
    /// Whether answers get lost and the queue refuses messages. Crashes happen in every space.
    pub faults: bool,
    /// The highest generation.
    pub generations: u8,
    /// The highest fence.
    pub fences: u8,
    /// The largest number of messages at a time, including dead letters.
    pub messages: usize,
    /// How often a message is received before it moves to the dead-letter queue.
    pub receives: u8,
    /// The largest number of lives under the key.
    pub lives: u8,
}

const BASE: Bounds = Bounds {
    name: "",
    kind: Kind::Near,
    executors: 1,
    ticks: 1,
    person: false,
    retries: false,
    replaces: false,
    followed: Followed::Nothing,
    careless: false,
    outcomes: &[Outcome::Succeed, Outcome::RetryNow],
    beats: false,
    deadlines: false,
    pauses: false,
    duplicates: false,
    losses: false,
    faults: false,
    generations: 2,
    fences: 2,
    messages: 2,
    receives: 2,
    lives: 1,
};

const END: &[Outcome] = &[Outcome::Succeed];
const FAIL: &[Outcome] = &[Outcome::Fail];
const ENDS: &[Outcome] = &[Outcome::Succeed, Outcome::Fail];

/// The state spaces of `make model`. Together they have every actor and every fault.
pub const FULL: &[Bounds] = &[
    // A message and an attempt are lost at every point.
    Bounds { name: "SQS loses messages", losses: true, beats: true, ..BASE },
    // Leases are renewed or lapse, and zombies try to renew them.
    Bounds {
        name: "two executors, renewed leases",
        executors: 2,
        beats: true,
        messages: 1,
        outcomes: Outcome::ALL,
        ..BASE
    },
    Bounds { name: "the same, and duplicates", executors: 2, beats: true, duplicates: true, outcomes: END, ..BASE },
    // There is one message too many at every point.
    Bounds { name: "two executors, faults", executors: 2, duplicates: true, faults: true, outcomes: END, ..BASE },
    // Two ticks promote the same task, and two executors get both of its messages.
    Bounds { name: "two executors, two ticks", kind: Kind::Far, executors: 2, ticks: 2, outcomes: END, ..BASE },
    // Two ticks look after the same attempt.
    Bounds { name: "two ticks, renewed leases", ticks: 2, beats: true, ..BASE },
    // Every outcome of an attempt whose lease is renewed or lapses, with deadlines.
    Bounds { name: "every outcome, renewed leases", beats: true, deadlines: true, outcomes: Outcome::ALL, ..BASE },
    // The client submits again and again.
    Bounds { name: "an idempotency key", kind: Kind::Keyed, faults: true, duplicates: true, ..BASE },
    Bounds {
        name: "two lives of a key",
        kind: Kind::Keyed,
        lives: 2,
        fences: 1,
        generations: 1,
        outcomes: END,
        ..BASE
    },
    // Every outcome, deadlines and faults.
    Bounds { name: "every outcome", outcomes: Outcome::ALL, deadlines: true, duplicates: true, faults: true, ..BASE },
    Bounds {
        name: "a person, far ahead",
        kind: Kind::Far,
        person: true,
        fences: 1,
        outcomes: &[Outcome::Succeed, Outcome::RetryLater],
        ..BASE
    },
    // Tasks are held and dispatched, by executors and ticks that die or are late at every point.
    Bounds { name: "pauses, two executors", pauses: true, executors: 2, fences: 1, outcomes: END, ..BASE },
    Bounds { name: "pauses, two ticks", pauses: true, ticks: 2, fences: 1, outcomes: END, ..BASE },
    Bounds { name: "pauses, deadlines", pauses: true, deadlines: true, generations: 3, ..BASE },
    Bounds {
        name: "pauses, a person",
        pauses: true,
        person: true,
        faults: true,
        messages: 1,
        fences: 1,
        outcomes: END,
        ..BASE
    },
    Bounds { name: "a person", person: true, deadlines: true, outcomes: &[Outcome::Succeed, Outcome::Fail], ..BASE },
    // The task is replaced at every point of its life, by a client that dies or misses the answer.
    Bounds {
        name: "a replacement, two executors",
        person: true,
        replaces: true,
        executors: 2,
        messages: 1,
        outcomes: END,
        ..BASE
    },
    Bounds {
        name: "a replacement, faults",
        kind: Kind::Keyed,
        person: true,
        replaces: true,
        faults: true,
        messages: 1,
        outcomes: END,
        ..BASE
    },
    Bounds {
        name: "a replacement, every outcome",
        person: true,
        replaces: true,
        deadlines: true,
        messages: 1,
        outcomes: Outcome::ALL,
        ..BASE
    },
    Bounds {
        name: "a replacement, callbacks",
        person: true,
        replaces: true,
        followed: Followed::All,
        messages: 1,
        outcomes: ENDS,
        ..BASE
    },
    // Executors and ticks make the same callback, and die or are late at every point.
    Bounds {
        name: "callbacks, two executors",
        followed: Followed::All,
        executors: 2,
        faults: true,
        messages: 1,
        outcomes: END,
        ..BASE
    },
    Bounds {
        name: "callbacks, two ticks",
        followed: Followed::Failures,
        ticks: 2,
        beats: true,
        messages: 1,
        outcomes: FAIL,
        ..BASE
    },
    Bounds {
        name: "callbacks, deadlines",
        followed: Followed::Failures,
        executors: 2,
        deadlines: true,
        messages: 1,
        outcomes: END,
        ..BASE
    },
    // A person retries the task while others make its callback, and it ends again.
    Bounds {
        name: "callbacks, a person",
        followed: Followed::All,
        person: true,
        careless: true,
        messages: 1,
        outcomes: ENDS,
        ..BASE
    },
    Bounds {
        name: "callbacks, three ends",
        followed: Followed::Failures,
        person: true,
        retries: true,
        messages: 1,
        generations: 3,
        fences: 3,
        outcomes: FAIL,
        ..BASE
    },
    // The record of a life is kept as long as it owes.
    Bounds {
        name: "callbacks, two lives of a key",
        kind: Kind::Keyed,
        followed: Followed::All,
        lives: 2,
        fences: 1,
        generations: 1,
        outcomes: END,
        ..BASE
    },
];

/// The state spaces of `cargo test`: seconds, without optimisation.
pub const BRIEF: &[Bounds] = &[
    Bounds { name: "two executors, renewed leases", executors: 2, beats: true, messages: 1, outcomes: END, ..BASE },
    Bounds { name: "two ticks", kind: Kind::Far, ticks: 2, fences: 1, messages: 1, ..BASE },
    Bounds { name: "an idempotency key", kind: Kind::Keyed, fences: 1, messages: 1, outcomes: END, ..BASE },
    Bounds { name: "a message too many", outcomes: END, ..BASE },
    Bounds { name: "pauses", pauses: true, outcomes: END, messages: 1, fences: 1, ..BASE },
    Bounds {
        name: "callbacks, a person",
        followed: Followed::All,
        person: true,
        retries: true,
        careless: true,
        messages: 1,
        outcomes: FAIL,
        ..BASE
    },
    Bounds {
        name: "a replacement",
        person: true,
        replaces: true,
        followed: Followed::Failures,
        messages: 1,
        fences: 1,
        outcomes: FAIL,
        ..BASE
    },
    Bounds { name: "callbacks", followed: Followed::Failures, deadlines: true, messages: 1, outcomes: ENDS, ..BASE },
];
