//! Nicknames and parts of fields that other schedulers take.

use super::Instead;
use crate::calendar::{
    expression::Expression,
    field::{Field, MONTHS, WEEKDAYS},
    part::number,
};

/// What to write instead of a nickname of another scheduler, or of one without its `@`.
pub(super) fn nickname(text: &str) -> Option<Instead> {
    let (cron, every_seconds) = match text.trim_start_matches('@').to_ascii_lowercase().as_str() {
        "secondly" | "every_second" => (None, Some(1)),
        "minutely" | "every_minute" => (Some("* * * * *"), None),
        "quarterly" => (Some("0 0 1 */3 *"), None),
        "semiannually" | "biannually" => (Some("0 0 1 1,7 *"), None),
        "weekdays" => (Some("0 0 * * MON-FRI"), None),
        "weekends" => (Some("0 0 * * SAT,SUN"), None),
        name if !text.starts_with('@') => {
            let ours = format!("@{name}");
            Expression::read(&ours).ok()?;
            return Some(Instead::cron(&ours, "a name begins with @"));
        }
        _ => return None,
    };
    Some(Instead { cron: cron.map(str::to_owned), every_seconds, what: "it is no name here", ..Instead::default() })
}

/// What to write instead of Jenkins's `H` and OpenBSD's `~`, for which those choose a number.
pub(super) fn hashed(fields: &[&str]) -> Option<Instead> {
    let order: &[Field] = if fields.len() == 5 { Field::ALL.get(1..)? } else { Field::ALL };
    if order.len() != fields.len() {
        return None;
    }
    let is_hashed = |text: &str| text.contains('~') || text.split(',').any(|part| hash(part).is_some());
    if !fields.iter().any(|text| is_hashed(text)) {
        return None;
    }
    let fields: Option<Vec<String>> = order.iter().zip(fields).map(|(field, text)| chosen(*field, text)).collect();
    let cron = fields?.join(" ");
    Expression::read(&cron).ok()?;
    let remark = Some("jitter_seconds spreads the starts of many schedules");
    Some(Instead { remark, ..Instead::cron(&cron, "nothing chooses a number for `H` or `~` here") })
}

/// What follows the `H` of a part: nothing, `(0-29)`, `/15` or both.
fn hash(part: &str) -> Option<&str> {
    part.strip_prefix(['H', 'h']).filter(|rest| rest.is_empty() || rest.starts_with(['(', '/']))
}

/// A field with a number in each place where Jenkins or OpenBSD choose one.
fn chosen(field: Field, text: &str) -> Option<String> {
    let parts: Option<Vec<String>> = text.split(',').map(|part| chosen_part(field, part)).collect();
    Some(parts?.join(","))
}

fn chosen_part(field: Field, part: &str) -> Option<String> {
    let (low, high) = (field.low(), if field == Field::DayOfMonth { 28 } else { field.low() + field.size() - 1 });
    if let Some((from, to)) = part.split_once('~') {
        let from = if from.is_empty() { low } else { number(from)? };
        let to = if to.is_empty() { high } else { number(to)? };
        return pick(field, from, to).map(|at| at.to_string());
    }
    let Some(rest) = hash(part) else { return Some(part.to_owned()) };
    let (within, step) = rest.split_once('/').map_or((rest, None), |(within, step)| (within, Some(step)));
    let range = within.strip_prefix('(').and_then(|within| within.strip_suffix(')'));
    let (from, to) = match range {
        Some(range) => {
            let (from, to) = range.split_once('-')?;
            (number(from)?, number(to)?)
        }
        None => (low, high),
    };
    match step {
        Some(step) => {
            let last = from.checked_add(number(step)?.checked_sub(1)?)?.min(to);
            let at = pick(field, from, last)?;
            Some(if range.is_some() { format!("{at}-{to}/{step}") } else { format!("{at}/{step}") })
        }
        None => pick(field, from, to).map(|at| at.to_string()),
    }
}

/// A number of a range. It is not the first, because many schedules fire then.
fn pick(field: Field, from: u32, to: u32) -> Option<u32> {
    let after = match field {
        Field::Second | Field::Minute => 17,
        Field::Hour | Field::DayOfMonth | Field::Month | Field::DayOfWeek => 3,
    };
    Some(from + after % (to.checked_sub(from)? + 1))
}

/// What to write instead of parts that are spelled otherwise elsewhere: `MONDAY`, `L5`, `W15`, `L` as a day of the
/// week.
pub(super) fn spelled(fields: &[&str]) -> Option<Instead> {
    let order: &[Field] = if fields.len() == 5 { Field::ALL.get(1..)? } else { Field::ALL };
    if order.len() != fields.len() {
        return None;
    }
    let fields: Vec<String> = order.iter().zip(fields).map(|(field, text)| respelled(*field, text)).collect();
    let cron = fields.join(" ");
    Expression::read(&cron).ok()?;
    Some(Instead::cron(&cron, "it is spelled otherwise here"))
}

fn respelled(field: Field, text: &str) -> String {
    let parts = text.split(',').map(|part| {
        let part = part.to_ascii_uppercase();
        match (field, part.as_str()) {
            // Quartz's last day of a week.
            (Field::DayOfWeek, "L") => "SAT".to_owned(),
            (Field::DayOfWeek, _) if part.starts_with('L') => {
                part.strip_prefix('L').map_or(part.clone(), |day| format!("{day}L"))
            }
            (Field::DayOfMonth, "WL") => "LW".to_owned(),
            (Field::DayOfMonth, _) if part.starts_with('W') => {
                part.strip_prefix('W').map_or(part.clone(), |day| format!("{day}W"))
            }
            (Field::DayOfMonth, _) if part.ends_with('W') && part.contains('-') => each_nearest(&part),
            (Field::Month | Field::DayOfWeek, _) => short(&part),
            (Field::Second | Field::Minute | Field::Hour | Field::DayOfMonth, _) => part,
        }
    });
    parts.collect::<Vec<_>>().join(",")
}

/// `1-3W` as `1W,2W,3W`.
fn each_nearest(part: &str) -> String {
    let range = part.strip_suffix('W').and_then(|range| range.split_once('-'));
    match range.and_then(|(from, to)| Some((number(from)?, number(to)?))) {
        Some((from, to)) if to <= 31 => (from..=to).map(|day| format!("{day}W")).collect::<Vec<_>>().join(","),
        _ => part.to_owned(),
    }
}

/// A part with names of three letters.
fn short(part: &str) -> String {
    const LONG: [&str; 22] = [
        "JANUARY",
        "FEBRUARY",
        "MARCH",
        "APRIL",
        "JUNE",
        "JULY",
        "AUGUST",
        "SEPTEMBER",
        "SEPT",
        "OCTOBER",
        "NOVEMBER",
        "DECEMBER",
        "SUNDAY",
        "MONDAY",
        "TUESDAY",
        "TUES",
        "WEDNESDAY",
        "THURSDAY",
        "THURS",
        "THUR",
        "FRIDAY",
        "SATURDAY",
    ];
    LONG.iter().fold(part.to_owned(), |part, long| {
        let name = MONTHS.iter().chain(&WEEKDAYS).find(|name| long.starts_with(**name));
        name.map_or(part.clone(), |name| part.replace(long, name))
    })
}
