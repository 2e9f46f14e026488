use std::collections::BTreeSet;

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use proptest::prelude::*;

use crate::calendar::{describe, expression::Expression};

fn described(text: &str) -> String {
    describe::expression(&Expression::parse(text).unwrap())
}

#[test]
fn common_expressions_are_short_sentences() {
    for (text, expected) in [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0/15 * * * *", "every 15 minutes"),
        ("5/15 * * * *", "every hour at minutes 5 to 50 in steps of 15"),
        ("*/45 * * * *", "every hour at minutes 0 and 45"),
        ("@hourly", "every hour"),
        ("30 * * * *", "every hour at minute 30"),
        ("30 2 * * *", "at 02:30 every day"),
        ("0,30 2 * * *", "at 02:00 and 02:30 every day"),
        ("0 */6 * * *", "at 00:00, 06:00, 12:00 and 18:00 every day"),
        ("0 */2 * * *", "every 2 hours from 00:00 to 22:00 every day"),
        ("0 9-17 * * MON-FRI", "every hour from 09:00 to 17:00 on Monday to Friday"),
        ("*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45 on Monday to Friday"),
        ("* 9 * * *", "every minute from 09:00 to 09:59 every day"),
        ("0 22-6 * * *", "at minute 0 of hours 0 to 6, 22 and 23 every day"),
        ("0 20-6 * * *", "every hour from 00:00 to 06:00 and from 20:00 to 23:00 every day"),
        ("1,2 1,3,5,9 * * *", "at minutes 1 and 2 of hours 1, 3, 5 and 9 every day"),
        ("* * * * * *", "every second"),
        ("*/10 * * * * *", "every 10 seconds"),
        ("30 * * * * *", "at second 30 of every minute"),
        ("30 0 3 * * *", "at 03:00:30 every day"),
        ("* 5 * * * *", "every second of minute 5 of every hour"),
        ("*/20 */2 3 * * *", "every 20 seconds of minutes 0 to 58 in steps of 2 of hour 3 every day"),
        ("@yearly", "at 00:00 on day 1 of January"),
        ("@monthly", "at 00:00 on day 1 of every month"),
        ("@weekly", "at 00:00 on Sunday"),
        ("0 0 * * FRI-MON", "at 00:00 on Monday and Friday to Sunday"),
        ("0 0 1,15 1-3,12 *", "at 00:00 on days 1 and 15 of January to March and December"),
        ("0 0 * 6 *", "at 00:00 every day in June"),
        ("0 0 * 6 SAT,SUN", "at 00:00 on Saturday and Sunday in June"),
        ("0 0 L * *", "at 00:00 on the last day of every month"),
        ("0 0 15,L * *", "at 00:00 on day 15 and the last day of every month"),
        ("0 0 LW * *", "at 00:00 on the last weekday of every month"),
        ("0 0 15W * *", "at 00:00 on the weekday nearest to day 15 of every month"),
        ("0 0 * * MON#2", "at 00:00 on the second Monday of every month"),
        ("0 0 * 5 5L", "at 00:00 on the last Friday of May"),
        ("0 0 13 * FRI", "at 00:00 on day 13 of every month and also on Friday"),
        ("0 0 */2 * MON", "at 00:00 on Monday when that is one of days 1 to 31 in steps of 2 of every month"),
        ("0 0 1-31 * MON", "at 00:00 every day"),
    ] {
        assert_eq!(described(text), expected, "{text}");
    }
    for (seconds, expected) in [
        (1, "every second"),
        (90, "every 90 seconds"),
        (300, "every 5 minutes"),
        (3600, "every hour"),
        (86_400, "every 24 hours"),
    ] {
        assert_eq!(describe::interval(seconds), expected);
    }
}

/// The seconds of a day, the months, and how a day is chosen, read from the words alone.
struct Read {
    times: BTreeSet<u32>,
    days: Days,
}

enum Days {
    All,
    Of(Vec<Item>, BTreeSet<u32>),
    Either(Box<Days>, Box<Days>),
    Both(Box<Days>, Box<Days>),
}

