//! Computes what `docs/schedules.md` says of Taskway in the tables of "Coming from another cron".

#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::Timestamp;
use taskway_protocol::{
    Time,
    calendar::{Recurrence, Zone},
};

const PAGE: &str = include_str!("../../../docs/schedules.md");
const GAP: &str = "2027-03-14";
const FOLD: &str = "2027-11-07";

fn time(text: &str) -> Time {
    Time::from_millis(text.parse::<Timestamp>().unwrap().as_millisecond() as u64)
}

/// The firings from one time to another, by the clock of the zone.
fn firings(expression: &str, zone: &str, from: &str, until: &str) -> Vec<String> {
    let zone = Zone::parse(zone).unwrap();
    let recurrence = Recurrence::of_client(expression, zone.clone()).unwrap();
    let first = recurrence.next_after(Time::from_millis(time(from).as_millis() - 1));
    std::iter::successors(first, |at| recurrence.next_after(*at))
        .take_while(|at| *at < time(until))
        .map(|at| zone.local(at))
        .collect()
}

/// The firings of a day in New York. Those of the hours around it are left out by their date.
fn on(day: &str, expression: &str) -> Vec<String> {
    let (from, until) = (format!("{day}T00:00:00Z"), format!("{day}T23:59:59Z"));
    let until = Timestamp::from_second(until.parse::<Timestamp>().unwrap().as_second() + 86_400).unwrap().to_string();
    let found = firings(expression, "America/New_York", &from, &until);
    found.into_iter().filter(|at| at.starts_with(day)).collect()
}

/// The cells of the line that begins with this text.
fn cells(begins: &str) -> Vec<&'static str> {
    let line = PAGE.lines().find(|line| line.starts_with(begins)).unwrap();
    line.trim_matches('|').split('|').map(str::trim).collect()
}

fn days(expression: &str) -> &'static str {
    let found = firings(expression, "UTC", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
    // A year has 52 Mondays and some days of the month; few days are both.
    if found.len() > 52 { "either" } else { "both" }
}

fn doubled(found: &[String]) -> &'static str {
    match found.iter().map(|at| &at[23..]).collect::<Vec<_>>()[..] {
        ["-04:00"] => "first",
        ["-05:00"] => "second",
        ["-04:00", "-05:00"] => "both",
        [] => "never",
        _ => panic!("{found:?}"),
    }
}

#[test]
fn the_line_of_taskway_is_what_the_calendar_does() {
    let header: [&str; 7] = cells("| scheduler |").try_into().unwrap();
    let [_, either, both, ..] = header;
    let of = |cell: &'static str| cell.split('`').nth(1).unwrap();
    let skipped = on(GAP, "30 2 * * *");
    let half_hours = firings("*/30 * * * *", "America/New_York", "2027-11-07T04:00:00Z", "2027-11-07T08:00:00Z");
    let computed = [
        "**Taskway**".to_owned(),
        days(of(either)).to_owned(),
        days(of(both)).to_owned(),
        skipped.iter().map(|at| &at[11..16]).collect::<Vec<_>>().join(", "),
        doubled(&on(FOLD, "30 1 * * *")).to_owned(),
        half_hours.len().to_string(),
        on(GAP, "0 */2 * * *").len().to_string(),
    ];
    assert_eq!(cells("| **Taskway**"), computed);
}

#[test]
fn each_expression_of_another_scheduler_is_refused_with_the_words_of_the_table() {
    let lines = PAGE.lines().skip_while(|line| *line != "| from | there | here |").skip(2);
    let lines: Vec<&str> = lines.take_while(|line| line.starts_with('|')).collect();
    assert!(lines.len() > 10);
    for line in lines {
        let texts: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        let [there, here] = texts[..] else { panic!("{line}") };
        let refusal = Recurrence::of_client(there, Zone::UTC).unwrap_err().to_string();
        assert!(refusal.contains(here), "{there}: {refusal}");
    }
}

#[test]
fn a_midnight_that_does_not_exist_is_one_firing_as_the_page_says() {
    let found = firings("0 0 * * *", "Africa/Cairo", "2027-04-29T00:00:00Z", "2027-05-01T00:00:00Z");
    assert_eq!(found, ["2027-04-30T01:00:00.000+03:00", "2027-05-01T00:00:00.000+03:00"]);
}
