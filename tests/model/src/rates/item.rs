//! The item that says how far the starts of a rate are given out, and the conditional updates of it.

use taskway_protocol::{GivenOut, Rate, Time};

use super::broken::Broken;
use crate::instant::{Tick, tick, time};

/// A time at which one attempt may start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Slot {
    /// The version of its rate.
    pub version: u8,
    /// The time.
    pub at: Tick,
    /// How far the slots were given out before it. No two slots of a version have the same. Only the checker looks at it.
    pub name: Tick,
}

impl Slot {
    /// The slot after `by` has passed. All slots that nobody can use any more become equal.
    pub(super) fn later(self, by: Tick) -> Self {
        Slot { at: (self.at - by).max(-3), name: (self.name - by).max(-3), ..self }
    }

    /// Whether an attempt may start by it now.
    pub(super) fn is_usable(self, rate: Rate) -> bool {
        rate.is_usable(time(self.at), time(0))
    }
}

/// What a process asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Kind {
    /// Slots, by which attempts start.
    Start { expected: bool },
    /// Times at which tasks are expected.
    Expect { held: bool },
}

/// How many times a process asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Ask {
    /// The version of the rate that the process knows.
    pub version: u8,
    /// What for.
    pub kind: Kind,
    /// How many at most.
    pub count: u8,
    /// No time is before this one.
    pub from: Tick,
    /// No time is after this one.
    pub by: Tick,
}

impl Ask {
    /// The same after `by` has passed. A write that is made late counts as one of now.
    pub(super) fn later(self, by: Tick) -> Self {
        Ask { from: (self.from - by).max(0), by: (self.by - by).max(0), ..self }
    }

    /// Whether it is for a task that was neither held nor sent ahead.
    fn is_of_a_new_task(self) -> bool {
        matches!(self.kind, Kind::Start { expected: false } | Kind::Expect { held: false })
    }
}

/// What comes of an [`Ask`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Answer {
    /// The item has a newer version.
    Behind,
    /// The item had an older version, and is now an empty one of this version. The process asks again.
    Begun,
    /// The times that it has got: as many as it asked for, fewer, or none.
    Times(Vec<Slot>),
}

/// The item.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Item {
    /// The version of the rate, or 0 if there is no item yet.
    pub version: u8,
    /// How far the starts are given out.
    pub started: Tick,
    /// How far the times are given out at which tasks are expected.
    pub expected: Tick,
    /// Until when held tasks go before new tasks.
    pub waits: Tick,
}

impl Item {
    /// How many more tasks of this version can be expected between `from` and `by`.
    pub(super) fn free(self, rate: Rate, version: u8, from: Tick, by: Tick) -> u8 {
        let given = if version == self.version { self.expected.max(self.started).max(from) } else { from };
        count(rate, given, by)
    }

    /// Makes one update.
    pub(super) fn ask(&mut self, rate: Rate, ask: Ask, broken: Option<Broken>) -> Answer {
        if ask.version < self.version && broken != Some(Broken::OlderVersionAsks) {
            return Answer::Behind;
        }
        if ask.version != self.version {
            *self = Item { version: ask.version, waits: self.waits, ..Item::default() };
            return Answer::Begun;
        }
        let waits = match broken {
            Some(Broken::NobodyWaits) => false,
            Some(Broken::DispatchWaits) => ask.is_of_a_new_task() || ask.kind == Kind::Expect { held: true },
            Some(Broken::ExpectedWait) => ask.is_of_a_new_task() || ask.kind == Kind::Start { expected: true },
            _ => ask.is_of_a_new_task(),
        };
        let first = ask.kind == Kind::Start { expected: false } && broken != Some(Broken::NewTasksPass);
        if waits && self.waits > 0 || first && self.expected > ask.from {
            return Answer::Times(Vec::new());
        }
        let (number, base) = match ask.kind {
            Kind::Start { .. } => (&mut self.started, ask.from),
            Kind::Expect { .. } if broken == Some(Broken::ExpectBeforeStarted) => (&mut self.expected, ask.from),
            Kind::Expect { .. } => (&mut self.expected, self.started.max(ask.from)),
        };
        let given = base.max(*number);
        let count = ask.count.min(count(rate, given, ask.by));
        let before = GivenOut::until(time(given));
        if count > 0 {
            *number = ticks(rate.after(before, count.into()));
        }
        let times = rate.slots(before, count.into(), time(ask.from));
        let slot = |(i, at)| Slot { version: ask.version, at: tick(at), name: ticks(rate.after(before, i)) };
        Answer::Times((0..).zip(times).map(slot).collect())
    }

    /// The same after `by` has passed.
    pub(super) fn later(self, by: Tick) -> Self {
        let later = |at: Tick| (at - by).max(0);
        Item {
            version: self.version,
            started: later(self.started),
            expected: later(self.expected),
            waits: later(self.waits),
        }
    }
}

fn count(rate: Rate, given: Tick, by: Tick) -> u8 {
    u8::try_from(rate.free(GivenOut::until(time(given)), time(by))).unwrap_or(u8::MAX)
}

fn ticks(given: GivenOut) -> Tick {
    tick(Time::from_millis(given.0 / 1_000))
}

/// Counts the starts under one version. It is the same arithmetic: each start must find a slot free, with nothing given out
/// ahead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Meter {
    /// The version.
    pub version: u8,
    /// How far its starts reach.
    pub reach: Tick,
}

impl Meter {
    /// Whether one more attempt may start now, if each may start by `late` after its slot. Counts it.
    pub(super) fn start(&mut self, rate: Rate, late: Tick) -> bool {
        let reach = self.reach.max(0);
        self.reach = ticks(rate.after(GivenOut::until(time(reach)), 1));
        count(rate, reach, late) > 0
    }
}
