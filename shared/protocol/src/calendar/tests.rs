use std::num::NonZeroU32;

use jiff::Timestamp;

use super::{
    recurrence::{HORIZON, LATEST},
    *,
};
use crate::Time;

const NEW_YORK: &str = "America/New_York";

fn at(text: &str) -> Time {
    Time::from_millis(text.parse::<Timestamp>().unwrap().as_millisecond() as u64)
}

fn cron(expression: &str, zone: &str) -> Recurrence {
    Recurrence::cron(expression, Zone::parse(zone).unwrap()).unwrap()
}

fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let recurrence = cron(expression, zone);
    std::iter::successors(recurrence.next_after(at(after)), |last| recurrence.next_after(*last))
        .take(count)
        .map(|time| Timestamp::from_millisecond(time.as_millis() as i64).unwrap().to_string())
        .collect()
}

fn refusal(expression: &str) -> String {
    Recurrence::cron(expression, Zone::UTC).unwrap_err().to_string()
}

#[test]
fn a_skipped_time_fires_once_after_the_gap() {
    let expected = ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"];
    assert_eq!(next("30 2 * * *", NEW_YORK, "2026-03-07T00:00:00Z", 3), expected);
    let expected = ["2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z", "2026-03-09T06:30:00Z"];
    assert_eq!(next("0,30 2 * * *", NEW_YORK, "2026-03-08T00:00:00Z", 3), expected);
    // The skipped 02:00 and 03:00 itself are one firing.
    let expected = ["2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T05:00:00Z"];
    assert_eq!(next("0 1-3 * * *", NEW_YORK, "2026-03-08T00:00:00Z", 3), expected);
    // These are times of day too, because the hour is fixed. The two skipped times are one firing.
    let expected = ["2026-03-07T07:00:00Z", "2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z"];
    assert_eq!(next("*/30 2 * * *", NEW_YORK, "2026-03-07T00:00:00Z", 3), expected);
    // The clock skipped the whole day.
    let expected = ["2010-12-30T22:00:00Z", "2011-12-30T10:00:00Z", "2012-12-29T22:00:00Z"];
    assert_eq!(next("0 12 30 12 *", "Pacific/Apia", "2010-01-01T00:00:00Z", 3), expected);
}

#[test]
fn a_doubled_time_fires_once_and_an_interval_fires_twice() {
    let expected = ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"];
    assert_eq!(next("30 1 * * *", NEW_YORK, "2026-11-01T00:00:00Z", 2), expected);
    let expected = ["2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T05:30:00Z"];
    assert_eq!(next("30 0,1 * * *", NEW_YORK, "2026-11-01T00:00:00Z", 3), expected);
    let expected = ["2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"];
    assert_eq!(next("*/30 * * * *", NEW_YORK, "2026-11-01T05:00:00Z", 4), expected);
}

/// The clock skips midnight in Cairo, Beirut and Havana, and shows it twice in Havana. Lord Howe's clock changes by half an
/// hour.
#[test]
fn a_midnight_and_half_an_hour_that_are_skipped_or_doubled_are_one_firing() {
    for (zone, expression, after, expected) in [
        (
            "Africa/Cairo",
            "0 0 * * *",
            "2027-04-28T12:00:00Z",
            ["2027-04-28T22:00:00Z", "2027-04-29T22:00:00Z", "2027-04-30T21:00:00Z"],
        ),
        (
            "Africa/Cairo",
            "30 23 * * *",
            "2027-10-27T12:00:00Z",
            ["2027-10-27T20:30:00Z", "2027-10-28T20:30:00Z", "2027-10-29T21:30:00Z"],
        ),
        (
            "Asia/Beirut",
            "0 0 * * *",
            "2027-03-26T12:00:00Z",
            ["2027-03-26T22:00:00Z", "2027-03-27T22:00:00Z", "2027-03-28T21:00:00Z"],
        ),
        (
            "America/Havana",
            "0 0 * * *",
            "2027-03-13T00:00:00Z",
            ["2027-03-13T05:00:00Z", "2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"],
        ),
        (
            "America/Havana",
            "0 0 * * *",
            "2027-11-06T00:00:00Z",
            ["2027-11-06T04:00:00Z", "2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z"],
        ),
        (
            "Australia/Lord_Howe",
            "15 2 * * *",
            "2027-10-01T12:00:00Z",
            ["2027-10-01T15:45:00Z", "2027-10-02T15:30:00Z", "2027-10-03T15:15:00Z"],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2027-04-02T12:00:00Z",
            ["2027-04-02T14:45:00Z", "2027-04-03T14:45:00Z", "2027-04-04T15:15:00Z"],
        ),
    ] {
        assert_eq!(next(expression, zone, after, 3), expected, "{expression} in {zone}");
    }
}

