//! Which times of a schedule are to be fired now.

use std::time::Duration;

use super::{Misfire, Times};
use crate::domain::Time;

/// Firings are made so long before their time at most: a tick every minute, and one that is late by a quarter.
pub const AHEAD: Duration = Duration::from_secs(75);

/// What passed longer ago was missed: a tick every minute would have seen it.
const GRACE: Duration = Duration::from_secs(60);

/// So many firings are made at once at most; of more that were missed, the latest.
const MOST: usize = 1_000;

/// What to do at a tick.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Due {
    /// To be fired, in order.
    pub(super) fire: Vec<Time>,
    /// Let pass, as far as they are counted.
    pub(super) missed: usize,
    /// The first time that is left, if there is one.
    pub(super) next: Option<Time>,
}

/// What is to be fired at `now` when `next` is the first time that was not.
pub(super) fn due(times: &Times, misfire: Misfire, next: Time, now: Time) -> Due {
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

/// The latest times from `next` to `now`, so many at most, in order.
fn latest(times: &Times, next: Time, now: Time, most: usize) -> Vec<Time> {
    let before = |at: &Time| times.last_until(at.before(Duration::from_millis(1)));
    let back = std::iter::successors(times.last_until(now), before);
    let mut latest: Vec<Time> = back.take_while(|at| *at >= next).take(most).collect();
    latest.reverse();
    latest
}

fn times_from(times: &Times, next: Time) -> impl Iterator<Item = Time> + '_ {
    std::iter::successors(Some(next), |at| times.next_after(*at))
}
