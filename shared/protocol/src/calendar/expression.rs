//! A cron expression, and the clock times that it names. [`super::stretch`] converts clock times to real times.

use std::{fmt, sync::Arc};

use croner::{
    CronPattern, Weekday,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{
    fault::Fault,
    field::Field,
    foreign,
    part::{Parts, has_wrong_nth},
    values::Values,
};

/// The longest expression, in characters. A longer one is hard to follow, and a refusal repeats its fields.
const LONGEST: usize = 256;

const DAY: i64 = 86_400;

/// The clock times that a cron expression names. A clock time is in seconds since the clock showed 1970-01-01T00:00:00.
#[derive(Clone, PartialEq)]
pub(super) struct Expression {
    seconds: Values,
    minutes: Values,
    hours: Values,
    /// The fields and the days that they name. Shared between clones, because this takes more than 5 KB.
    written: Arc<Written>,
    /// Whether the expression names every hour. If so, it means real time; otherwise it means times of day.
    interval: bool,
}

/// An expression as it was written.
#[derive(PartialEq)]
pub(super) struct Written {
    /// The texts of the six fields.
    pub(super) texts: [Box<str>; 6],
    /// What the six fields name.
    pub(super) parts: [Parts; 6],
    /// Whether the first field was written, or is the `0` that five fields imply.
    pub(super) has_seconds: bool,
    /// Whether a day must match both fields of days. Otherwise one of them is enough.
    pub(super) needs_both_days: bool,
    /// The months and days.
    pattern: CronPattern,
}

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let length = text.chars().count();
        if length > LONGEST {
            return Err(Fault::Long { most: LONGEST, length });
        }
        Self::read(text).map_err(|fault| foreign::explained(text).unwrap_or(fault))
    }

    /// Reads an expression that is not too long.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let expression = if text.trim_start().starts_with('@') { nickname(text.trim())? } else { text };
        let fields: Vec<&str> = expression.split_ascii_whitespace().collect();
        let (texts, has_seconds) = match *fields {
            [minute, hour, day, month, weekday] => (["0", minute, hour, day, month, weekday], false),
            [second, minute, hour, day, month, weekday] => ([second, minute, hour, day, month, weekday], true),
            _ => return Err(Fault::Fields(fields.len())),
        };
        let mut parts = <[Parts; 6]>::default();
        for ((field, text), parts) in Field::ALL.iter().zip(texts).zip(&mut parts) {
            let bad = || {
                let (field, is_nth, text) = (*field, has_wrong_nth(*field, text), text.to_owned());
                if is_nth { Fault::Nth(text) } else { Fault::Field { field, text } }
            };
            *parts = Parts::read(*field, text).ok_or_else(bad)?;
        }
        let [second, minute, hour, day, month, weekday] = &parts;
        // For `croner`, `*/2` restricts the day. For Vixie's cron it does not.
        let needs_both_days = day.is_starred || weekday.is_starred;
        let pattern = pattern(day, month, weekday, needs_both_days).ok_or(Fault::Expression)?;
        Ok(Expression {
            seconds: second.plain,
            minutes: minute.plain,
            interval: hour.is_full(Field::Hour),
            hours: hour.plain,
            written: Arc::new(Written { texts: texts.map(Box::from), has_seconds, needs_both_days, pattern, parts }),
        })
    }

    /// The expression as it was written.
    pub(super) fn written(&self) -> &Written {
        &self.written
    }

    /// The seconds, minutes and hours that the expression names.
    pub(super) fn times(&self) -> [Values; 3] {
        [self.seconds, self.minutes, self.hours]
    }

    /// Whether it names two times less than a minute apart. Skipped times do not count.
    pub(super) fn is_within_a_minute(&self) -> bool {
        self.seconds.count() > 1
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
        self.written.pattern.month_match(date.month() as u32).unwrap_or(false)
    }

    fn on_day(&self, date: Date) -> bool {
        let weekday = Weekday::from_days_from_sunday(date.weekday().to_sunday_zero_offset() as u32);
        self.written
            .pattern
            .day_match(i32::from(date.year()), date.month() as u32, date.day() as u32, weekday)
            .unwrap_or(false)
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
        write!(f, "Expression({})", self.written.texts.join(" "))
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

/// The months and days, for `croner`.
fn pattern(day: &Parts, month: &Parts, weekday: &Parts, needs_both_days: bool) -> Option<CronPattern> {
    let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).dom_and_dow(needs_both_days);
    let text = format!("0 0 0 {} {} {}", day.canonical(), month.canonical(), weekday.canonical());
    parser.build().parse(&text).ok().map(|cron| cron.pattern)
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
