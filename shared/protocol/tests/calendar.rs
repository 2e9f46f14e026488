//! Compares firing times with two other sources: the results of `calendar/expected.py`, which uses Python's time zones,
//! and a walk that follows a zone's clock in steps of half a minute.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use std::{collections::BTreeSet, num::NonZeroU32};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use proptest::prelude::*;
use taskway_protocol::{
    Time,
    calendar::{Recurrence, Zone},
};

/// The output of `calendar/expected.py`, which describes its form.
const EXPECTED: &str = include_str!("calendar/expected.txt");

fn second(second: i64) -> Time {
    Time::from_millis(u64::try_from(second).unwrap() * 1000)
}

/// All firings from `first` to `last`. Searches forward and backward, which must give the same.
fn firings(recurrence: &Recurrence, first: i64, last: i64) -> Vec<i64> {
    let inside = |at: &Time| (first..=last).contains(&(at.as_secs() as i64));
    let mut forth: Vec<i64> = Vec::new();
    let mut at = second(first - 1);
    while let Some(next) = recurrence.next_after(at).filter(inside) {
        assert!(next > at && next.as_millis() % 1000 == 0);
        forth.push(next.as_secs() as i64);
        at = next;
    }
    let mut back: Vec<i64> = Vec::new();
    let mut at = second(last);
    while let Some(found) = recurrence.last_until(at).filter(inside) {
        back.push(found.as_secs() as i64);
        at = Time::from_millis(found.as_millis() - 1);
    }
    back.reverse();
    assert_eq!(forth, back, "{recurrence:?}");
    forth
}

#[test]
fn firings_agree_with_pythons_time_zones() {
    let mut lines = 0;
    let mut fired = 0;
    for line in EXPECTED.lines().filter(|line| !line.starts_with('#')) {
        let [zone, expression, first, last, times] = line.split(';').collect::<Vec<_>>().try_into().unwrap();
        let unit = if expression.split(' ').count() == 6 { 1 } else { 60 };
        let (first, last): (i64, i64) = (first.parse().unwrap(), last.parse().unwrap());
        let expected: Vec<i64> = times.split_whitespace().map(|at| at.parse::<i64>().unwrap()).collect();
        let recurrence = Recurrence::cron(expression, Zone::parse(zone).unwrap()).unwrap();
        let found: Vec<i64> =
            firings(&recurrence, first * unit, last * unit).into_iter().map(|at| at / unit - first).collect();
        assert_eq!(found, expected, "{expression} in {zone} from {}", Timestamp::from_second(first * unit).unwrap());
        (lines, fired) = (lines + 1, fired + expected.len());
    }
    assert!(lines >= 200 && fired >= 2_000, "{lines} lines, {fired} firings");
}

/// For doubled times the calendar looks back by one stretch. That is enough as long as every stretch is longer than a
/// change.
#[test]
fn changes_of_a_zone_are_more_than_three_days_apart() {
    let from = Timestamp::from_second(-86_400 * 10).unwrap();
    let mut changes = 0;
    for name in jiff::tz::db().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        let times = zone.following(from).map(|change| change.timestamp().as_second());
        let times: Vec<i64> = times.take_while(|at| *at < 2_300_000_000).collect();
        for pair in times.windows(2) {
            assert!(pair[1] - pair[0] > 3 * 86_400, "{name:?} at {}", Timestamp::from_second(pair[0]).unwrap());
        }
        changes += times.len();
    }
    assert!(changes > 10_000, "{changes}");
}

/// The values from `from` to `to`, past the highest to the lowest if `to` is before `from`, `step` apart. In a field
/// whose highest value is 7, 7 is 0.
fn around(low: i8, high: i8, from: i8, to: i8, step: i8) -> BTreeSet<i8> {
    let size = if high == 7 { 7 } else { high - low + 1 };
    let length = if from <= to { to - from } else { (to - from).rem_euclid(size) };
    (0..=length).step_by(step as usize).map(|after| (from - low + after) % size + low).collect()
}

/// The text of a field, and the values that it names.
type Field = (String, BTreeSet<i8>);

fn field(low: i8, high: i8) -> impl Strategy<Value = Field> {
    let value = move || low..=high;
    prop_oneof![
        Just(("*".to_owned(), (low..=high).collect())),
        (1..=high).prop_map(move |step| (format!("*/{step}"), (low..=high).step_by(step as usize).collect())),
        value().prop_map(|value| (value.to_string(), [value].into())),
        (value(), value()).prop_map(|(a, b)| (format!("{a},{b}"), [a, b].into())),
        (value(), value(), 1..=5i8).prop_map(|(a, b, step)| {
            let (from, to) = (a.min(b), a.max(b));
            (format!("{from}-{to}/{step}"), (from..=to).step_by(step as usize).collect())
        }),
        (value(), value(), 1..=5i8).prop_map(move |(from, to, step)| {
            let text = if step == 1 { format!("{from}-{to}") } else { format!("{from}-{to}/{step}") };
            (text, around(low, high, from, to, step))
        }),
        (value(), 1..=high).prop_map(move |(from, step)| {
            let (from, last) = if high == 7 { (from % 7, 6) } else { (from, high) };
            (format!("{from}/{step}"), around(low, high, from, last, step))
        }),
    ]
}

fn any_or(field: impl Strategy<Value = Field>, low: i8, high: i8) -> impl Strategy<Value = Field> {
    prop_oneof![2 => Just(("*".to_owned(), (low..=high).collect())), 1 => field]
}

#[derive(Clone, Debug)]
struct Expression {
    fields: [Field; 5],
}

