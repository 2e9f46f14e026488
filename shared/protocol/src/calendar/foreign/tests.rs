use super::*;
use crate::calendar::Recurrence;

fn refusal(text: &str) -> String {
    Recurrence::of_client(text, Zone::UTC).unwrap_err().to_string()
}

/// What is written between quotes after `"cron": `.
fn proposed(refusal: &str) -> Option<&str> {
    refusal.split_once("write \"cron\": \"")?.1.split('"').next()
}

#[test]
fn an_expression_of_another_scheduler_is_told_what_to_write_instead() {
    for (text, instead) in [
        ("@every 5m", "\"every_seconds\": 300 and no"),
        ("@every 1h30m10s", "\"every_seconds\": 5410 and"),
        ("@every 1.5h", "\"every_seconds\": 5400 and"),
        ("@every 1500ms", "\"every_seconds\": 2 and no \"cron\" instead; an interval has whole seconds"),
        ("@every 5 minutes", "\"every_seconds\": 300 and"),
        ("@EVERY 90s", "\"every_seconds\": 90 and"),
        ("@Every 1H30M", "\"every_seconds\": 5400 and"),
        ("Every 5 Minutes", "\"every_seconds\": 300 and"),
        ("rate(5 minutes)", "\"every_seconds\": 300 and"),
        ("rate(1 hour)", "\"every_seconds\": 3600 and"),
        (" Rate( 7 days ) ", "\"every_seconds\": 604800 and"),
        ("every 10 seconds", "\"every_seconds\": 10 and"),
        ("every minute", "\"every_seconds\": 60 and"),
        ("@every_second", "\"every_seconds\": 1 and"),
        ("cron(0 10 ? * MON-FRI *)", "\"cron\": \"0 10 * * MON-FRI\" instead"),
        ("cron(0 10 ? * 2-6 *)", "\"cron\": \"0 10 * * MON-FRI\" instead"),
        ("cron(0/15 8 1 * ? *)", "\"cron\": \"0/15 8 1 * *\" instead"),
        ("cron(0 8 ? * 6L *)", "\"cron\": \"0 8 * * FRI#L\" instead"),
        ("cron(0 8 ? * 2#1 *)", "\"cron\": \"0 8 * * MON#1\" instead"),
        (
            "cron(0 10 L * ? 2027)",
            "\"cron\": \"0 10 L * *\", \"start_at\": \"2027-01-01T00:00:00Z\", \"end_at\": \"2027-12-31T23:59:59Z\" instead",
        ),
        ("cron(0 10 L * ? 2027-2030)", "\"end_at\": \"2030-12-31T23:59:59Z\""),
        ("cron(0 10 L * ? 2027,2029)", "one schedule for each year"),
        ("0 10 ? * MON-FRI *", "\"cron\": \"0 10 * * MON-FRI\" instead"),
        ("0 10 * * MON-FRI 2027", "\"start_at\": \"2027-01-01T00:00:00Z\""),
        ("0 0 10 ? * 2 2027", "\"cron\": \"0 0 10 * * MON\", \"start_at\""),
        ("0 0 10 * * 2 *", "\"cron\": \"0 0 10 * * 2\" instead"),
        ("0 0 10 ? * 6L *", "\"cron\": \"0 0 10 * * FRI#L\" instead"),
        ("CRON_TZ=Europe/Berlin 0 3 * * *", "\"cron\": \"0 3 * * *\", \"time_zone\": \"Europe/Berlin\" instead"),
        ("TZ=europe/berlin @daily", "\"cron\": \"@daily\", \"time_zone\": \"Europe/Berlin\" instead"),
        ("TZ=UTC @every 5m", "\"every_seconds\": 300"),
        ("TZ=America/New_York cron(0 10 ? * 2 *)", "\"cron\": \"0 10 * * MON\", \"time_zone\": \"America/New_York\""),
        ("0 3 * * * Asia/Tokyo", "\"cron\": \"0 3 * * *\", \"time_zone\": \"Asia/Tokyo\" instead"),
        ("\"0 3 * * *\"", "\"cron\": \"0 3 * * *\" instead"),
        ("H * * * *", "\"cron\": \"17 * * * *\" instead"),
        ("H H * * *", "\"cron\": \"17 3 * * *\" instead"),
        ("H/15 * * * *", "\"cron\": \"2/15 * * * *\" instead"),
        ("H(0-29)/10 * * * *", "\"cron\": \"7-29/10 * * * *\" instead"),
        ("H H(9-16) H * 1-5", "\"cron\": \"17 12 4 * 1-5\" instead"),
        ("H 22,H 1,15 1-11 *", "\"cron\": \"17 22,3 1,15 1-11 *\" instead"),
        ("0~59 ~ * * *", "\"cron\": \"17 3 * * *\" instead"),
        ("@reboot", "submit a task when your program starts"),
        ("@minutely", "\"cron\": \"* * * * *\" instead"),
        ("@weekdays", "\"cron\": \"0 0 * * MON-FRI\" instead"),
        ("daily", "\"cron\": \"@daily\" instead"),
        ("at(2027-01-01T00:00:00)", "\"run_at\": \"2027-01-01T00:00:00Z\""),
        ("0 3 * * * /usr/bin/backup --all", "\"cron\": \"0 3 * * *\" instead"),
        ("17 * * * * root cd / && run-parts /etc/cron.hourly", "\"cron\": \"17 * * * *\" instead"),
        ("0 0 * * L", "\"cron\": \"0 0 * * SAT\" instead"),
        ("0 0 * * L5", "\"cron\": \"0 0 * * 5L\" instead"),
        ("0 0 W15 * *", "\"cron\": \"0 0 15W * *\" instead"),
        ("0 0 WL * *", "\"cron\": \"0 0 LW * *\" instead"),
        ("0 0 1-3W * *", "\"cron\": \"0 0 1W,2W,3W * *\" instead"),
        ("0 0 L-3 * *", "write L, the last day"),
        ("0 0 * * Monday-friday", "\"cron\": \"0 0 * * MON-FRI\" instead"),
        ("0 0 1 Sept Thurs", "\"cron\": \"0 0 1 SEP THU\" instead"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.starts_with("must not be `") && refusal.contains(instead), "{text}: {refusal}");
        if let Some(cron) = proposed(&refusal) {
            assert!(Recurrence::of_client(cron, Zone::UTC).is_ok(), "{text}: {refusal}");
        }
    }
}

