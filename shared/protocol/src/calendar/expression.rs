//! A cron expression, and the clock times that it names. [`super::stretch`] converts clock times to real times.

use std::{fmt, sync::Arc};

use croner::{
    Cron, CronPattern, Weekday,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{fault::Fault, field::Field, values::Values};

/// The longest expression, in characters. A longer one is hard to follow, and a refusal repeats its fields.
const LONGEST: usize = 256;

const DAY: i64 = 86_400;

/// The clock times that a cron expression names. A clock time is in seconds since the clock showed 1970-01-01T00:00:00.
#[derive(Clone, PartialEq)]
pub(super) struct Expression {
    seconds: Values,
    minutes: Values,
    hours: Values,
    /// The months and days that the expression names. Shared between clones, because it takes more than 5 KB.
    days: Arc<CronPattern>,
    /// Whether the expression names every hour. If so, it means real time; otherwise it means times of day.
    interval: bool,
}

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let length = text.chars().count();
        if length > LONGEST {
            return Err(Fault::Long { most: LONGEST, length });
        }
        let expression = if text.trim_start().starts_with('@') { nickname(text.trim())? } else { text };
        let mut fields: Vec<&str> = expression.split_ascii_whitespace().collect();
        match fields.len() {
            5 => fields.insert(0, "0"),
            6 => {}
            other => return Err(Fault::Fields(other)),
        }
        let bad = |(field, text): (&Field, &&str)| Fault::Field { field: *field, text: (*text).to_owned() };
        if let Some(wrong) =
            Field::ALL.iter().zip(&fields).find(|(field, text)| !field.takes(&text.to_ascii_uppercase()))
        {
            return Err(bad(wrong));
        }
        let starred = |n: usize| fields.get(n).is_some_and(|text| text.starts_with(['*', '?']));
        // If both fields restrict the day, one must match; otherwise both must. For `croner`, `*/2` restricts the day.
        // For Vixie's cron it does not.
        let cron = read(&fields, starred(3) || starred(5)).ok_or_else(|| {
            let alone = |n| (0..6).map(|m| if m == n { fields[n] } else { "*" }).collect::<Vec<_>>();
            let wrong = (0..6).find(|n| read(&alone(*n), false).is_none());
            wrong.and_then(|n| Field::ALL.iter().zip(&fields).nth(n)).map_or(Fault::Expression, bad)
        })?;
        let hours = Values::of(&cron.pattern.hours);
        Ok(Expression {
            seconds: Values::of(&cron.pattern.seconds),
            minutes: Values::of(&cron.pattern.minutes),
            interval: (0..24).all(|hour| hours.contains(hour)),
            hours,
            days: Arc::new(cron.pattern),
        })
    }

    /// Whether the expression means real time when a clock is changed.
    pub(super) fn is_interval(&self) -> bool {
        self.interval
    }

    /// The first clock time that the expression names, from `from` to `to`, both included.
    pub(super) fn first(&self, from: i64, to: i64) -> Option<i64> {
        let mut date = date(from)?;
        let (mut midnight, mut time) = (from - from.rem_euclid(DAY), from.rem_euclid(DAY));
        while midnight <= to {
            if !self.in_month(date) {
                let last = date.last_of_month();
                midnight += DAY * i64::from(last.day() - date.day());
                date = last;
            } else if self.on_day(date)
                && let Some(time) = self.first_time(time as u32)
            {
                return Some(midnight + time).filter(|found| *found <= to);
            }
            (date, midnight, time) = (date.tomorrow().ok()?, midnight + DAY, 0);
        }
        None
    }

    /// The last clock time that the expression names, from `from` to `to`, both included.
    pub(super) fn last(&self, from: i64, to: i64) -> Option<i64> {
        let mut date = date(to)?;
        let (mut midnight, mut time) = (to - to.rem_euclid(DAY), to.rem_euclid(DAY));
        while midnight + DAY > from {
            if !self.in_month(date) {
                let first = date.first_of_month();
                midnight -= DAY * i64::from(date.day() - first.day());
                date = first;
            } else if self.on_day(date)
                && let Some(time) = self.last_time(time as u32)
            {
                return Some(midnight + time).filter(|found| *found >= from);
            }
            (date, midnight, time) = (date.yesterday().ok()?, midnight - DAY, DAY - 1);
        }
        None
    }

    fn in_month(&self, date: Date) -> bool {
        self.days.month_match(date.month() as u32).unwrap_or(false)
    }

    fn on_day(&self, date: Date) -> bool {
        let weekday = Weekday::from_days_from_sunday(date.weekday().to_sunday_zero_offset() as u32);
        self.days.day_match(i32::from(date.year()), date.month() as u32, date.day() as u32, weekday).unwrap_or(false)
    }

    /// The first second of a day that the expression names, at or after `from`.
    fn first_time(&self, from: u32) -> Option<i64> {
        let (hour, minute, second) = parts(from);
        let (first_minute, first_second) = (self.minutes.from(0)?, self.seconds.from(0)?);
        if self.hours.contains(hour) {
            if self.minutes.contains(minute)
                && let Some(second) = self.seconds.from(second)
            {
                return Some(whole(hour, minute, second));
            }
            if let Some(minute) = self.minutes.from(minute + 1) {
                return Some(whole(hour, minute, first_second));
            }
        }
        self.hours.from(hour + 1).map(|hour| whole(hour, first_minute, first_second))
    }

    /// The last second of a day that the expression names, at or before `to`.
    fn last_time(&self, to: u32) -> Option<i64> {
        let (hour, minute, second) = parts(to);
        let (last_minute, last_second) = (self.minutes.below(60)?, self.seconds.below(60)?);
        if self.hours.contains(hour) {
            if self.minutes.contains(minute)
                && let Some(second) = self.seconds.below(second + 1)
            {
                return Some(whole(hour, minute, second));
            }
            if let Some(minute) = self.minutes.below(minute) {
                return Some(whole(hour, minute, last_second));
            }
        }
        self.hours.below(hour).map(|hour| whole(hour, last_minute, last_second))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.days.as_str())
    }
}

fn nickname(text: &str) -> Result<&'static str, Fault> {
    match text.to_ascii_uppercase().as_str() {
        "@YEARLY" | "@ANNUALLY" => Ok("0 0 1 1 *"),
        "@MONTHLY" => Ok("0 0 1 * *"),
        "@WEEKLY" => Ok("0 0 * * 0"),
        "@DAILY" | "@MIDNIGHT" => Ok("0 0 * * *"),
        "@HOURLY" => Ok("0 * * * *"),
        _ => Err(Fault::Nickname(text.to_owned())),
    }
}

fn read(fields: &[&str], both_days: bool) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).dom_and_dow(both_days).build();
    parser.parse(&fields.join(" ")).ok()
}

fn date(second: i64) -> Option<Date> {
    Timestamp::from_second(second).ok().map(|at| Offset::UTC.to_datetime(at).date())
}

fn parts(time: u32) -> (u32, u32, u32) {
    (time / 3600, time / 60 % 60, time % 60)
}

fn whole(hour: u32, minute: u32, second: u32) -> i64 {
    i64::from(hour * 3600 + minute * 60 + second)
}