/// A time of day fires once on each day of the zone's clock, also where the zone changes its rule: Morocco stays on
/// universal time from September 2026 on.
#[test]
fn a_time_of_day_fires_once_on_every_day_of_every_clock() {
    for name in [
        "Africa/Cairo",
        "Africa/Casablanca",
        "America/Havana",
        "America/New_York",
        "America/Santiago",
        "America/St_Johns",
        "Asia/Beirut",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Europe/Chisinau",
        "Europe/Dublin",
        "Europe/London",
        "Pacific/Auckland",
        "Pacific/Chatham",
        "UTC",
    ] {
        let zone = Zone::parse(name).unwrap();
        for expression in
            ["0 0 * * *", "15 0 * * *", "30 1 * * *", "15 2 * * *", "45 2 * * *", "0 3 * * *", "30 23 * * *"]
        {
            let found = next(expression, name, "2025-12-31T00:00:00Z", 800);
            let days: Vec<String> = found.iter().map(|time| zone.local(at(time))[..10].to_owned()).collect();
            let first: jiff::civil::Date = days[0].parse().unwrap();
            let expected: Vec<String> =
                first.series(jiff::Span::new().days(1)).take(800).map(|day| day.to_string()).collect();
            assert_eq!(days, expected, "{expression} in {name}");
        }
    }
}

#[test]
fn a_time_has_the_offset_of_its_zone() {
    let local = |zone: &str, time: &str| Zone::parse(zone).unwrap().local(at(time));
    assert_eq!(local("UTC", "2026-11-24T02:00:00Z"), "2026-11-24T02:00:00.000+00:00");
    assert_eq!(local("Europe/Berlin", "2026-11-24T02:00:00.250Z"), "2026-11-24T03:00:00.250+01:00");
    assert_eq!(local("Asia/Kathmandu", "2026-11-24T20:00:00Z"), "2026-11-25T01:45:00.000+05:45");
    assert_eq!(local("America/St_Johns", "2026-11-24T02:00:00Z"), "2026-11-23T22:30:00.000-03:30");
    assert!(Zone::UTC.local(Time::from_millis(u64::MAX)).starts_with("9999-"));
}

#[test]
fn a_description_names_the_zone() {
    assert_eq!(cron("30 2 * * *", "UTC").description(), "at 02:30 every day, UTC");
    assert_eq!(cron("*/5 * * * *", NEW_YORK).description(), "every 5 minutes, America/New_York time");
    assert_eq!(Recurrence::every(NonZeroU32::new(90).unwrap(), Time::default()).description(), "every 90 seconds");
}

#[test]
fn a_field_that_begins_with_a_star_does_not_restrict_the_day() {
    let expected = ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z"];
    assert_eq!(next("0 0 1 * MON", "UTC", "2026-10-31T00:00:00Z", 3), expected);
    let expected = ["2026-11-09T00:00:00Z", "2026-11-23T00:00:00Z", "2026-12-07T00:00:00Z"];
    assert_eq!(next("0 0 */2 * MON", "UTC", "2026-11-01T00:00:00Z", 3), expected);
    assert_eq!(next("0 0 ? * 1", "UTC", "2026-11-01T00:00:00Z", 1), ["2026-11-02T00:00:00Z"]);
}

#[test]
fn every_form_of_the_dialect_is_read() {
    for (expression, expected) in [
        ("@yearly", "2027-01-01T00:00:00Z"),
        ("@Annually", "2027-01-01T00:00:00Z"),
        ("@monthly", "2026-12-01T00:00:00Z"),
        ("@weekly", "2026-11-29T00:00:00Z"),
        (" @daily ", "2026-11-25T00:00:00Z"),
        ("@midnight", "2026-11-25T00:00:00Z"),
        ("@hourly", "2026-11-24T13:00:00Z"),
        ("0 0 * * 0", "2026-11-29T00:00:00Z"),
        ("0 0 * * 7", "2026-11-29T00:00:00Z"),
        ("0 0 * * fri-Sun", "2026-11-27T00:00:00Z"),
        ("0 0 * * 6-7/1", "2026-11-28T00:00:00Z"),
        ("0 0 1 jan,Mar *", "2027-01-01T00:00:00Z"),
        ("0\t8-18/5 * * *", "2026-11-24T13:00:00Z"),
        ("59 59 23 31 12 *", "2026-12-31T23:59:59Z"),
        ("*/20 * * * * *", "2026-11-24T12:00:20Z"),
        ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
        ("0 0 L * *", "2026-11-30T00:00:00Z"),
        ("0 0 LW 1 *", "2027-01-29T00:00:00Z"),
        ("0 0 15W 5 *", "2027-05-14T00:00:00Z"),
        ("0 0 * * mon#2", "2026-12-14T00:00:00Z"),
        ("0 0 * * 5L", "2026-11-27T00:00:00Z"),
        ("0 0 * * SUN#L", "2026-11-29T00:00:00Z"),
    ] {
        assert_eq!(next(expression, "UTC", "2026-11-24T12:00:00Z", 1), [expected], "{expression}");
    }
}