enum Item {
    Day(u32),
    Nearest(u32),
    LastDay,
    LastWeekday,
    Weekday(u32),
    Nth(usize, u32),
    Last(u32),
}

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
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const NTH: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

fn position(names: &[&str], name: &str) -> u32 {
    names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("{name}")) as u32
}

/// `1, 3 to 5 and 9`, `0 to 58 in steps of 2`.
fn numbers(text: &str, number: &dyn Fn(&str) -> u32) -> BTreeSet<u32> {
    let (text, step) = text.split_once(" in steps_of ").map_or((text, 1), |(text, step)| (text, step.parse().unwrap()));
    let mut found = BTreeSet::new();
    for item in text.replace(" and ", ", ").split(", ") {
        let (from, to) = item.split_once(" to ").unwrap_or((item, item));
        found.extend((number(from)..=number(to)).step_by(step));
    }
    found
}

fn plain(text: &str) -> BTreeSet<u32> {
    numbers(text, &|n| n.parse().unwrap())
}

/// `minute 5`, `minutes 5 and 7`, `every minute`.
fn unit(text: &str, unit: &str, size: u32) -> BTreeSet<u32> {
    match text.strip_prefix("every ") {
        Some(each) if each == unit => (0..size).collect(),
        Some(each) => {
            let step: usize = each.strip_suffix(&format!(" {unit}s")).unwrap().parse().unwrap();
            (0..size).step_by(step).collect()
        }
        None => plain(text.trim_start_matches("at ").strip_prefix(unit).unwrap().trim_start_matches('s').trim_start()),
    }
}

fn seconds(hours: &BTreeSet<u32>, minutes: &BTreeSet<u32>, seconds: &BTreeSet<u32>) -> BTreeSet<u32> {
    let at = |hour: &u32, minute: &u32, second: &u32| hour * 3600 + minute * 60 + second;
    let minutes =
        |hour| minutes.iter().flat_map(move |minute| seconds.iter().map(move |second| at(hour, minute, second)));
    hours.iter().flat_map(minutes).collect()
}

/// `02:30`, `02:30:15`.
fn clock(text: &str) -> u32 {
    let parts: Vec<u32> = text.split(':').map(|part| part.parse().unwrap()).collect();
    parts[0] * 3600 + parts[1] * 60 + parts.get(2).unwrap_or(&0)
}

fn times(text: &str) -> BTreeSet<u32> {
    let all = (0..24).collect();
    if let Some((each, spans)) = text.split_once(" from ") {
        let (count, unit) = each.strip_prefix("every ").unwrap().split_once(' ').unwrap_or(("1", &each[6..]));
        let step = count.parse::<usize>().unwrap() * if unit.starts_with("hour") { 3600 } else { 60 };
        let spans = spans.replace(" and from ", ", from ");
        let spans = spans.split(", from ").map(|span| span.split_once(" to ").unwrap());
        return spans.flat_map(|(from, to)| (clock(from)..=clock(to)).step_by(step)).collect();
    }
    let zero: BTreeSet<u32> = [0].into();
    match text.split(" of ").collect::<Vec<_>>()[..] {
        [second, minute, hour] => {
            seconds(&unit(hour, "hour", 24), &unit(minute, "minute", 60), &unit(second, "second", 60))
        }
        [second, "every minute"] => seconds(&all, &(0..60).collect(), &unit(second, "second", 60)),
        [minute, hour] => seconds(&unit(hour, "hour", 24), &unit(minute, "minute", 60), &zero),
        [one] if one.contains("second") => seconds(&all, &(0..60).collect(), &unit(one, "second", 60)),
        ["every hour"] => seconds(&all, &zero, &zero),
        [one] if one.starts_with("every hour at ") => {
            seconds(&all, &unit(one.strip_prefix("every hour ").unwrap(), "minute", 60), &zero)
        }
        [one] if one.contains("minute") => seconds(&all, &unit(one, "minute", 60), &zero),
        [one] => one.strip_prefix("at ").unwrap().replace(" and ", ", ").split(", ").map(clock).collect(),
        _ => panic!("{text}"),
    }
}

