//! The state spaces of a queue with a rate.

use std::num::NonZeroU32;

use taskway_protocol::Rate;

use super::broken::Broken;
use crate::{actors::Outcome, instant::Tick};

/// One state space of tasks in a queue with a rate. The unit of time is five seconds.
#[derive(Clone, Copy, Debug)]
pub struct RateBounds {
    /// The name.
    pub name: &'static str,
    /// The number of tasks, all of them due at once.
    pub tasks: u8,
    /// How far two slots stand apart.
    pub interval: Tick,
    /// How many attempts may start at once.
    pub burst: u8,
    /// The number of executors, 1 or 2.
    pub executors: usize,
    /// Whether a tick works.
    pub tick: bool,
    /// How attempts end.
    pub outcomes: &'static [Outcome],
    /// How many times five seconds pass while a process is between two of its steps, other than the run of a handler or a
    /// wait for a slot or a time. `None` is any number of times.
    pub stalls: Option<u8>,
    /// How many times a process dies between two of its steps.
    pub crashes: u8,
    /// How many times SQS duplicates a message.
    pub duplicates: u8,
    /// How many times a process dies and its last write of the item is made at any later time.
    pub late_writes: u8,
    /// How many times a person pauses the queue or lets it go on.
    pub pauses: u8,
    /// How many times a person changes the rate.
    pub changes: u8,
    /// How many times a person removes the rate or sets one again.
    pub removals: u8,
    /// How far ahead new tasks are expected.
    pub ahead: Tick,
    /// How much further ahead held tasks are expected.
    pub reserve: Tick,
    /// How long after its slot an attempt may start.
    pub late_by: Tick,
    /// How much later than due the messages of each task come.
    pub lag: [Tick; 3],
    /// The time from one tick to the next.
    pub between_ticks: Tick,
    /// How much longer new tasks get no slots after a dispatch that has left tasks in the list.
    pub margin: Tick,
    /// The highest generation.
    pub generations: u8,
    /// The highest fence.
    pub fences: u8,
    /// The largest number of messages at a time.
    pub messages: usize,
    /// The rule that is broken on purpose.
    pub broken: Option<Broken>,
}

impl RateBounds {
    /// The rate, as the protocol has it: slots stand apart by the interval exactly, and can be used for less than a step.
    pub(super) fn rate(&self) -> Rate {
        let number = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        // A period of 119 s and the second for which a slot can be used are 24 steps.
        Rate {
            tasks: number(24 / u32::from(self.interval.unsigned_abs())),
            per_seconds: number(119),
            burst: number(self.burst.into()),
        }
    }
}

pub(super) const BASE: RateBounds = RateBounds {
    name: "",
    tasks: 2,
    interval: 3,
    burst: 1,
    executors: 1,
    tick: true,
    outcomes: &[Outcome::Succeed],
    stalls: Some(1),
    crashes: 0,
    duplicates: 0,
    late_writes: 0,
    pauses: 0,
    changes: 0,
    removals: 0,
    ahead: 2,
    reserve: 1,
    late_by: 0,
    lag: [0; 3],
    between_ticks: 2,
    margin: 1,
    generations: 2,
    fences: 1,
    messages: 3,
    broken: None,
};

/// The state spaces of `make model`.
pub const RATES_FULL: &[RateBounds] = &[
    // Every process dies at every point, and is late at every point.
    RateBounds { name: "rate: one executor", crashes: 1, stalls: Some(0), ..BASE },
    RateBounds { name: "rate: stalls", stalls: Some(2), ..BASE },
    RateBounds { name: "rate: sent ahead", crashes: 1, interval: 2, fences: 2, generations: 3, ..BASE },
    RateBounds { name: "rate: a late write", late_writes: 1, interval: 2, ..BASE },
    RateBounds { name: "rate: two executors", executors: 2, interval: 2, ..BASE },
    // One slot has several tasks that want it, or one task has several messages.
    RateBounds { name: "rate: three tasks", tasks: 3, interval: 2, ..BASE },
    RateBounds { name: "rate: burst 2, three tasks", tasks: 3, burst: 2, ..BASE },
    RateBounds { name: "rate: late starts", interval: 2, late_by: 1, ..BASE },
    RateBounds { name: "rate: slots of each step", interval: 1, pauses: 2, stalls: Some(0), ..BASE },
    RateBounds { name: "rate: retries", outcomes: RETRY, interval: 2, stalls: Some(0), fences: 2, ..BASE },
    RateBounds { name: "rate: put off", outcomes: PUT_OFF, interval: 2, fences: 2, ..BASE },
    RateBounds {
        name: "rate: duplicates",
        duplicates: 1,
        outcomes: RETRY,
        interval: 2,
        stalls: Some(0),
        generations: 1,
        fences: 2,
        ..BASE
    },
    RateBounds {
        name: "rate: two, duplicates",
        executors: 2,
        tick: false,
        duplicates: 1,
        interval: 2,
        stalls: Some(0),
        generations: 1,
        ..BASE
    },
    // The settings change, and some executors do not know it.
    RateBounds { name: "rate: pauses", pauses: 2, stalls: Some(0), ..BASE },
    RateBounds { name: "rate: a pause, a stall", pauses: 1, ..BASE },
    RateBounds { name: "rate: changes", changes: 2, interval: 2, ..BASE },
    RateBounds { name: "rate: changes, a crash", changes: 1, crashes: 1, interval: 2, stalls: Some(0), ..BASE },
    RateBounds {
        name: "rate: changes, retries",
        changes: 1,
        outcomes: RETRY,
        interval: 2,
        stalls: Some(0),
        generations: 1,
        fences: 2,
        ..BASE
    },
    RateBounds { name: "rate: two, changes", executors: 2, changes: 1, interval: 2, stalls: Some(0), ..BASE },
    RateBounds { name: "rate: removed and set", removals: 2, stalls: Some(0), ..BASE },
];

/// The state spaces of `cargo test`.
pub const RATES_BRIEF: &[RateBounds] = &[
    RateBounds { name: "brief: one executor", interval: 2, stalls: Some(0), ..BASE },
    RateBounds { name: "brief: changes", changes: 1, interval: 2, stalls: Some(0), ..BASE },
];

const RETRY: &[Outcome] = &[Outcome::Succeed, Outcome::RetryNow];
const PUT_OFF: &[Outcome] = &[Outcome::Succeed, Outcome::RetryLater];