#[test]
fn a_refusal_names_the_field_and_its_limits() {
    assert_eq!(refusal("* * *"), "must have five fields, or six with seconds first, got 3");
    assert_eq!(refusal("0 0 0 1 1 * * *"), "must have five fields, or six with seconds first, got 8");
    assert_eq!(refusal(""), "must have five fields, or six with seconds first, got 0");
    assert_eq!(
        refusal("0 25 * * *"),
        "must have an hour of 0 to 23, as a value, a range, a list or a step such as */5, got `25`"
    );
    assert_eq!(
        refusal("0 0 * montue *"),
        "must have a month of 1 to 12 or JAN to DEC, as a value, a range, a list or a step such as */5, got `montue`"
    );
    for text in ["5#6", "MON#0", "MON,fri#9", "1-5#", "SUN#x"] {
        let expected = format!("must have a day of the week with #1 to #5, or with #L for the last, got `{text}`");
        assert_eq!(refusal(&format!("0 0 * * {text}")), expected);
    }
    assert!(refusal("0 0 * * 9#2").contains("a day of the week of 0 to 7 or SUN to SAT"));
    assert_eq!(
        refusal("@often"),
        "must be one of @yearly @annually @monthly @weekly @daily @midnight @hourly, got `@often`"
    );
    assert_eq!(refusal(&"1,".repeat(129)), "must have at most 256 characters, got 258");
}

#[test]
fn texts_that_are_probably_mistakes_are_refused() {
    for expression in [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "60 * * * * *",
        "/5 * * * *",
        "*/0 * * * *",
        "1-2-3 * * * *",
        "-1 * * * *",
        "1,,2 * * * *",
        ", * * * *",
        "? * * * *",
        "JAN * * * *",
        "* * MON * *",
        "* * * * MONTUE",
        "* * * * 1MON",
        "* * 15W3 * *",
        "* * W * *",
        "* * L-3 * *",
        "* * L,LW * *",
        "* * * * L",
        "* * * * MON#6",
        "* * * * MON#0",
        "* * * * +MON",
        "* * * * */2#1",
        "* * 1#2 * *",
        "L * * * *",
        "* * * L *",
        "* * 1? * *",
        "* * * * @daily",
        "@daily 1",
        "0 0 * * *\u{a0}",
        "* * * * ſun",
        "１ * * * *",
        "*/99999 * * * *",
        "99999999999 * * * *",
        "* * * * * MON-",
        "0 0 1-5W * *",
    ] {
        assert!(Recurrence::cron(expression, Zone::UTC).is_err(), "{expression}");
    }
}

