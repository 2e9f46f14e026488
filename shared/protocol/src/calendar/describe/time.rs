//! The times of a day in words.

use super::words::{counted, even_step, every, list, progression, runs};
use crate::calendar::{expression::Expression, values::Values};

/// The most times of a day that are listed one by one.
const LISTED: u32 = 6;

/// The most spans of hours that are named by their first and last time.
const SPANS: usize = 3;

/// The times of a day, and whether they are those of every hour, so that `every day` need not be said.
pub(super) fn words(expression: &Expression) -> (String, bool) {
    let [seconds, minutes, hours] = expression.times();
    let is_every_hour = expression.is_interval();
    if seconds.count() * minutes.count() * hours.count() <= LISTED {
        return (listed(seconds, minutes, hours), false);
    }
    let only_second = (seconds.count() == 1).then(|| seconds.from(0)).flatten();
    if only_second != Some(0) {
        return (with_seconds(seconds, minutes, hours, is_every_hour), is_every_hour);
    }
    let words = if is_every_hour {
        of_every_hour(minutes)
    } else {
        spans(minutes, hours).unwrap_or_else(|| fields(minutes, hours))
    };
    (words, is_every_hour)
}

/// `at 02:00 and 02:30`.
fn listed(seconds: Values, minutes: Values, hours: Values) -> String {
    let has_seconds = seconds.count() > 1 || !seconds.contains(0);
    let times = hours.iter().flat_map(|hour| {
        minutes.iter().flat_map(move |minute| {
            seconds.iter().map(move |second| {
                let seconds = if has_seconds { format!(":{second:02}") } else { String::new() };
                format!("{hour:02}:{minute:02}{seconds}")
            })
        })
    });
    format!("at {}", list(&times.collect::<Vec<_>>()))
}

/// `every 15 minutes`, `every hour at minutes 5 and 35`.
fn of_every_hour(minutes: Values) -> String {
    match even_step(minutes) {
        Some(step) => every(step, "minute"),
        None if minutes.count() == 1 && minutes.contains(0) => every(1, "hour"),
        None => format!("every hour at {}", counted("minute", minutes)),
    }
}

/// `every 15 minutes from 09:00 to 17:45`, `every 2 hours from 00:00 to 22:00`.
fn spans(minutes: Values, hours: Values) -> Option<String> {
    let (first, last) = (minutes.from(0)?, minutes.below(60)?);
    let span = |(from, to): (u32, u32)| format!("from {from:02}:{first:02} to {to:02}:{last:02}");
    if first == last
        && let Some((from, to, step)) = progression(hours).filter(|_| hours.count() > 2)
    {
        return Some(format!("{} {}", every(step, "hour"), span((from, to))));
    }
    let runs = runs(hours.iter());
    let each = match even_step(minutes) {
        Some(step) => every(step, "minute"),
        None if first == last && runs.iter().all(|(from, to)| to - from > 1) => every(1, "hour"),
        None => return None,
    };
    let spans: Vec<String> = runs.into_iter().map(span).collect();
    (spans.len() <= SPANS).then(|| format!("{each} {}", list(&spans)))
}

/// `at minutes 5 and 7 of hours 1, 3 and 9`.
fn fields(minutes: Values, hours: Values) -> String {
    let minutes = match even_step(minutes) {
        Some(step) => every(step, "minute"),
        None => format!("at {}", counted("minute", minutes)),
    };
    format!("{minutes} of {}", counted("hour", hours))
}

/// `every 10 seconds`, `at second 30 of every minute`, `every second of minute 5 of every hour`.
fn with_seconds(seconds: Values, minutes: Values, hours: Values, is_every_hour: bool) -> String {
    let each = even_step(seconds);
    let second = each.map_or_else(|| format!("at {}", counted("second", seconds)), |step| every(step, "second"));
    let is_every_minute = minutes.count() == 60;
    let minute = if is_every_minute { "every minute".to_owned() } else { counted("minute", minutes) };
    let hour = if is_every_hour { "every hour".to_owned() } else { counted("hour", hours) };
    match (is_every_minute, is_every_hour) {
        (true, true) if each.is_some() => second,
        (true, true) => format!("{second} of every minute"),
        (true, false) | (false, _) => format!("{second} of {minute} of {hour}"),
    }
}
