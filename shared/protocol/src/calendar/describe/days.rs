//! The days of an expression in words.

use super::words::{counted, list, named};
use crate::calendar::{expression::Written, field::Field, part::Parts, values::Values};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Monday on, because a week's working days are then in a row.
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const NTH: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// The days: `on day 1 of every month`. `None` for every day.
pub(super) fn words(written: &Written) -> Option<String> {
    let [_, _, _, day, month, weekday] = &written.parts;
    let months = (!month.is_full(Field::Month)).then(|| list(&named_months(month.plain)));
    let of_months = || format!("of {}", months.as_deref().unwrap_or("every month"));
    let in_months = || months.as_ref().map(|months| format!(" in {months}")).unwrap_or_default();
    let of_days = || format!("{} {}", days(day), of_months());
    let of_weekdays = || {
        let months = if weekday.has_nth() { format!(" {}", of_months()) } else { in_months() };
        format!("{}{months}", list(&weekdays(weekday)))
    };
    let (any_day, any_weekday) = (day.is_full(Field::DayOfMonth), weekday.is_full(Field::DayOfWeek));
    match (any_day, any_weekday) {
        (true, true) => months.map(|months| format!("every day in {months}")),
        // One field that names every day is enough for both.
        (true, false) | (false, true) if !written.needs_both_days => {
            months.map(|months| format!("every day in {months}"))
        }
        (true, false) => Some(format!("on {}", of_weekdays())),
        (false, true) => Some(format!("on {}", of_days())),
        (false, false) if written.needs_both_days => {
            Some(format!("on {} when that is {}", of_weekdays(), one_of(day, &of_days())))
        }
        (false, false) => Some(format!("on {} and also on {}", of_days(), of_weekdays())),
    }
}

/// `one of the days 1 and 15`, unless it is only one.
fn one_of(day: &Parts, days: &str) -> String {
    let alternatives = day.plain.count() + day.nearest.count() + u32::from(day.last_day) + u32::from(day.last_weekday);
    if alternatives == 1 { days.to_owned() } else { format!("one of {days}") }
}

/// `days 1 and 15 and the last day`.
fn days(day: &Parts) -> String {
    let plain = (!day.plain.is_empty()).then(|| counted("day", day.plain));
    let nearest = (!day.nearest.is_empty()).then(|| format!("the weekday nearest to {}", counted("day", day.nearest)));
    let last_day = day.last_day.then(|| "the last day".to_owned());
    let last_weekday = day.last_weekday.then(|| "the last weekday".to_owned());
    let items = [plain, nearest, last_day, last_weekday];
    items.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// `Monday to Friday`, `the second Monday`.
fn weekdays(weekday: &Parts) -> Vec<String> {
    let mut items = named_weekdays(weekday.plain);
    let each = |nth: &str, days: Values| -> Vec<String> {
        from_monday(days).map(|day| format!("the {nth} {}", name(day))).collect()
    };
    for (nth, days) in NTH.iter().zip(weekday.nth) {
        items.extend(each(nth, days));
    }
    items.extend(each("last", weekday.last));
    items
}

/// `January to March`, `December`.
fn named_months(months: Values) -> Vec<String> {
    let name = |month: u32| MONTHS.get(month as usize - 1).copied().unwrap_or_default().to_owned();
    named(months.iter(), name)
}

/// `Monday to Friday`, `Sunday`.
fn named_weekdays(days: Values) -> Vec<String> {
    named(from_monday(days), |day| name(day).to_owned())
}

/// The weekdays, 0 for Monday.
fn from_monday(days: Values) -> impl Iterator<Item = u32> {
    (0..7).filter(move |day| days.contains((day + 1) % 7))
}

fn name(day: u32) -> &'static str {
    WEEKDAYS.get(day as usize).copied().unwrap_or_default()
}