fn months(text: &str) -> BTreeSet<u32> {
    if text == "every month" { (1..=12).collect() } else { numbers(text, &|name| position(&MONTHS, name) + 1) }
}

/// `days 1 and 15 and the last day of every month`, `Monday and the second Friday of May`, `Sunday in June`.
fn items(text: &str) -> Days {
    let (text, months) = match text.rsplit_once(" of ") {
        Some((text, of)) => (text, months(of)),
        None => text.rsplit_once(" in ").map_or((text, months("every month")), |(text, of)| (text, months(of))),
    };
    let mut found = Vec::new();
    let mut days = text.trim_start_matches("one of ").to_owned();
    for (name, item) in [("the last day", Item::LastDay), ("the last weekday", Item::LastWeekday)] {
        if let Some(rest) = days.strip_suffix(name) {
            days = rest.trim_end_matches(" and ").to_owned();
            found.push(item);
        }
    }
    // `L` and `LW` are not given together.
    if let Some((rest, nearest)) = days.clone().split_once("the weekday nearest to day") {
        found.extend(plain(nearest.trim_start_matches('s').trim()).into_iter().map(Item::Nearest));
        days = rest.trim_end_matches(" and ").to_owned();
    }
    if let Some(numbers) = days.strip_prefix("day") {
        found.extend(plain(numbers.trim_start_matches('s').trim()).into_iter().map(Item::Day));
    } else if !days.is_empty() {
        for item in days.replace(" and ", ", ").split(", ") {
            match item.split(' ').collect::<Vec<_>>()[..] {
                ["the", "last", day] => found.push(Item::Last(position(&WEEKDAYS, day))),
                ["the", nth, day] => found.push(Item::Nth(position(&NTH, nth) as usize, position(&WEEKDAYS, day))),
                _ => found.extend(numbers(item, &|name| position(&WEEKDAYS, name)).into_iter().map(Item::Weekday)),
            }
        }
    }
    Days::Of(found, months)
}

fn read(text: &str) -> Read {
    // The other "of" stand between two parts.
    let text = &text.replace("steps of", "steps_of");
    if let Some((time, of)) = text.split_once(" every day") {
        let of = of.strip_prefix(" in ").map_or_else(|| months("every month"), months);
        return Read { times: times(time), days: Days::Of((1..=31).map(Item::Day).collect(), of) };
    }
    let Some((time, days)) = text.split_once(" on ") else { return Read { times: times(text), days: Days::All } };
    let days = if let Some((one, other)) = days.split_once(" and also on ") {
        Days::Either(Box::new(items(one)), Box::new(items(other)))
    } else if let Some((one, other)) = days.split_once(" when that is ") {
        Days::Both(Box::new(items(one)), Box::new(items(other)))
    } else {
        items(days)
    };
    Read { times: times(time), days }
}

fn is_on(days: &Days, date: jiff::civil::Date) -> bool {
    let (items, months) = match days {
        Days::All => return true,
        Days::Either(one, other) => return is_on(one, date) || is_on(other, date),
        Days::Both(one, other) => return is_on(one, date) && is_on(other, date),
        Days::Of(items, months) => (items, months),
    };
    let weekday = |date: jiff::civil::Date| date.weekday().to_monday_zero_offset() as u32;
    let (day, last) = (date.day() as u32, date.last_of_month());
    let is_working = |date: jiff::civil::Date| weekday(date) < 5;
    let in_month = |day: u32| {
        (1..=last.day() as u32).contains(&day).then(|| date.first_of_month().with().day(day as i8).build().unwrap())
    };
    months.contains(&(date.month() as u32))
        && items.iter().any(|item| match item {
            Item::Day(n) => *n == day,
            Item::LastDay => date == last,
            Item::LastWeekday => {
                (0..3).filter_map(|n| in_month(last.day() as u32 - n)).find(|day| is_working(*day)) == Some(date)
            }
            Item::Nearest(n) => in_month(*n).is_some_and(|_| {
                let near = [0, -1, 1, -2, 2].map(|by| in_month(n.saturating_add_signed(by)));
                near.into_iter().flatten().find(|day| is_working(*day)) == Some(date)
            }),
            Item::Weekday(n) => *n == weekday(date),
            Item::Nth(nth, n) => *n == weekday(date) && (day as usize - 1) / 7 == *nth,
            Item::Last(n) => *n == weekday(date) && day + 7 > last.day() as u32,
        })
}