#[test]
fn a_text_that_nobody_takes_is_told_the_fault_of_its_field() {
    for text in
        ["@every", "@every 5", "@every 0s", "@every 9999h", "rate(soon)", "cron(a b c)", "TZ=Mars/X 0 3 * * *", "H(9)"]
    {
        let refusal = refusal(text);
        assert!(refusal.starts_with("must ") && !refusal.contains("instead"), "{text}: {refusal}");
    }
    assert!(refusal("0 25 * * *").contains("an hour of 0 to 23"));
}

#[test]
fn an_interval_that_is_too_short_or_too_long_is_told_the_limits() {
    for text in ["rate(0 minutes)", "Rate(367 days)", "@every 0s", "@EVERY 9999h", "every 0 seconds"] {
        assert_eq!(refusal(text), format!("must not be `{text}`: an interval is 1 second to 366 days"));
    }
}

/// `?` comes from Quartz and EventBridge, where 1 is Sunday.
#[test]
fn a_number_of_a_weekday_beside_a_question_mark_is_refused_with_both_readings() {
    for (text, elsewhere, here) in [
        ("0 0 10 ? * 2", "MON", "TUE"),
        ("0 10 ? * 2-6", "MON-FRI", "TUE-SAT"),
        ("0 10 ? * 1,7", "SUN,SAT", "MON,SUN"),
        ("0 10 ? * 6L", "FRI#L", "SAT#L"),
        ("0 10 ? * 2#1", "MON#1", "TUE#1"),
        ("0 10 ? * 2/2", "MON/2", "TUE/2"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(&format!("is {elsewhere} in Quartz and EventBridge, and {here} here")), "{refusal}");
        for name in [elsewhere, here] {
            let named = format!("{} {name}", text.rsplit_once(' ').unwrap().0);
            assert!(Recurrence::of_client(&named, Zone::UTC).is_ok(), "{named}");
        }
        // A schedule that is stored already goes on.
        assert!(Recurrence::cron(text, Zone::UTC).is_ok(), "{text}");
    }
    assert!(refusal("0 10 ? * 0").ends_with("write SUN instead of `0`"));
    for text in [
        "0 0 10 ? * MON",
        "0 10 ? * MON-FRI",
        "0 10 15 * ?",
        "0 10 ? * *",
        "0 10 ? * */2",
        "0 10 ? * FRI#2",
        "0 10 * * 2",
    ] {
        assert!(Recurrence::of_client(text, Zone::UTC).is_ok(), "{text}");
    }
}