impl Expression {
    fn text(&self) -> String {
        self.fields.each_ref().map(|(text, _)| text.as_str()).join(" ")
    }

    fn starred(&self, field: usize) -> bool {
        self.fields[field].0.starts_with('*')
    }

    fn names(&self, clock: DateTime) -> bool {
        let [minute, hour, day, month, weekday] = &self.fields;
        let on_day = day.1.contains(&clock.day());
        let sunday_zero = clock.weekday().to_sunday_zero_offset();
        let on_weekday = weekday.1.contains(&sunday_zero) || sunday_zero == 0 && weekday.1.contains(&7);
        let both = self.starred(2) || self.starred(4);
        clock.second() == 0
            && minute.1.contains(&clock.minute())
            && hour.1.contains(&clock.hour())
            && month.1.contains(&clock.month())
            && if both { on_day && on_weekday } else { on_day || on_weekday }
    }
}

fn expression() -> impl Strategy<Value = Expression> {
    let day = || any_or(field(1, 31), 1, 31);
    (field(0, 59), field(0, 23), day(), any_or(field(1, 12), 1, 12), any_or(field(0, 7), 0, 7))
        .prop_map(|(minute, hour, day, month, weekday)| Expression { fields: [minute, hour, day, month, weekday] })
}

/// A zone, and the beginning of two days around a change of its clock.
fn change() -> impl Strategy<Value = (String, i64)> {
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    (proptest::sample::select(zones), 10i64..2_500_000_000, -86_400i64..86_400).prop_map(|(name, from, shift)| {
        let zone = TimeZone::get(&name).unwrap();
        let change = zone.following(Timestamp::from_second(from).unwrap()).next();
        let middle = change.map_or(from, |change| change.timestamp().as_second()) + shift;
        (name, (middle - 86_400).max(86_400) / 30 * 30)
    })
}

/// The firings from `first` to `last`, by the documented rule, in steps of half a minute.
fn walk(expression: &Expression, zone: &TimeZone, first: i64, last: i64) -> Vec<i64> {
    let clock = |at: i64| zone.to_datetime(Timestamp::from_second(at).unwrap());
    // Look back far enough to find the latest time that the clock has shown.
    let mut shown = (0..=120).map(|hours| clock(first - 30 - hours * 1800)).max().unwrap();
    let mut found = Vec::new();
    for at in (first..=last).step_by(30) {
        let now = clock(at);
        let fires = if expression.fields[1].1.len() == 24 {
            expression.names(now)
        } else {
            let mut fires = false;
            while shown < now {
                shown = shown.checked_add(jiff::SignedDuration::from_secs(30)).unwrap();
                fires |= expression.names(shown);
            }
            fires
        };
        if fires {
            found.push(at);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn firings_agree_with_a_walk_along_the_clock(expression in expression(), (name, first) in change()) {
        let last = first + 2 * 86_400;
        let recurrence = Recurrence::cron(&expression.text(), Zone::parse(&name).unwrap()).unwrap();
        let expected = walk(&expression, &TimeZone::get(&name).unwrap(), first, last);
        prop_assert_eq!(firings(&recurrence, first, last), expected, "{} in {}", expression.text(), name);
    }

    #[test]
    fn searches_forward_and_backward_agree(
        expression in expression(),
        (name, _) in change(),
        at in prop_oneof![0u64..4_000_000_000_000, 0..=253_402_300_799_999u64],
    ) {
        let recurrence = Recurrence::cron(&expression.text(), Zone::parse(&name).unwrap()).unwrap();
        agree(&recurrence, Time::from_millis(at))?;
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        text in prop_oneof!["[0-9*/,#LW? A-Z-]{1,30}", "([0-9*]{1,2}[-/,#LW?]?[0-9A-Z]{0,3} ){4,6}", ".{0,300}"],
        at in any::<u64>(),
    ) {
        match Recurrence::cron(&text, Zone::UTC) {
            Ok(recurrence) => agree(&recurrence, Time::from_millis(at % 4_000_000_000_000))?,
            Err(fault) => prop_assert!(fault.to_string().starts_with("must ")),
        }
        let _ = Zone::parse(&text);
    }

    #[test]
    fn searches_in_an_interval_agree(every in 1u32..=u32::MAX, anchor in 0..=253_402_300_799_999u64, at in any::<u64>()) {
        let recurrence = Recurrence::every(NonZeroU32::new(every).unwrap(), Time::from_millis(anchor));
        agree(&recurrence, Time::from_millis(at))?;
        agree(&recurrence, Time::from_millis(at % 253_402_300_799_999))?;
        agree(&recurrence, Time::from_millis(anchor.saturating_add(at % 1_000_000_000)))?;
    }
}

/// Checks that no firing lies between a time and the next firing, and that the backward search finds that next firing.
fn agree(recurrence: &Recurrence, at: Time) -> Result<(), TestCaseError> {
    let last = recurrence.last_until(at);
    prop_assert!(last.is_none_or(|last| last <= at));
    if let Some(next) = recurrence.next_after(at) {
        prop_assert!(next > at);
        prop_assert_eq!(recurrence.last_until(next), Some(next));
        let before = Time::from_millis(next.as_millis() - 1);
        prop_assert_eq!(recurrence.next_after(before), Some(next));
        // A firing about eight years earlier may be in reach of one search and not of the other.
        let between = recurrence.last_until(before);
        prop_assert!(between == last || between.is_none(), "{:?} after {:?}", between, last);
    }
    if let Some(last) = last {
        prop_assert_eq!(recurrence.last_until(last), Some(last));
        prop_assert!(recurrence.next_after(last).is_none_or(|next| next > at));
    }
    Ok(())
}
