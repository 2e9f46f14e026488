//! Stretches of time between two changes of a zone's clock. Within one, clock and real time go alike.

use super::{Zone, expression::Expression};

/// From one change of a zone's clock to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Its first second since the epoch.
    pub(super) from: i64,
    /// The first second of the next stretch.
    pub(super) until: i64,
    /// What the clock shows more than UTC, in seconds.
    pub(super) offset: i64,
    /// The highest time that the clock had shown before `from`. Higher than the clock at `from` after it was put back,
    /// lower by more than a second after it was put forward.
    pub(super) shown: i64,
}

impl Stretch {
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

    /// Which times of the clock count for `expression` from `from` to `to`: for an interval what it shows, otherwise what
    /// it shows or has just skipped, less what it had shown before.
    fn clock(&self, expression: &Expression, from: i64, to: i64) -> (i64, i64) {
        let begin = if expression.is_interval() { self.from + self.offset } else { self.shown + 1 };
        let low = if from > self.from { begin.max(from + self.offset) } else { begin };
        (low, to.min(self.until - 1) + self.offset)
    }

    /// When the clock shows that time. A time that was skipped is due as soon as it was.
    fn real(&self, clock: i64) -> i64 {
        (clock - self.offset).max(self.from)
    }
}

/// The first second from `from` to `to` at which `expression` fires in `zone`.
pub(super) fn first(expression: &Expression, zone: &Zone, from: i64, to: i64) -> Option<i64> {
    let mut stretch = zone.stretch(from)?;
    loop {
        if let Some(found) = stretch.first(expression, from, to) {
            return Some(found);
        }
        if stretch.until > to {
            return None;
        }
        stretch = zone.stretch(stretch.until)?;
    }
}

/// The last second from `from` to `to` at which `expression` fires in `zone`.
pub(super) fn last(expression: &Expression, zone: &Zone, from: i64, to: i64) -> Option<i64> {
    let mut stretch = zone.stretch(to)?;
    loop {
        if let Some(found) = stretch.last(expression, from, to) {
            return Some(found);
        }
        if stretch.from <= from {
            return None;
        }
        stretch = zone.stretch(stretch.from - 1)?;
    }
}
