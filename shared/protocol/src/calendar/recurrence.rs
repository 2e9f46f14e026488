//! The firing times of a schedule, before its start and its end limit them.

use std::num::NonZeroU32;

use super::{describe, expression::Expression, fault::Fault, foreign, notes, stretch, zone::Zone};
use crate::Time;

/// How far a search goes, in seconds: eight years, which is the longest time from one 29 February to the next.
pub(super) const HORIZON: u64 = 8 * 366 * 86_400;

/// The latest firing, in seconds since the epoch: 9999-12-28T00:00:00Z. At that moment every zone's clock still shows a
/// year of four digits.
pub(super) const LATEST: u64 = 253_401_955_200;

/// The times of a cron expression, or of an interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Cron(Expression, Zone),
    Every(NonZeroU32, Time),
}

impl Recurrence {
    /// The times that `expression` names on the clock of `zone`.
    ///
    /// # Errors
    /// If the expression cannot be read. An expression that never fires, such as `0 0 30 2 *`, is not an error; its
    /// [`next_after`](Self::next_after) is always `None`.
    pub fn cron(expression: &str, zone: Zone) -> Result<Self, Fault> {
        Ok(Recurrence(Kind::Cron(Expression::parse(expression)?, zone)))
    }

    /// As [`cron`](Self::cron), for an expression that a client writes today. Some expressions are read in stored
    /// schedules and are refused from clients.
    ///
    /// # Errors
    /// If the expression cannot be read, or if it probably means something else where it comes from: `0 0 ? * 2` is
    /// Monday in Quartz, and Tuesday here.
    pub fn of_client(expression: &str, zone: Zone) -> Result<Self, Fault> {
        let read = Expression::parse(expression)?;
        match foreign::ambiguous_weekday(read.written()) {
            Some(fault) => Err(fault),
            None => Ok(Recurrence(Kind::Cron(read, zone))),
        }
    }

    /// The times from `anchor` on, `seconds` apart.
    pub const fn every(seconds: NonZeroU32, anchor: Time) -> Self {
        Recurrence(Kind::Every(seconds, anchor))
    }

    /// When it fires, in plain words: `at 02:30 on Monday to Friday, Europe/Berlin time`. The words name the clock times
    /// of the expression exactly, and not what becomes of them when the clock changes.
    pub fn description(&self) -> String {
        match &self.0 {
            Kind::Cron(expression, zone) => {
                let time = if *zone == Zone::UTC { "" } else { " time" };
                format!("{}, {}{time}", describe::expression(expression), zone.name())
            }
            Kind::Every(seconds, _) => describe::interval(seconds.get()),
        }
    }

    /// Steps that are larger than their field, where well-known crons read the expression differently, and what happens
    /// to its times at the first changes of the clock from `from` to `until`.
    pub fn notes(&self, from: Time, until: Time) -> Vec<String> {
        match &self.0 {
            Kind::Cron(expression, zone) => {
                notes::notes(expression, zone, second(from.as_secs()), second(until.as_secs()))
            }
            Kind::Every(..) => Vec::new(),
        }
    }

    /// Whether two firings can be less than a minute apart.
    pub fn is_within_a_minute(&self) -> bool {
        match &self.0 {
            Kind::Cron(expression, _) => expression.is_within_a_minute(),
            Kind::Every(seconds, _) => seconds.get() < 60,
        }
    }

    /// The first time after `after`. `None` if it is more than eight years later, or after 9999-12-28.
    ///
    /// The times of a cron expression are whole seconds.
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

    /// The last time at or before `at`. `None` if it is more than eight years earlier.
    ///
    /// With this, a tick finds the latest time that an outage missed without computing all the others.
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
