//! What is looked at exhaustively: who acts, which faults there are, and how far counters go.

use crate::actors::{Kind, Outcome};

/// One state space. Within it everything that can happen does, in every order; a step that leaves it is cut off.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// What it is about.
    pub name: &'static str,
    /// What the client submits.
    pub kind: Kind,
    /// Executors: 0 to 2, whose clocks differ by ten seconds.
    pub executors: usize,
    /// Ticks that may overlap: 0 to 2.
    pub ticks: usize,
    /// Whether somebody cancels, reschedules and retries.
    pub person: bool,
    /// How attempts end.
    pub outcomes: &'static [Outcome],
    /// Whether attempts renew their leases.
    pub beats: bool,
    /// Whether tasks may have a deadline.
    pub deadlines: bool,
    /// Whether the queue may be paused at any time.
    pub pauses: bool,
    /// Whether SQS may duplicate messages at any time.
    pub duplicates: bool,
    /// Whether SQS itself may lose messages.
    pub losses: bool,
    /// Whether answers get lost and sends are refused. Crashes always are.
    pub faults: bool,
    /// The highest generation.
    pub generations: u8,
    /// The highest fence.
    pub fences: u8,
    /// The most messages at a time, dead letters included.
    pub messages: usize,
    /// A message that was received so often becomes a dead letter at its next receive.
    pub receives: u8,
    /// The most lives under the key.
    pub lives: u8,
}

const BASE: Bounds = Bounds {
    name: "",
    kind: Kind::Near,
    executors: 1,
    ticks: 1,
    person: false,
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

/// What `make model` looks at.
pub const FULL: &[Bounds] = &[
    Bounds { name: "a one executor", outcomes: Outcome::ALL, deadlines: true, duplicates: true, faults: true, ..BASE },
    Bounds {
        name: "b two executors",
        executors: 2,
        duplicates: true,
        faults: true,
        outcomes: &[Outcome::Succeed, Outcome::RetryNow],
        ..BASE
    },
    Bounds {
        name: "c two executors, two ticks",
        executors: 2,
        ticks: 2,
        outcomes: &[Outcome::Succeed, Outcome::RetryLater],
        ..BASE
    },
    Bounds { name: "d beats", executors: 2, beats: true, duplicates: true, outcomes: &[Outcome::Succeed], ..BASE },
    Bounds { name: "e keyed", kind: Kind::Keyed, faults: true, duplicates: true, ..BASE },
    Bounds {
        name: "f keyed, lives",
        kind: Kind::Keyed,
        lives: 2,
        fences: 1,
        faults: true,
        outcomes: &[Outcome::Succeed],
        ..BASE
    },
    Bounds { name: "g person", person: true, deadlines: true, outcomes: &[Outcome::Succeed, Outcome::Fail], ..BASE },
    Bounds { name: "h far", kind: Kind::Far, ticks: 2, generations: 3, person: true, fences: 1, ..BASE },
    Bounds { name: "i loss", losses: true, beats: true, faults: true, deadlines: true, ..BASE },
    Bounds { name: "j pause", pauses: true, generations: 3, ticks: 2, ..BASE },
    Bounds { name: "k rescue", ticks: 2, beats: true, executors: 1, deadlines: true, faults: true, ..BASE },
];

/// What `cargo test` looks at: seconds, unoptimised.
pub const BRIEF: &[Bounds] = &[Bounds { name: "brief", ..BASE }];