/// The times of day, or the days, that one field names, as its numbers.
fn numbers(field: usize, text: &str) -> String {
    let mut fields = ["0", "0", "0", "1", "1", "*"];
    // For days and months every day of a year is asked, for the others every second of a day.
    if field == 5 {
        (fields[3], fields[4]) = ("*", "*");
    } else if field == 3 {
        fields[4] = "*";
    }
    fields[field] = text;
    let after = if field == 5 { "2026-08-01T23:59:59Z" } else { "2026-12-31T23:59:59Z" };
    let until = match field {
        0..=2 => "2027-01-01",
        5 => "2026-08-08",
        _ => "2027-12-31",
    };
    let count = 1000;
    let found = next(&fields.join(" "), "UTC", after, count);
    let found = found.iter().filter(|at| &at[..10] <= until);
    let number = |at: &String| match field {
        0 => at[17..19].to_owned(),
        1 => at[14..16].to_owned(),
        2 => at[11..13].to_owned(),
        3 => at[8..10].to_owned(),
        4 => at[5..7].to_owned(),
        // 2 August 2026 was a Sunday.
        _ => (at[8..10].parse::<u32>().unwrap() - 2).to_string(),
    };
    let mut numbers: Vec<u32> = found.map(|at| number(at).parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_step_after_a_value_counts_from_it_to_the_end_of_the_field() {
    for (field, text, expected) in [
        (0, "5/15", "5 20 35 50"),
        (1, "5/15", "5 20 35 50"),
        (1, "0/15", "0 15 30 45"),
        (1, "59/2", "59"),
        (1, "50/5,7", "7 50 55"),
        (2, "5/6", "5 11 17 23"),
        (2, "0/1", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"),
        (3, "5/10", "5 15 25"),
        (3, "1/7", "1 8 15 22 29"),
        (4, "2/3", "2 5 8 11"),
        (4, "FEB/5", "2 7 12"),
        (5, "1/2", "1 3 5"),
        (5, "MON/2", "1 3 5"),
        (5, "0/2", "0 2 4 6"),
        (5, "SUN/3", "0 3 6"),
        (5, "7/2", "0 2 4 6"),
        (5, "6/2", "6"),
    ] {
        assert_eq!(numbers(field, text), expected, "{text} in field {field}");
    }
}

#[test]
fn a_range_goes_past_the_end_of_its_field() {
    for (field, text, expected) in [
        (0, "58-1", "0 1 58 59"),
        (1, "50-10/7", "4 50 57"),
        (1, "55-4", "0 1 2 3 4 55 56 57 58 59"),
        (2, "22-6", "0 1 2 3 4 5 6 22 23"),
        (2, "22-6/2", "0 2 4 6 22"),
        (2, "23-0", "0 23"),
        (3, "30-2", "1 2 30 31"),
        (3, "25-5/3", "3 25 28 31"),
        (4, "11-2", "1 2 11 12"),
        (4, "NOV-FEB/2", "1 11"),
        (5, "FRI-MON", "0 1 5 6"),
        (5, "5-1", "0 1 5 6"),
        (5, "FRI-MON/2", "0 5"),
        (5, "SAT-SUN", "0 6"),
        (5, "5-7", "0 5 6"),
        (5, "7-2", "0 1 2"),
        (5, "SUN-SAT", "0 1 2 3 4 5 6"),
        (5, "WED-TUE", "0 1 2 3 4 5 6"),
        (5, "6-0,3", "0 3 6"),
    ] {
        assert_eq!(numbers(field, text), expected, "{text} in field {field}");
    }
    // A range from a day to itself is one day, whichever way Sunday is written.
    for (text, expected) in [
        ("SUN-SUN", "0"),
        ("sun-sun", "0"),
        ("0-SUN", "0"),
        ("7-SUN", "0"),
        ("SUN-SUN/2", "0"),
        ("SUN-0", "0"),
        ("0-0", "0"),
        ("7-7", "0"),
        ("MON-MON", "1"),
        ("0-7", "0 1 2 3 4 5 6"),
        ("MON-SUN", "0 1 2 3 4 5 6"),
        ("FRI-SUN", "0 5 6"),
    ] {
        assert_eq!(numbers(5, text), expected, "{text}");
    }
    // The days of a range that wraps are days of the month in which they lie.
    let expected = ["2027-02-28T00:00:00Z", "2027-03-01T00:00:00Z", "2027-03-28T00:00:00Z"];
    assert_eq!(next("0 0 28-1/4 * *", "UTC", "2027-02-27T00:00:00Z", 3), expected);
    let expected = ["2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-12-04T00:00:00Z"];
    assert_eq!(next("0 0 * * FRI-SAT#L,FRI-SAT#1", "UTC", "2026-11-26T00:00:00Z", 3), expected);
}

#[test]
fn a_search_ends_after_eight_years_and_in_the_year_9999() {
    let never = cron("0 0 30 2 *", "Africa/Casablanca");
    assert_eq!(
        (never.next_after(at("2026-11-24T12:00:00Z")), never.last_until(at("2026-11-24T12:00:00Z"))),
        (None, None)
    );
    // 2100 has no 29 February.
    let leap = cron("0 0 29 2 *", "UTC");
    assert_eq!(leap.next_after(at("2096-02-29T00:00:00Z")), Some(at("2104-02-29T00:00:00Z")));
    assert_eq!(leap.last_until(at("2104-02-28T23:59:59Z")), Some(at("2096-02-29T00:00:00Z")));

    let often = cron("* * * * * *", "Pacific/Kiritimati");
    assert_eq!(often.last_until(Time::from_millis(999)), Some(Time::from_millis(0)));
    assert_eq!(often.next_after(Time::from_millis(999)), Some(Time::from_millis(1000)));
    let end = Time::from_millis(LATEST * 1000);
    assert_eq!(often.next_after(end.before(std::time::Duration::from_millis(1))), Some(end));
    for far in [end, Time::from_millis(u64::MAX)] {
        assert_eq!(often.next_after(far), None);
    }
    assert_eq!((often.last_until(end), often.last_until(Time::from_millis(u64::MAX))), (Some(end), None));
}

#[test]
fn an_interval_counts_from_its_anchor() {
    let every = |seconds, anchor| Recurrence::every(NonZeroU32::new(seconds).unwrap(), Time::from_millis(anchor));
    let ten = every(10, 5_500);
    assert_eq!(ten.next_after(Time::default()), Some(Time::from_millis(5_500)));
    assert_eq!(ten.next_after(Time::from_millis(5_499)), Some(Time::from_millis(5_500)));
    assert_eq!(ten.next_after(Time::from_millis(5_500)), Some(Time::from_millis(15_500)));
    assert_eq!(ten.last_until(Time::from_millis(5_499)), None);
    assert_eq!(ten.last_until(Time::from_millis(25_499)), Some(Time::from_millis(15_500)));
    assert_eq!(ten.next_after(Time::from_millis(u64::MAX)), None);

    let rare = every(u32::MAX, 0);
    assert_eq!((rare.next_after(Time::default()), rare.last_until(Time::from_millis(HORIZON * 2_000))), (None, None));
    assert_eq!(every(1, u64::MAX).next_after(Time::default()), None);
}

#[test]
fn only_names_of_the_database_are_zones() {
    for name in ["UTC", "Etc/UTC", "Europe/Dublin", "Asia/Calcutta", "America/Argentina/Buenos_Aires"] {
        assert_eq!(Zone::parse(name).unwrap().name(), name);
    }
    assert_eq!(Zone::parse("europe/berlin").unwrap().name(), "Europe/Berlin");
    assert_eq!(Zone::UTC.name(), "UTC");
    for name in ["", "Mars/Olympus", "CET-1CEST", "Etc/Unknown", "local", "../etc/passwd", "UTC+", "GMT-x"] {
        let expected = format!("must be an IANA time zone such as Europe/Berlin, got `{name}`");
        assert_eq!(Zone::parse(name).unwrap_err().to_string(), expected);
    }
    let long = Zone::parse(&"ä".repeat(100)).unwrap_err().to_string();
    assert!(long.ends_with(&format!("got `{}…`", "ä".repeat(48))), "{long}");
}

#[test]
fn a_zone_that_is_named_otherwise_is_told_what_to_write() {
    let of_place = "an offset is no zone, so write the zone of a place that has it";
    let of_windows = "it is a name of Windows, so write the IANA name of a place in that zone";
    for (name, advice) in [
        (" UTC", "write UTC"),
        (" europe/berlin\n", "write Europe/Berlin"),
        ("America/New York", "write America/New_York"),
        ("GMT+5", "write Etc/GMT-5 for UTC+5, because the sign of these names is reversed"),
        ("+02:00", "write Etc/GMT-2 for UTC+2, because the sign of these names is reversed"),
        ("utc -0800", "write Etc/GMT+8 for UTC-8, because the sign of these names is reversed"),
        ("-12", "write Etc/GMT+12 for UTC-12, because the sign of these names is reversed"),
        ("+14:00", "write Etc/GMT-14 for UTC+14, because the sign of these names is reversed"),
        ("+00:00", "write UTC"),
        ("+05:30", of_place),
        ("-00:30", of_place),
        ("GMT-13", of_place),
        ("W. Europe Standard Time", of_windows),
        ("eastern daylight time", of_windows),
    ] {
        let expected = format!("must be an IANA time zone such as Europe/Berlin, got `{name}`: {advice}");
        assert_eq!(Zone::parse(name).unwrap_err().to_string(), expected);
        if let Some(zone) = advice.strip_prefix("write ").and_then(|rest| rest.split(' ').next()) {
            assert!(Zone::parse(zone).is_ok(), "{zone}");
        }
    }
}

#[test]
fn the_debug_form_is_short() {
    let text = format!("{:?}", cron("30 2 * * MON", NEW_YORK));
    assert!(text.len() < 200 && text.contains("30 2 * * MON"), "{text}");
}
