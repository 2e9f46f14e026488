//! When a schedule fires: a cron expression in a time zone, or every so many seconds.
//!
//! Nothing here knows what time it is. The same arguments give the same answer in every function, and an answer takes
//! microseconds, whatever the expression.
//!
//! # Expressions
//! Vixie's: minute, hour, day of the month, month, day of the week; six fields begin with the second. A field is `*`, a
//! value, a range `1-5`, a step `*/15` or `8-18/2`, or a list of these. Months and weekdays have their English names of
//! three letters, in any case. Sunday is 0 and 7. A day that is restricted by both of its fields fires when one of them
//! matches; a field that begins with `*` does not restrict, so that both must match. `?` is `*` in the fields of days.
//! Beyond Vixie's: as day of the month `L` (the last), `15W` (the weekday nearest to the 15th, in the same month) and `LW`
//! (the last weekday); as day of the week `MON#2` (the second Monday) and `5L` or `FRI#L` (the last Friday). `@yearly`,
//! `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight` and `@hourly` stand for what they do in Vixie's. There are no
//! years, and no `@reboot`.
//!
//! # When a clock is changed
//! An expression that names every hour is an *interval*: it means real time. Any other names *times of day*.
//!
//! - A time of day fires when the zone's clock first shows it or first passes it. So a time that is skipped fires at the
//!   very moment of the change, several of them once together; a time that comes twice fires the first time.
//! - An interval fires whenever the clock shows a time that it names: nothing for what is skipped, and again for what
//!   comes twice. `*/15 * * * *` so goes on every 15 minutes of real time.
//!
//! This holds for every change of a zone's offset, not for daylight saving alone, however long it is.
//!
//! `croner` reads expressions and knows the days; the walk from clock to real time is our own, because `croner` takes a
//! list or a range of hours for an interval and loses what a change skips of it. See `docs/schedules.md`.

mod expression;
mod fault;
mod field;
mod stretch;
mod values;
mod zone;

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;

pub use fault::Fault;
pub use field::Field;
pub use zone::Zone;

use crate::Time;
use expression::Expression;

/// Eight years, from which it is no farther from a 29 February to the next, in seconds.
const HORIZON: u64 = 8 * 366 * 86_400;

/// 9999-12-28T00:00:00Z in seconds: a clock anywhere still shows a year of four digits.
const LATEST: u64 = 253_401_955_200;

/// When a schedule fires.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Cron(Expression, Zone),
    Every(NonZeroU32, Time),
}

impl Recurrence {
    /// Whenever the clock of `zone` shows what `expression` names.
    ///
    /// # Errors
    /// [`Fault`] with a text for whoever wrote the expression. One that can be read and never fires, such as
    /// `0 0 30 2 *`, is none: [`Recurrence::next_after`] tells.
    pub fn cron(expression: &str, zone: Zone) -> Result<Self, Fault> {
        Ok(Recurrence(Kind::Cron(Expression::parse(expression)?, zone)))
    }

    /// At `anchor`, and every so many seconds from then on.
    pub const fn every(seconds: NonZeroU32, anchor: Time) -> Self {
        Recurrence(Kind::Every(seconds, anchor))
    }

    /// The first time after `after`; none when that is more than eight years away, or past the year 9999.
    ///
    /// A cron expression fires at whole seconds.
    pub fn next_after(&self, after: Time) -> Option<Time> {
        if after.as_secs() >= LATEST {
            return None;
        }
        let first = after.as_millis() + 1;
        let last = after.as_secs().saturating_add(HORIZON).min(LATEST);
        match &self.0 {
            Kind::Cron(expression, zone) => {
                stretch::first(expression, zone, second(after.as_secs() + 1), second(last)).and_then(time)
            }
            Kind::Every(seconds, anchor) => {
                let period = u64::from(seconds.get()) * 1000;
                let passed = first.saturating_sub(anchor.as_millis()).div_ceil(period);
                let next = anchor.as_millis().checked_add(passed.checked_mul(period)?)?;
                (next <= last * 1000).then_some(Time::from_millis(next))
            }
        }
    }

    /// The last time at or before `at`; none when that is more than eight years back.
    ///
    /// Finds what an outage has missed last without a walk through all that it missed.
    pub fn last_until(&self, at: Time) -> Option<Time> {
        let first = at.as_secs().saturating_sub(HORIZON);
        let last = at.min(Time::from_millis(LATEST * 1000));
        if first > last.as_secs() {
            return None;
        }
        match &self.0 {
            Kind::Cron(expression, zone) => {
                stretch::last(expression, zone, second(first), second(last.as_secs())).and_then(time)
            }
            Kind::Every(seconds, anchor) => {
                let period = u64::from(seconds.get()) * 1000;
                let since = last.as_millis().checked_sub(anchor.as_millis())?;
                let found = last.as_millis() - since % period;
                (found >= first * 1000).then_some(Time::from_millis(found))
            }
        }
    }
}

fn second(second: u64) -> i64 {
    second.min(LATEST) as i64
}

fn time(second: i64) -> Option<Time> {
    u64::try_from(second).ok().map(|second| Time::from_millis(second * 1000))
}
