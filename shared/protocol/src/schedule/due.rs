//! Which times of a schedule a tick fires.

use std::time::Duration;

use super::definition::{Misfire, Times};
use crate::Time;

/// How far ahead of its time a tick makes a firing. Ticks come once a minute, and one may be late by 15 seconds.
pub const AHEAD: Duration = Duration::from_secs(75);

/// A time that passed longer ago than this was missed. If ticks had come every minute, one would have fired it.
const GRACE: Duration = Duration::from_secs(60);

/// The most firings that one tick makes of a schedule. If more times were missed, it fires the latest.
const MOST: usize = 1_000;

/// What a tick does with the times of a schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// The times to fire, in order.
    pub fire: Vec<Time>,
    /// How many times pass without a firing. The count stops at 1,000.
    pub missed: usize,
    /// The first time after all of these. `None` after the schedule's last time.
    pub next: Option<Time>,
}

/// What a tick does at `now`. `next` is the first time that has not fired.
pub fn due(times: &Times, misfire: Misfire, next: Time, now: Time) -> Due {
    let mut due = Due { fire: Vec::new(), missed: 0, next: Some(next) };
    let kept_since = now.before(GRACE);
    if next < kept_since {
        let (first, mut caught_up) = match misfire {
            Misfire::Skip => (times.next_after(kept_since.before(Duration::from_millis(1))), Vec::new()),
            Misfire::Once => (times.next_after(now), latest(times, next, now, 1)),
            Misfire::All => (times.next_after(now), latest(times, next, now, MOST)),
        };
        let fired_from = caught_up.first().copied().or(first);
        due.missed =
            times_from(times, next).take_while(|at| fired_from.is_none_or(|fired| *at < fired)).take(MOST).count();
        due.fire.append(&mut caught_up);
        due.next = first;
    }
    while let Some(at) = due.next.filter(|at| *at <= now.after(AHEAD) && due.fire.len() < MOST) {
        due.fire.push(at);
        due.next = times.next_after(at);
    }
    due
}

/// The latest times from `first` to `end`, both included, in order: `most` of them at most.
pub fn latest(times: &Times, first: Time, end: Time, most: usize) -> Vec<Time> {
    let before = |at: &Time| times.last_until(at.before(Duration::from_millis(1)));
    let back = std::iter::successors(times.last_until(end), before);
    let mut latest: Vec<Time> = back.take_while(|at| *at >= first).take(most).collect();
    latest.reverse();
    latest
}

fn times_from(times: &Times, next: Time) -> impl Iterator<Item = Time> + '_ {
    std::iter::successors(Some(next), |at| times.next_after(*at))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        Spec,
        calendar::Zone,
        schedule::{Definition, Overlap, Template, Timing},
    };

    const NOW: Time = Time::from_millis(1_795_420_800_000);

    fn times(timing: Timing, bounds: (Option<Time>, Option<Time>)) -> Times {
        let template = Template { spec: Spec::example(NOW), text: "{}".into() };
        let (start_at, end_at) = bounds;
        let definition = Definition {
            timing,
            template,
            overlap: Overlap::Allow,
            misfire: Misfire::Once,
            start_at,
            end_at,
            jitter_seconds: 0,
            paused: false,
        };
        definition.times().unwrap()
    }

    fn every(seconds: u32) -> Times {
        times(Timing::Every { seconds: NonZeroU32::new(seconds).unwrap(), anchor: NOW }, (None, None))
    }

    fn at(seconds: i64) -> Time {
        Time::from_millis(NOW.as_millis().saturating_add_signed(seconds * 1000))
    }

    #[test]
    fn a_tick_fires_the_times_of_the_next_75_seconds() {
        let due = |now| due(&every(60), Misfire::Once, at(0), at(now));
        assert_eq!(due(-76), Due { fire: vec![], missed: 0, next: Some(at(0)) });
        assert_eq!(due(-75), Due { fire: vec![at(0)], missed: 0, next: Some(at(60)) });
        assert_eq!(due(60), Due { fire: vec![at(0), at(60), at(120)], missed: 0, next: Some(at(180)) });
    }

    #[test]
    fn missed_times_follow_the_misfire_policy() {
        let due = |misfire| due(&every(60), misfire, at(0), at(600));
        assert_eq!(due(Misfire::Skip), Due { fire: vec![at(540), at(600), at(660)], missed: 9, next: Some(at(720)) });
        assert_eq!(due(Misfire::Once), Due { fire: vec![at(600), at(660)], missed: 10, next: Some(at(720)) });
        let all = due(Misfire::All);
        assert_eq!((all.fire.len(), all.missed, all.next), (12, 0, Some(at(720))));
    }

    #[test]
    fn nothing_fires_before_the_start_or_after_the_end() {
        let cron = Timing::Cron { expression: "* * * * *".into(), zone: Zone::UTC };
        let bounded = times(cron, (Some(at(60)), Some(at(180))));
        assert_eq!(bounded.next_after(at(-600)), Some(at(60)));
        assert_eq!((bounded.last_until(at(59)), bounded.last_until(at(999))), (None, Some(at(180))));
        let due = due(&bounded, Misfire::All, at(60), at(4_000));
        assert_eq!((due.fire, due.next), (vec![at(60), at(120), at(180)], None));
    }

    proptest! {
        #[test]
        fn each_time_fires_once_in_order_and_not_far_ahead(
            period in 1u32..5_000,
            ticks in prop::collection::vec(1i64..5_000, 1..40),
            misfire in prop::sample::select(Misfire::ALL.to_vec()),
        ) {
            let (times, mut next, mut now, mut fired) = (every(period), Some(NOW), -100, Vec::new());
            for tick in ticks {
                now += tick;
                let Some(from) = next else { break };
                let due = due(&times, misfire, from, at(now));
                prop_assert!(due.fire.iter().all(|time| *time <= at(now).after(AHEAD) && *time >= from));
                prop_assert!(due.next.is_some_and(|next| next > at(now).after(AHEAD)) || due.fire.len() == MOST);
                if misfire == Misfire::All && due.fire.len() < MOST {
                    prop_assert_eq!(due.missed, 0);
                }
                // Every time up to the next either fires or is counted as missed.
                let passed = times_from(&times, from).take_while(|time| due.next.is_some_and(|next| *time < next)).count();
                prop_assert!(passed == due.fire.len() + due.missed || due.missed == MOST);
                fired.extend(due.fire);
                next = due.next;
            }
            prop_assert!(fired.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
