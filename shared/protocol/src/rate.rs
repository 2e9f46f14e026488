//! Rates: how many attempts of a queue start in a period, over all executors.
//!
//! A rate has *slots*, times at which one attempt may start. They stand apart by its [interval](Rate::interval), except that the
//! first few of an idle queue, its burst, lie at the same moment. This is the generic cell rate algorithm (GCRA). The table
//! keeps how far the slots are given out, which is the theoretical arrival time of the algorithm.
//!
//! An executor takes a slot when it is about to start an attempt, and claims the task [soon](Rate::usable_for) or not at all. So
//! no window of a period or longer sees more claims than the rate and its burst allow. If the claim's answer takes long, the
//! handler starts up to a second after the slot.
//!
//! A second number gives out, by the same arithmetic, times at which tasks that must wait are *expected*. Their messages are sent
//! ahead, to arrive then. This spreads them and keeps their order. It lets nothing start: a message that comes at another time
//! than expected takes a slot as any other.

use std::{num::NonZeroU32, time::Duration};

use crate::Time;

/// The most tasks of a rate's period.
pub const MOST_TASKS: u32 = 100_000;

/// The longest period of a rate, in seconds.
pub const LONGEST_PERIOD: u32 = 86_400;

/// The most tasks that a rate may start in a second. All of a queue's slots come from one item of the table, which takes a
/// thousand writes a second.
pub const MOST_A_SECOND: u32 = 1_000;

/// An executor sends a task ahead that must wait for up to so long. A task that must wait longer is held.
pub const SENT_AHEAD: Duration = Duration::from_secs(60);

/// A dispatch sends held tasks so long ahead: until the next tick, and a reserve.
pub const HELD_SENT_AHEAD: Duration = Duration::from_secs(75);

/// The longest time for which a slot can be used.
const LONGEST_USE: Duration = Duration::from_secs(1);

/// How many attempts may start in a period.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rate {
    /// How many.
    pub tasks: NonZeroU32,
    /// The period in seconds.
    pub per_seconds: NonZeroU32,
    /// How many may start at once, after a time in which fewer have started. At most `tasks`.
    pub burst: NonZeroU32,
}

/// How far times of a rate are given out: the theoretical arrival time of GCRA, in microseconds since the epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct GivenOut(pub u64);

impl GivenOut {
    /// Nothing is given out beyond this time.
    pub fn until(time: Time) -> Self {
        GivenOut(time.as_millis().saturating_mul(1_000))
    }

    /// The first whole millisecond at or after it.
    fn millis(self) -> Time {
        Time::from_millis(self.0.div_ceil(1_000))
    }
}

impl Rate {
    fn period(self) -> Duration {
        Duration::from_secs(u64::from(self.per_seconds.get()))
    }

    /// For so long after its time a slot can be used: a sixtieth of the period, and a second at most.
    pub fn usable_for(self) -> Duration {
        (self.period() / 60).min(LONGEST_USE)
    }

    /// Whether an attempt may start at `now` by the slot of this time.
    pub fn is_usable(self, slot: Time, now: Time) -> bool {
        slot <= now && now <= slot.after(self.usable_for())
    }

    /// How far two slots stand apart, in microseconds. That is a little more than the rate says, because an attempt may start
    /// some time after its slot.
    pub fn interval(self) -> u64 {
        let period = (self.period() + self.usable_for()).as_micros() as u64;
        period.div_ceil(u64::from(self.tasks.get()))
    }

    /// How far ahead of its time a slot may lie for the burst, in microseconds.
    fn tolerance(self) -> u64 {
        u64::from(self.burst.get() - 1) * self.interval()
    }

    /// How far the slots are given out once `count` more are.
    pub fn after(self, given: GivenOut, count: u32) -> GivenOut {
        GivenOut(given.0.saturating_add(u64::from(count) * self.interval()))
    }

    /// The times of the next `count` slots, none before `from`.
    pub fn slots(self, given: GivenOut, count: u32, from: Time) -> impl Iterator<Item = Time> {
        let given = given.max(GivenOut::until(from));
        (0..count).map(move |i| GivenOut(self.after(given, i).0.saturating_sub(self.tolerance())).millis().max(from))
    }