/// The first clock time that the words name, from `from` on, in four years.
fn first(read: &Read, from: i64) -> Option<i64> {
    let start: DateTime = Offset::UTC.to_datetime(Timestamp::from_second(from).unwrap());
    let mut date = start.date();
    for n in 0..4 * 366 {
        let time = if n == 0 { from.rem_euclid(86_400) as u32 } else { 0 };
        if is_on(&read.days, date)
            && let Some(found) = read.times.range(time..).next()
        {
            let midnight = date.to_datetime(jiff::civil::Time::midnight()).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
            return Some(midnight.timestamp().as_second() + i64::from(*found));
        }
        date = date.tomorrow().unwrap();
    }
    None
}

fn part(low: u32, high: u32, names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let value = move || {
        (low..=high, any::<bool>()).prop_map(move |(n, named)| match names.get((n - low) as usize) {
            Some(name) if named => (*name).to_owned(),
            _ => n.to_string(),
        })
    };
    prop_oneof![
        2 => value(),
        1 => (value(), value()).prop_map(|(a, b)| format!("{a}-{b}")),
        1 => (value(), value(), 1..=high).prop_map(|(a, b, step)| format!("{a}-{b}/{step}")),
        1 => (value(), 1..=high).prop_map(|(a, step)| format!("{a}/{step}")),
        1 => (1..=high).prop_map(|step| format!("*/{step}")),
        1 => prop_oneof![Just(2), Just(5), Just(10), Just(15), Just(30)].prop_map(|step| format!("*/{step}")),
    ]
}

fn field(part: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let list = prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(","));
    prop_oneof![1 => Just("*".to_owned()), 2 => list].boxed()
}

fn expression() -> impl Strategy<Value = String> {
    use crate::calendar::field::{MONTHS, WEEKDAYS};
    let day = prop_oneof![
        4 => part(1, 31, &[]),
        1 => Just("L".to_owned()),
        1 => Just("LW".to_owned()),
        1 => (1..=31u32).prop_map(|day| format!("{day}W")),
    ];
    let weekday = prop_oneof![
        4 => part(0, 7, &WEEKDAYS),
        1 => (0..=7u32, 1..=5u32).prop_map(|(day, nth)| format!("{day}#{nth}")),
        1 => (0..=7u32).prop_map(|day| format!("{day}L")),
    ];
    let second = prop_oneof![2 => Just("0".to_owned()), 1 => field(part(0, 59, &[]))];
    (second, field(part(0, 59, &[])), field(part(0, 23, &[])), field(day), field(part(1, 12, &MONTHS)), field(weekday))
        .prop_map(|(second, minute, hour, day, month, weekday)| {
            // At most one of `L` and `LW`.
            let day = if day.contains("LW") {
                day.split(',').filter(|part| *part != "L").collect::<Vec<_>>().join(",")
            } else {
                day
            };
            format!("{second} {minute} {hour} {day} {month} {weekday}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_words_name_the_times_of_the_expression(text in expression(), starts in prop::collection::vec(0i64..4_000_000_000, 4)) {
        let expression = Expression::parse(&text).unwrap();
        let words = describe::expression(&expression);
        prop_assert!(words.len() < 600 && words.is_ascii(), "{}", words);
        let read = read(&words);
        for start in starts {
            let mut at = start;
            for _ in 0..6 {
                let found = expression.first(at, at + 3 * 366 * 86_400);
                let expected = first(&read, at).filter(|found| *found <= at + 3 * 366 * 86_400);
                prop_assert_eq!(found, expected, "{}: {}", text, words);
                let Some(found) = found else { break };
                at = found + 1;
            }
        }
    }
}
