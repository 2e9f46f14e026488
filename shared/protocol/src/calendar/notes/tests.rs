use jiff::Timestamp;

use crate::{
    Time,
    calendar::{Recurrence, Zone},
};

fn time(text: &str) -> Time {
    Time::from_millis(text.parse::<Timestamp>().unwrap().as_millisecond() as u64)
}

fn notes_until(expression: &str, zone: &str, until: &str) -> Vec<String> {
    let recurrence = Recurrence::cron(expression, Zone::parse(zone).unwrap()).unwrap();
    recurrence.notes(time("2026-11-28T00:00:00Z"), time(until))
}

fn notes(expression: &str, zone: &str) -> Vec<String> {
    notes_until(expression, zone, "2027-11-28T00:00:00Z")
}

#[test]
fn an_expression_that_all_crons_read_alike_has_no_notes() {
    for expression in
        ["*/5 * * * *", "30 2 * * MON-FRI", "0 0 1 * *", "0 0 L * *", "@daily", "0 0 */2 * *", "0 0 ? * *"]
    {
        assert!(notes(expression, "UTC").is_empty(), "{expression}");
    }
    // The times are not those that the clock of the zone skips and shows twice.
    assert!(notes("0 12 * * *", "America/New_York").is_empty());
    assert!(notes("*/5 * * * *", "Asia/Tokyo").is_empty());
}

#[test]
fn two_fields_of_days_are_noted() {
    assert_eq!(
        notes("0 0 13 * FRI", "UTC"),
        [
            "A day must match one of the two fields of days. Debian's cron, Kubernetes and croniter read it so. In Celery, \
          Spring, APScheduler and node-cron it must match both."
        ]
    );
    assert_eq!(
        notes("0 0 */2 * MON", "UTC"),
        [
            "A day must match both fields of days, because one begins with `*`. Debian's cron, Celery, Spring, APScheduler and \
          node-cron read it so. In Kubernetes and croniter one of them is enough."
        ]
    );
}

#[test]
fn weekdays_that_are_read_differently_are_noted() {
    for (expression, expected) in [
        (
            "0 0 * * 2",
            &[
                "The day of the week `2` is TUE here, but MON in Quartz and EventBridge and WED in APScheduler. Names are \
               the same everywhere.",
            ][..],
        ),
        (
            "0 0 * * 1-5",
            &["The day of the week `1-5` is MON-FRI here, but SUN-THU in Quartz and EventBridge and TUE-SAT in \
               APScheduler. Names are the same everywhere."],
        ),
        ("0 0 * * 0", &["The day of the week `0` is SUN here, but MON in APScheduler. Names are the same everywhere."]),
        ("0 0 * * 0-6", &[]),
        (
            "0 0 * * 5L",
            &["The day of the week `5L` is FRI#L here, but THU#L in Quartz and EventBridge. Names are the same \
               everywhere."],
        ),
        (
            "0 0 * * 1#2",
            &[
                "The day of the week `1#2` is MON#2 here, but SUN#2 in Quartz and EventBridge. Names are the same everywhere.",
                "Debian's cron takes `1#2` for `1`, every week.",
            ],
        ),
        (
            "0 0 * * 5-1",
            &[
                "The day of the week `5-1` is FRI-MON here, but THU-SUN in Quartz and EventBridge. Names are the same \
                 everywhere.",
                "Debian's cron takes the range `5-1` and never fires.",
            ],
        ),
        ("0 0 * * MON#2", &[]),
        ("0 0 * * FRI-MON", &[]),
        ("0 0 * * FRI-SUN", &[]),
    ] {
        assert_eq!(notes(expression, "UTC"), expected, "{expression}");
    }
}

#[test]
fn six_fields_are_noted() {
    let found = notes("0 30 2 * * *", "UTC");
    assert!(found.len() == 1 && found[0].contains("croniter reads the last"), "{found:?}");
}

#[test]
fn a_step_that_is_larger_than_its_field_is_noted() {
    for (expression, part, range) in [
        ("*/90 * * * *", "*/90", "a minute, 0 to 59"),
        ("5/90 * * * *", "5/90", "a minute, 0 to 59"),
        ("1,0-30/61,*/99 * * * *", "0-30/61", "a minute, 0 to 59"),
        ("0 */36 * * *", "*/36", "an hour, 0 to 23"),
        ("0 0 */40 * *", "*/40", "a day of the month, 1 to 31"),
        ("0 0 1 */13 *", "*/13", "a month, 1 to 12 or JAN to DEC"),
        ("0 0 * * */8", "*/8", "a day of the week, 0 to 7 or SUN to SAT"),
    ] {
        let expected =
            format!("The step of `{part}` is larger than the range of {range}, so only the first value counts.");
        assert_eq!(notes(expression, "UTC"), [expected], "{expression}");
    }
    assert_eq!(notes("*/90 */36 * * *", "UTC").len(), 2);
    // A step of the whole range names what it says: once an hour, once a day.
    for expression in ["*/60 * * * *", "0 */24 * * *", "0 0 */31 * *", "0 0 1 */12 *", "0 0 * * */7"] {
        assert!(notes(expression, "UTC").is_empty(), "{expression}");
    }
}

#[test]
fn the_changes_of_the_clock_that_touch_the_expression_are_noted() {
    assert_eq!(
        notes("30 2 * * *", "America/New_York"),
        [
            "The clock of America/New_York goes from 2027-03-14 02:00 to 2027-03-14 03:00. A time between fires once, right \
          after. Kubernetes, Quartz, Spring, EventBridge and node-cron do not fire it; Celery and APScheduler fire the first \
          such time as much later as the gap is long."
        ]
    );
    assert_eq!(
        notes("30 1 * * *", "America/New_York"),
        [
            "The clock of America/New_York goes back from 2027-11-07 02:00 to 2027-11-07 01:00. A time that comes twice fires \
          once, the first time. Kubernetes, Spring, APScheduler and croniter fire it twice, and Quartz only the second time."
        ]
    );
    assert_eq!(
        notes("*/30 * * * *", "America/New_York"),
        [
            "The clock of America/New_York goes back from 2027-11-07 02:00 to 2027-11-07 01:00. Both passes fire, so the \
          intervals stay equal. Celery, Quartz and node-cron leave one pass out."
        ]
    );
    let midnight = notes("0 0 * * *", "Africa/Cairo");
    assert!(midnight.len() == 1 && midnight[0].contains("APScheduler, Kubernetes"), "{midnight:?}");
    assert!(
        midnight[0].ends_with("; Celery fires the first such time as much later as the gap is long."),
        "{midnight:?}"
    );
    let two_hours = notes("0 */2 * * *", "America/New_York");
    assert!(two_hours.len() == 1 && two_hours[0].contains("Debian's cron, Kubernetes"), "{two_hours:?}");
    let half_an_hour = notes("45 1 * * *", "Australia/Lord_Howe");
    assert!(half_an_hour.len() == 1 && !half_an_hour[0].contains("Spring"), "{half_an_hour:?}");
    // The schedule ends before the clock changes.
    assert!(notes_until("30 2 * * *", "America/New_York", "2027-03-13T00:00:00Z").is_empty());
}