    /// How many of the next slots lie at `by` or before.
    pub fn free(self, given: GivenOut, by: Time) -> u32 {
        let last = self.furthest(1, by);
        if given > last { 0 } else { u32::try_from((last.0 - given.0) / self.interval() + 1).unwrap_or(u32::MAX) }
    }

    /// If the slots are given out no further than this, the next `count` lie at `by` or before.
    pub fn furthest(self, count: u32, by: Time) -> GivenOut {
        let last = GivenOut::until(by).0 + self.tolerance();
        GivenOut(last.saturating_sub(u64::from(count.saturating_sub(1)) * self.interval()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    fn rate(tasks: u32, per_seconds: u32, burst: u32) -> Rate {
        let number = |number| NonZeroU32::new(number).unwrap();
        Rate { tasks: number(tasks), per_seconds: number(per_seconds), burst: number(burst) }
    }

    const RATES: [(u32, u32, u32); 8] = [
        (1, 1, 1),
        (100, 1, 1),
        (100, 1, 20),
        (1_000, 1, 1_000),
        (7, 3, 2),
        (10, 60, 10),
        (100, 60, 1),
        (1, 86_400, 1),
    ];

    /// The most of these times in any window of this length.
    fn most_in_a_window(times: &[Time], window: Duration) -> usize {
        (0..times.len())
            .map(|i| times[i..].iter().take_while(|time| time.since(times[i]) < window).count())
            .max()
            .unwrap()
    }

    #[test]
    fn no_window_of_a_period_sees_more_than_the_rate_and_its_burst() {
        for (tasks, per_seconds, burst) in RATES {
            let rate = rate(tasks, per_seconds, burst);
            let most = (tasks + burst) as usize;
            let slots: Vec<Time> = rate.slots(GivenOut::default(), tasks * 3 + burst, NOW).collect();
            // Each attempt starts at its slot, or as late as it may, in all patterns of three.
            for pattern in 0..8 {
                let late = |i: usize| if pattern >> (i % 3) & 1 == 1 { rate.usable_for() } else { Duration::ZERO };
                let mut starts: Vec<Time> = slots.iter().enumerate().map(|(i, slot)| slot.after(late(i))).collect();
                starts.sort();
                assert!(most_in_a_window(&starts, rate.period()) <= most, "{rate:?} {pattern}");
            }
        }
    }

    #[test]
    fn the_slots_use_nearly_all_of_a_rate() {
        for (tasks, per_seconds, burst) in RATES {
            let rate = rate(tasks, per_seconds, burst);
            let count = tasks * 10;
            let last = rate.slots(GivenOut::default(), count + 1, NOW).last().unwrap();
            let best = f64::from(per_seconds * 10) * f64::from(count + 1 - burst) / f64::from(count);
            assert!(last.since(NOW).as_secs_f64() * 0.98 <= best + 0.001, "{rate:?} {:?} {best}", last.since(NOW));
        }
    }

    #[test]
    fn a_burst_starts_at_once_and_the_next_slots_follow_by_the_interval() {
        let rate = rate(10, 10, 3);
        let slots: Vec<u128> =
            rate.slots(GivenOut::default(), 5, NOW).map(|slot| slot.since(NOW).as_millis()).collect();
        assert_eq!(slots, [0, 0, 0, 1_017, 2_034]);
    }

    #[test]
    fn as_many_slots_are_free_as_lie_before_a_time() {
        for (tasks, per_seconds, burst) in RATES {
            let rate = rate(tasks, per_seconds, burst);
            for ahead in [0, 1, 999, 60_000] {
                let by = NOW.after(Duration::from_millis(ahead));
                let given = GivenOut::until(NOW);
                let free = rate.free(given, by);
                assert_eq!(
                    rate.slots(given, free + 1, NOW).filter(|slot| *slot <= by).count() as u32,
                    free,
                    "{rate:?}"
                );
                assert!(given <= rate.furthest(free, by) && given > rate.furthest(free + 1, by), "{rate:?} {ahead}");
            }
        }
    }

    #[test]
    fn a_slot_can_be_used_for_a_short_time() {
        let rate = rate(10, 60, 1);
        assert!(rate.is_usable(NOW, NOW) && rate.is_usable(NOW, NOW.after(Duration::from_secs(1))));
        assert!(!rate.is_usable(NOW, NOW.before(Duration::from_millis(1))), "early");
        assert!(!rate.is_usable(NOW, NOW.after(Duration::from_millis(1_001))), "late");
    }
}
