//! The item that says how far the slots of a rate are given out, and the one conditional update of it.

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

    /// Whether an attempt of an executor that knows this version may start by it now.
    pub(super) fn is_usable(self, rate: Rate, version: u8) -> bool {
        let slot = taskway_protocol::Slot { at: time(self.at), rate_set_at: set_at(self.version) };
        slot.is_usable(rate, set_at(version), time(0))
    }
}

/// When the rate of this version was set, for the protocol. It is only a name.
fn set_at(version: u8) -> Time {
    Time::from_millis(version.into())
}

/// How many slots a process asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Ask {
    /// The version of the rate that the process knows.
    pub version: u8,
    /// How many at most.
    pub count: u8,
    /// No slot is before this time.
    pub from: Tick,
    /// No slot is after this time.
    pub by: Tick,
    /// Whether it asks for a task that has not been held.
    pub newcomer: bool,
}

impl Ask {
    /// The same after `by` has passed.
    pub(super) fn later(self, by: Tick) -> Self {
        Ask { from: (self.from - by).max(-3), by: (self.by - by).max(-3), ..self }
    }
}

/// What comes of an [`Ask`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Answer {
    /// The item has a newer version.
    Behind,
    /// The slots that it has got: as many as it asked for, fewer, or none.
    Slots(Vec<Slot>),
}

/// The item.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Item {
    /// The version of the rate, or 0 if there is no item yet.
    pub version: u8,
    /// How far its slots are given out.
    pub given: Tick,
    /// Until when tasks that have not been held get no slots.
    pub waits: Tick,
}

impl Item {
    /// How far the slots of this version are given out for a process that wants none before `from`.
    fn base(self, version: u8, from: Tick) -> GivenOut {
        let given = if version == self.version { self.given.max(from) } else { from };
        GivenOut::until(time(given))
    }

    /// How many slots of this version lie at `by` or before.
    pub(super) fn free(self, rate: Rate, version: u8, from: Tick, by: Tick) -> u8 {
        u8::try_from(rate.free(self.base(version, from), time(by))).unwrap_or(u8::MAX)
    }

    /// Gives out slots.
    pub(super) fn reserve(&mut self, rate: Rate, ask: Ask, broken: Option<Broken>) -> Answer {
        let behind = ask.version < self.version && broken != Some(Broken::OlderVersionReserves);
        if behind {
            return Answer::Behind;
        }
        let all_wait = broken == Some(Broken::DispatchWaits);
        if (ask.newcomer || all_wait) && self.waits > 0 && broken != Some(Broken::NobodyWaits) {
            return Answer::Slots(Vec::new());
        }
        let base = self.base(ask.version, ask.from);
        let count = ask.count.min(self.free(rate, ask.version, ask.from, ask.by));
        if count == 0 {
            return Answer::Slots(Vec::new());
        }
        (self.version, self.given) = (ask.version, ticks(rate.after(base, count.into())));
        let times = rate.slots(base, count.into(), time(ask.from));
        let slot = |(i, at)| Slot { version: ask.version, at: tick(at), name: ticks(rate.after(base, i)) };
        Answer::Slots((0..).zip(times).map(slot).collect())
    }

    /// The same after `by` has passed.
    pub(super) fn later(self, by: Tick) -> Self {
        Item { given: (self.given - by).max(-1), waits: (self.waits - by).max(0), ..self }
    }
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
    /// Whether one more attempt may start now. Counts it.
    pub(super) fn start(&mut self, rate: Rate) -> bool {
        let reach = GivenOut::until(time(self.reach.max(0)));
        self.reach = ticks(rate.after(reach, 1));
        rate.free(reach, time(0)) > 0
    }
}
