//! Stretches of time between two changes of a zone's clock. Within a stretch, the clock and real time advance together.

use jiff::Timestamp;

use super::{expression::Expression, zone::Zone};

/// A second before every change of every clock.
const BEFORE_ALL_CHANGES: i64 = i64::MIN / 4;

/// The time from one change of a zone's clock to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The first second, since the epoch.
    pub(super) from: i64,
    /// The first second of the next stretch.
    pub(super) until: i64,
    /// The clock minus UTC, in seconds.
    pub(super) offset: i64,
    /// The latest time that the clock had shown before `from`. If the clock was put back, this is later than the clock
    /// at `from`. If it was put forward, this is earlier by more than a second.
    pub(super) shown: i64,
}

impl Stretch {
    /// The stretch that `second`, since the epoch, lies in. `None` outside the years that `jiff` supports.
    pub(super) fn at(zone: &Zone, second: i64) -> Option<Stretch> {
        let rules = zone.rules();
        let at = Timestamp::from_second(second).ok()?;
        let next = Timestamp::from_second(second + 1).unwrap_or(Timestamp::MAX);
        let change = rules.preceding(next).next().map(|change| change.timestamp().as_second());
        Some(Stretch {
            from: change.unwrap_or(BEFORE_ALL_CHANGES),
            until: rules.following(at).next().map_or(i64::MAX, |change| change.timestamp().as_second()),
            offset: i64::from(rules.to_offset(at).seconds()),
            // The stretch before this one is enough: no zone has two changes within days. A test checks that.
            shown: change.and_then(|change| shown(zone, change - 1)).unwrap_or(BEFORE_ALL_CHANGES),
        })
    }

    /// The first second from `from` to `to` in this stretch at which `expression` fires.
    pub(super) fn first(&self, expression: &Expression, from: i64, to: i64) -> Option<i64> {
        let (low, high) = self.clock(expression, from, to);
        expression.first(low, high).map(|clock| self.real(clock))
    }

    /// The last second from `from` to `to` in this stretch at which `expression` fires.
    pub(super) fn last(&self, expression: &Expression, from: i64, to: i64) -> Option<i64> {
        let (low, high) = self.clock(expression, from, to);
        expression.last(low, high).map(|clock| self.real(clock))
    }

    /// The clock times from `from` to `to` at which `expression` may fire. For an interval these are the times that the
    /// clock shows. For times of day the skipped times are added, and the times that the clock had shown before are
    /// left out.
    fn clock(&self, expression: &Expression, from: i64, to: i64) -> (i64, i64) {
        let begin = if expression.is_interval() { self.from + self.offset } else { self.shown + 1 };
        let low = if from > self.from { begin.max(from + self.offset) } else { begin };
        (low, to.min(self.until - 1) + self.offset)
    }

    /// When the clock shows this time. For a skipped time, the beginning of the stretch.
    fn real(&self, clock: i64) -> i64 {
        (clock - self.offset).max(self.from)
    }
}

/// What the zone's clock shows at `second`.
fn shown(zone: &Zone, second: i64) -> Option<i64> {
    let at = Timestamp::from_second(second).ok()?;
    Some(second + i64::from(zone.rules().to_offset(at).seconds()))
}

/// The first second from `from` to `to` at which `expression` fires in `zone`.
pub(super) fn first(expression: &Expression, zone: &Zone, from: i64, to: i64) -> Option<i64> {
    let mut stretch = Stretch::at(zone, from)?;
    loop {
        if let Some(found) = stretch.first(expression, from, to) {
            return Some(found);
        }
        if stretch.until > to {
            return None;
        }
        stretch = Stretch::at(zone, stretch.until)?;
    }
}

/// The last second from `from` to `to` at which `expression` fires in `zone`.
pub(super) fn last(expression: &Expression, zone: &Zone, from: i64, to: i64) -> Option<i64> {
    let mut stretch = Stretch::at(zone, to)?;
    loop {
        if let Some(found) = stretch.last(expression, from, to) {
            return Some(found);
        }
        if stretch.from <= from {
            return None;
        }
        stretch = Stretch::at(zone, stretch.from - 1)?;
    }
}
