//! The state spaces of a limited queue.

use super::{broken::Broken, scope::Scope};
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
    /// The limit of each fairness key, or none.
    pub key_limit: Option<u8>,
    /// The keys of the tasks. A task without one has no fairness key.
    pub keys: &'static [u8],
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
    /// How many times a person removes the queue's limit or sets it again.
    pub changes: u8,
    /// How many times a person removes the limit of the keys or sets it again.
    pub key_changes: u8,
    /// How many times a person pauses the queue or lets it go on.
    pub pauses: u8,
    /// How long a permit is kept for an executor.
    pub kept: Tick,
    /// How long a permit is kept for a message.
    pub sent: Tick,
    /// How long a message waits in its lane at least.
    pub lane: Tick,
    /// Whether a process does all its steps before another does one, but for the run of a handler.
    pub coarse: bool,
    /// Whether no task may wait for a tick when nobody works.
    pub idle: bool,
    /// The highest generation.
    pub generations: u8,
    /// The highest fence.
    pub fences: u8,
    /// The largest number of messages at a time.
    pub messages: usize,
    /// The rule that is broken on purpose.
    pub broken: Option<Broken>,
}

impl LimitBounds {
    /// How many permits a ledger may have.
    pub(super) fn most(&self, scope: Scope) -> u8 {
        match scope {
            Scope::Queue => self.limit.unwrap_or(0),
            Scope::Key(_) => self.key_limit.unwrap_or(0),
        }
    }

    /// Whether the queue or its keys have a limit at times.
    pub(super) fn has(&self, scope: Scope) -> bool {
        self.most(scope) > 0
    }
}

pub(super) const BASE: LimitBounds = LimitBounds {
    name: "",
    tasks: 2,
    limit: Some(1),
    key_limit: None,
    keys: &[],
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
    key_changes: 0,
    pauses: 0,
    kept: 3,
    sent: 3,
    lane: 0,
    coarse: false,
    idle: false,
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

/// Two tasks of one key.
const KEYS: LimitBounds =
    LimitBounds { key_limit: Some(1), keys: &[0, 0], fences: 1, generations: 3, stalls: Some(0), ..BASE };

/// Two tasks of one key, and one of another.
const THREE: LimitBounds = LimitBounds { tasks: 3, keys: &[0, 0, 1], messages: 3, ..KEYS };

/// Two tasks of one key, two executors and no tick.
const TWO: LimitBounds = LimitBounds { executors: 2, tick: false, ..KEYS };

/// The state spaces of `make model` for limits of fairness keys.
pub const KEYS_FULL: &[LimitBounds] = &[
    // Every process dies at every point.
    LimitBounds { name: "key: one executor", ..KEYS },
    LimitBounds { name: "key: one, two keys", keys: &[0, 1], ..KEYS },
    LimitBounds { name: "key: no limit of the queue", limit: None, stalls: Some(1), ..KEYS },
    LimitBounds { name: "key: every outcome", outcomes: RETRIES, crashes: 0, fences: 2, ..KEYS },
    LimitBounds { name: "key: a late write", late_writes: 1, crashes: 0, coarse: true, ..KEYS },
    LimitBounds { name: "key: late, no limit of the queue", late_writes: 1, crashes: 0, limit: None, ..KEYS },
    LimitBounds { name: "key: losses", losses: 1, crashes: 0, keys: &[0, 1], ..KEYS },
    LimitBounds { name: "key: a person cancels", cancels: 1, tick: false, stalls: Some(1), ..KEYS },
    LimitBounds {
        name: "key: a person retries",
        cancels: 1,
        retries: 1,
        crashes: 0,
        tick: false,
        stalls: Some(1),
        ..KEYS
    },
    LimitBounds { name: "key: removed and set", changes: 2, key_changes: 2, crashes: 0, ..KEYS },
    LimitBounds { name: "key: removed, a crash", changes: 1, key_changes: 1, tick: false, ..KEYS },
    LimitBounds { name: "key: paused", pauses: 2, crashes: 0, ..KEYS },
    LimitBounds { name: "key: paused, a crash", pauses: 2, tick: false, ..KEYS },
    // Two executors have the same task, or tasks that wait for each other.
    LimitBounds { name: "key: two executors", executors: 2, crashes: 0, coarse: true, ..KEYS },
    LimitBounds { name: "key: two, redelivery", idle: true, crashes: 0, ..TWO },
    LimitBounds { name: "key: two, two keys", keys: &[0, 1], idle: true, crashes: 0, ..TWO },
    LimitBounds { name: "key: two, late", stalls: Some(3), crashes: 0, ..TWO },
    LimitBounds { name: "key: two, late, two keys", stalls: Some(2), crashes: 0, keys: &[0, 1], ..TWO },
    LimitBounds { name: "key: two, a crash", ..TWO },
    LimitBounds { name: "key: two, a crash, two keys", keys: &[0, 1], ..TWO },
    LimitBounds { name: "key: two, duplicates", idle: true, crashes: 0, duplicates: 1, messages: 3, ..TWO },
    LimitBounds {
        name: "key: two, duplicates, two keys",
        keys: &[0, 1],
        idle: true,
        crashes: 0,
        duplicates: 1,
        messages: 3,
        ..TWO
    },
    // More tasks than permits, in both scopes.
    LimitBounds { name: "key: three tasks", crashes: 0, ..THREE },
    LimitBounds { name: "key: three tasks, a crash", tick: false, ..THREE },
    LimitBounds { name: "key: two, three tasks", executors: 2, tick: false, crashes: 0, coarse: true, ..THREE },
    LimitBounds {
        name: "key: three tasks, a queue of 2",
        limit: Some(2),
        executors: 2,
        tick: false,
        crashes: 0,
        ..THREE
    },
    LimitBounds { name: "keys of 2, three tasks", key_limit: Some(2), keys: &[0, 0, 0], crashes: 0, ..THREE },
    LimitBounds { name: "keys of 2, a crash", key_limit: Some(2), keys: &[0, 0, 0], tick: false, ..THREE },
];

/// Those of `cargo test`.
pub const KEYS_BRIEF: &[LimitBounds] = &[
    LimitBounds { name: "brief: a key", crashes: 0, ..KEYS },
    LimitBounds { name: "brief: two keys", keys: &[0, 1], crashes: 0, ..KEYS },
    LimitBounds { name: "brief: a key, two executors", idle: true, crashes: 0, ..TWO },
    LimitBounds { name: "brief: no limit of the queue", limit: None, tick: false, ..KEYS },
];

/// The state spaces in which broken rules of keys are looked for, in this order. In each of them all rules hold.
pub const KEYS_RULES: &[LimitBounds] = &[
    LimitBounds { name: "nobody dies", idle: true, crashes: 0, ..TWO },
    LimitBounds { name: "nobody dies, two keys", keys: &[0, 1], idle: true, crashes: 0, ..TWO },
    LimitBounds { name: "duplicates", idle: true, crashes: 0, duplicates: 1, messages: 3, ..TWO },
    LimitBounds { name: "three tasks", crashes: 0, ..THREE },
    LimitBounds { name: "three tasks, a crash", tick: false, ..THREE },
    LimitBounds { name: "one executor, two keys", keys: &[0, 1], ..KEYS },
    LimitBounds { name: "late", limit: None, stalls: Some(3), generations: 2, ..KEYS },
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
