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

/// What `make model` looks at. Each takes some of what there is as far as time allows; together they take all of it.
pub const FULL: &[Bounds] = &[
    // A message and an attempt lost at every point, and SQS losing what carries the task.
    Bounds { name: "SQS loses messages", losses: true, beats: true, ..BASE },
    // Leases that are renewed, that lapse, and zombies that renew them all the same; nothing else is as fine in time.
    Bounds { name: "two executors, renewed leases", executors: 2, beats: true, messages: 1, outcomes: END, ..BASE },
    Bounds { name: "the same, and duplicates", executors: 2, beats: true, duplicates: true, outcomes: END, ..BASE },
    // One message too many at every point.
    Bounds { name: "two executors, faults", executors: 2, duplicates: true, faults: true, outcomes: END, ..BASE },
    // Two ticks that promote the same task, and two executors that get both its messages.
    Bounds { name: "two executors, two ticks", kind: Kind::Far, executors: 2, ticks: 2, outcomes: END, ..BASE },
    // Two ticks that look after the same silent attempt.
    Bounds { name: "two ticks, renewed leases", ticks: 2, beats: true, ..BASE },
    // Submitted again and again.
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
    Bounds { name: "a person, far ahead", kind: Kind::Far, person: true, fences: 1, ..BASE },
    Bounds { name: "a person", person: true, deadlines: true, outcomes: &[Outcome::Succeed, Outcome::Fail], ..BASE },
];

/// What `cargo test` looks at: seconds, unoptimised.
pub const BRIEF: &[Bounds] = &[
    Bounds { name: "two executors, renewed leases", executors: 2, beats: true, messages: 1, outcomes: END, ..BASE },
    Bounds { name: "two ticks", kind: Kind::Far, ticks: 2, fences: 1, messages: 1, ..BASE },
    Bounds { name: "an idempotency key", kind: Kind::Keyed, fences: 1, messages: 1, outcomes: END, ..BASE },
    Bounds { name: "a message too many", outcomes: END, ..BASE },
];
