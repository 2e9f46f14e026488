//! The state spaces of a limited queue.

use super::broken::Broken;
use crate::{actors::Outcome, instant::Tick};

/// One state space of tasks in a queue with a limit. The unit of time is five seconds.
#[derive(Clone, Copy, Debug)]
pub struct LimitBounds {
    /// The name.
    pub name: &'static str,
    /// The number of tasks, all of them due at once.
    pub tasks: u8,
    /// The queue's limit, or none.
    pub limit: Option<u8>,
    /// The number of executors, 1 or 2. Their clocks differ by ten seconds.
    pub executors: usize,
    /// Whether a tick works.
    pub tick: bool,
    /// How attempts end.
    pub outcomes: &'static [Outcome],
    /// How many times five seconds pass while a process is between two of its steps, other than the run of a handler. `None`
    /// is any number of times.
    pub stalls: Option<u8>,
    /// How many times a process dies between two of its steps.
    pub crashes: u8,
    /// How many times SQS duplicates a message.
    pub duplicates: u8,
    /// How many times a process dies and its last write is made at any later time.
    pub late_writes: u8,
    /// How many times SQS loses the message of a task that has a permit: of one that runs, or that is held and was sent.
    pub losses: u8,
    /// How many times a person cancels a task.
    pub cancels: u8,
    /// How many times a person retries an ended task.
    pub retries: u8,
    /// How many times a person removes the limit or sets it again.
    pub changes: u8,
    /// How long a permit is kept for an executor.
    pub kept: Tick,
    /// How long a permit is kept for a message.
    pub sent: Tick,
    /// The highest generation.
    pub generations: u8,
    /// The highest fence.
    pub fences: u8,
    /// The largest number of messages at a time.
    pub messages: usize,
    /// The rule that is broken on purpose.
    pub broken: Option<Broken>,
}

pub(super) const BASE: LimitBounds = LimitBounds {
    name: "",
    tasks: 2,
    limit: Some(1),
    executors: 1,
    tick: true,
    outcomes: &[Outcome::Succeed],
    stalls: None,
    crashes: 1,
    duplicates: 0,
    late_writes: 0,
    losses: 0,
    cancels: 0,
    retries: 0,
    changes: 0,
    kept: 3,
    sent: 3,
    generations: 2,
    fences: 2,
    messages: 2,
    broken: None,
};

/// The state spaces of `make model`.
pub const LIMITS_FULL: &[LimitBounds] = &[
    // Every process dies at every point, and is late at every point.
    LimitBounds { name: "limit: one executor", ..BASE },
    LimitBounds { name: "limit: every outcome", crashes: 0, outcomes: RETRIES, ..BASE },
    LimitBounds { name: "limit: a late write", crashes: 0, late_writes: 1, fences: 1, ..BASE },
    LimitBounds { name: "limit: losses", losses: 1, fences: 1, stalls: Some(1), ..BASE },
    LimitBounds { name: "limit: removed and set", changes: 2, fences: 1, stalls: Some(1), ..BASE },
    LimitBounds { name: "limit: a person cancels", cancels: 1, fences: 1, stalls: Some(2), ..BASE },
    LimitBounds {
        name: "limit: a person retries",
        crashes: 0,
        cancels: 1,
        retries: 1,
        fences: 1,
        generations: 3,
        stalls: Some(2),
        ..BASE
    },
    // Two executors have the same task, and one of them has old knowledge.
    LimitBounds { name: "limit: two executors", executors: 2, crashes: 0, fences: 1, stalls: Some(1), ..BASE },
    LimitBounds { name: "limit: two, redelivery", executors: 2, tick: false, crashes: 0, fences: 1, ..BASE },
    LimitBounds {
        name: "limit: two, duplicates",
        executors: 2,
        tick: false,
        crashes: 1,
        duplicates: 1,
        fences: 1,
        messages: 3,
        stalls: Some(0),
        ..BASE
    },
    LimitBounds {
        name: "limit: two, duplicates, cancels",
        executors: 2,
        tick: false,
        crashes: 0,
        duplicates: 1,
        cancels: 1,
        fences: 1,
        messages: 3,
        stalls: Some(1),
        ..BASE
    },
    LimitBounds {
        name: "limit: two, retries",
        executors: 2,
        tick: false,
        crashes: 0,
        outcomes: RETRY,
        stalls: Some(1),
        ..BASE
    },
    LimitBounds {
        name: "limit: two, a late write",
        executors: 2,
        tick: false,
        crashes: 0,
        late_writes: 1,
        fences: 1,
        stalls: Some(1),
        ..BASE
    },
    LimitBounds {
        name: "limit 2, three tasks",
        tasks: 3,
        limit: Some(2),
        executors: 2,
        tick: false,
        crashes: 0,
        fences: 1,
        messages: 3,
        stalls: Some(1),
        ..BASE
    },
    LimitBounds { name: "limit: two, a crash", executors: 2, tick: false, fences: 1, stalls: Some(1), ..BASE },
    LimitBounds { name: "no limit", limit: None, executors: 2, duplicates: 1, messages: 3, fences: 1, ..BASE },
];

/// The state spaces of `cargo test`.
pub const LIMITS_BRIEF: &[LimitBounds] = &[
    LimitBounds { name: "brief: one executor", crashes: 0, fences: 1, ..BASE },
    LimitBounds { name: "brief: two", executors: 2, tick: false, crashes: 0, fences: 1, stalls: Some(0), ..BASE },
    LimitBounds { name: "brief: no limit", limit: None, crashes: 0, fences: 1, ..BASE },
];

/// The state spaces in which broken rules are looked for, in this order. In each of them all rules hold.
pub const LIMITS_RULES: &[LimitBounds] = &[
    LimitBounds { name: "one executor", fences: 1, ..BASE },
    LimitBounds { name: "nobody dies", executors: 2, tick: false, crashes: 0, fences: 1, stalls: Some(1), ..BASE },
    LimitBounds { name: "losses", losses: 1, fences: 1, stalls: Some(1), ..BASE },
    LimitBounds { name: "retries", executors: 2, tick: false, crashes: 0, outcomes: RETRY, stalls: Some(1), ..BASE },
    LimitBounds { name: "a person cancels", crashes: 1, cancels: 1, fences: 1, stalls: Some(2), ..BASE },
    LimitBounds {
        name: "duplicates and a person",
        executors: 2,
        tick: false,
        crashes: 0,
        duplicates: 1,
        cancels: 1,
        fences: 1,
        messages: 3,
        stalls: Some(1),
        ..BASE
    },
    LimitBounds { name: "two executors", crashes: 0, executors: 2, stalls: Some(2), fences: 1, ..BASE },
    LimitBounds { name: "redelivery", crashes: 0, executors: 2, tick: false, fences: 1, ..BASE },
];

const RETRY: &[Outcome] = &[Outcome::Succeed, Outcome::RetryNow];
const RETRIES: &[Outcome] = &[Outcome::Succeed, Outcome::RetryNow, Outcome::RetryLater];
