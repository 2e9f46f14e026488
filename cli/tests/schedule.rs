//! `schedule …`: what it sends, and what it says of the answers.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::{Value, json};
use support::{Reply, Server};

/// As the API answers, with numbers that a careless reader would change.
const NIGHTLY: &str = concat!(
    r#"{"name":"nightly","cron":"0 3 * * *","every_seconds":null,"time_zone":"Europe/Berlin","task":{"queue":"reports","#,
    r#""target":{"http":{"url":"https://example.com","method":"PUT","headers":{"a":"b"}}},"#,
    r#""payload":{"n":12345678901234567890123.10,"none": null},"priority":"normal","timeout_seconds":60,"#,
    r#""retry":{"max_attempts":5,"min_backoff_seconds":1,"max_backoff_seconds":600,"multiplier":2.0},"#,
    r#""fairness_key":null,"expected_duration_ms":null,"retain_seconds":604800,"labels":{"team":"growth"}},"#,
    r#""overlap":"skip","misfire":"once","start_at":null,"end_at":"2031-01-01T00:00:00.000Z","jitter_seconds":20,"#,
    r#""paused":false,"new_field":[1.0],"description":"at 03:00 every day, Europe/Berlin time","notes":["Others differ."],"#,
    r#""next_runs_local":["2026-11-24T03:00:00.000+01:00","2026-11-25T03:00:00.000+01:00"],"#,
    r#""created_at":"2026-11-23T08:00:00.000Z","next_runs":["2026-11-24T02:00:00.000Z","#,
    r#""2026-11-25T02:00:00.000Z","2026-11-26T02:00:00.000Z","2026-11-27T02:00:00.000Z","2026-11-28T02:00:00.000Z","#,
    r#""2026-11-29T02:00:00.000Z"],"last_run":{"at":"2026-11-23T02:00:00.000Z","task_id":"t-1"}}"#
);
const RESTING: &str = r#"{"name":"nightly","every_seconds":30,"task":{"target":{"handler":"a"}},"paused":true}"#;
const MISSING: &str = r#"{"type":"/problems/not-found","title":"no such schedule","status":404}"#;

fn read(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

fn ok(body: &str) -> Reply {
    Reply::new("200 OK", body)
}

#[test]
fn every_option_of_put_has_its_field() {
    let server = Server::new(vec![Reply::new("201 Created", NIGHTLY)]);
    let ran = server.run(&[
        "schedule",
        "put",
        "nightly",
        "--cron",
        "0 3 * * *",
        "--zone",
        "Europe/Berlin",
        "resize",
        r#"{ "n":  1.10}"#,
        "--queue",
        "images",
        "--priority",
        "low",
        "--timeout",
        "30",
        "--max-attempts",
        "3",
        "--min-backoff",
        "1",
        "--max-backoff",
        "60",
        "--multiplier",
        "1.5",
        "--fairness-key",
        "tenant-7",
        "--expected-duration-ms",
        "250",
        "--retain",
        "0",
        "--label",
        "team=a=b",
        "--overlap",
        "skip",
        "--misfire",
        "all",
        "--start",
        "2030-01-01T00:00:00+01:00",
        "--end",
        "2031-01-01T00:00:00Z",
        "--jitter",
        "20",
        "--paused",
    ]);
    let expected = "nightly next run 2026-11-24T02:00:00.000Z (new)\n  at 03:00 every day, Europe/Berlin time\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, "note: Others differ.\n"), "{ran:?}");
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "PUT /v1/schedules/nightly");
    assert!(asked.headers.contains("content-type: application/json\r\n"), "{}", asked.headers);
    assert!(asked.body.contains(r#""payload":{ "n":  1.10}"#), "{}", asked.body);
    let expected = json!({
        "cron": "0 3 * * *",
        "time_zone": "Europe/Berlin",
        "task": {
            "target": {"handler": "resize"},
            "queue": "images",
            "payload": {"n": 1.1},
            "priority": "low",
            "timeout_seconds": 30,
            "retry": {"max_attempts": 3, "min_backoff_seconds": 1, "max_backoff_seconds": 60, "multiplier": 1.5},
            "fairness_key": "tenant-7",
            "expected_duration_ms": 250,
            "retain_seconds": 0,
            "labels": {"team": "a=b"},
        },
        "overlap": "skip",
        "misfire": "all",
        "start_at": "2029-12-31T23:00:00.000Z",
        "end_at": "2031-01-01T00:00:00.000Z",
        "jitter_seconds": 20,
        "paused": true,
    });
    assert_eq!(read(&asked.body), expected);
}

#[test]
fn an_interval_needs_no_more_than_a_target() {
    let server = Server::new(vec![ok(RESTING)]);
    let ran = server.run(&["schedule", "put", "poll", "--every", "30", "--http", "https://example.com", "[-5]"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nightly paused\n"), "{ran:?}");
    let target = json!({"http": {"url": "https://example.com", "method": "POST"}});
    let expected = json!({"every_seconds": 30, "task": {"target": target, "payload": [-5]}});
    assert_eq!(read(&server.asked()[0].body), expected);
}

#[test]
fn a_definition_is_sent_as_it_is_in_its_file() {
    let definition = r#"{ "every_seconds":30, "task": {"target":{"handler":"a"},"payload":1E400} }"#;
    let path = std::env::temp_dir().join(format!("taskway-schedule-{}.json", std::process::id()));
    std::fs::write(&path, definition).unwrap();
    let server = Server::new(vec![ok(NIGHTLY)]);
    let ran = server.run(&["schedule", "put", "nightly", "--file", path.to_str().unwrap(), "--json"]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!((ran.code, ran.out), (0, format!("{NIGHTLY}\n")));
    assert_eq!(server.run_with_input(&["schedule", "put", "nightly", "--file", "-"], definition).code, 0);
    assert!(server.asked().iter().all(|asked| asked.body == definition), "{:?}", server.asked());

    let ran = server.run_with_input(&["schedule", "put", "nightly", "--file", "-"], "{cron}");
    assert_eq!((ran.code, server.asked().len()), (2, 2));
    assert!(ran.err.starts_with("error: the definition is not JSON: "), "{ran:?}");
}

#[test]
fn a_refused_put_shows_each_fault() {
    let body = r#"{"title":"the request is not valid","errors":[{"pointer":"/cron","detail":"minute: 60"},
        {"pointer":"/task/timeout_seconds","detail":"must be 1 to 870, got 0"}]}"#;
    let server = Server::new(vec![Reply::new("422 Unprocessable Content", body)]);
    let ran = server.run(&["schedule", "put", "n", "--cron", "60 * * * *", "echo", "--timeout", "0"]);
    let expected = "error: the request is not valid\n  /cron: minute: 60\n  /task/timeout_seconds: must be 1 to 870, \
                    got 0\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", expected));
}

#[test]
fn get_shows_when_what_and_the_next_five() {
    let server = Server::new(vec![ok(NIGHTLY)]);
    let ran = server.run(&["schedule", "get", "nightly"]);
    let expected = "\
name       nightly
when       0 3 * * * in Europe/Berlin
fires      at 03:00 every day, Europe/Berlin time
target     PUT https://example.com
queue      reports
payload    {\"n\":12345678901234567890123.10,\"none\": null}
overlap    skip
misfire    once
end        2031-01-01T00:00:00.000Z
jitter     20 s
paused     no
next runs  2026-11-24T02:00:00.000Z  2026-11-24T03:00:00.000+01:00
           2026-11-25T02:00:00.000Z  2026-11-25T03:00:00.000+01:00
           2026-11-26T02:00:00.000Z
           2026-11-27T02:00:00.000Z
           2026-11-28T02:00:00.000Z
last run   2026-11-23T02:00:00.000Z, task t-1
notes      Others differ.
";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected), "{ran:?}");
    assert_eq!(server.asked()[0].line, "GET /v1/schedules/nightly");
    assert_eq!(server.run(&["schedule", "get", "nightly", "--json"]).out, format!("{NIGHTLY}\n"));

    let ran = Server::new(vec![ok(RESTING)]).run(&["schedule", "get", "nightly"]);
    let expected = "\
name     nightly
when     every 30 s
target   handler a
queue    default
overlap  allow
misfire  once
paused   yes
";
    assert_eq!(ran.out, expected);
}

#[test]
fn list_goes_through_the_pages() {
    let last = format!(r#"{{"schedules":[{RESTING}],"next_cursor":null}}"#);
    let pages = [
        format!(r#"{{"schedules":[{NIGHTLY}],"next_cursor":"a/b="}}"#),
        r#"{"schedules":[],"next_cursor":"c"}"#.to_owned(),
        last.clone(),
    ];
    let server = || Server::new(pages.iter().map(|page| ok(page)).collect());
    let lines = |server: &Server| server.asked().into_iter().map(|asked| asked.line).collect::<Vec<_>>();

    let all = server();
    let ran = all.run(&["schedule", "list"]);
    let expected = "\
nightly  0 3 * * * in Europe/Berlin  PUT https://example.com  2026-11-24T02:00:00.000Z  no
nightly  every 30 s                  handler a                -                         yes
";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, ""));
    let queries = ["limit=100", "limit=100&cursor=a%2Fb%3D", "limit=100&cursor=c"];
    assert_eq!(lines(&all), queries.map(|query| format!("GET /v1/schedules?{query}")));

    let ran = server().run(&["schedule", "list", "--json"]);
    assert_eq!((ran.code, ran.out), (0, format!("{}\n", pages.join("\n"))));

    let one = server();
    let ran = one.run(&["schedule", "list", "--limit", "1"]);
    assert_eq!((ran.code, ran.out.lines().count(), lines(&one)), (0, 1, vec!["GET /v1/schedules?limit=1".to_owned()]));
    assert_eq!(ran.err, "there may be more: without --limit all are listed\n");

    let two = server();
    let ran = two.run(&["schedule", "list", "--limit", "2"]);
    assert_eq!((ran.code, ran.out.lines().count(), ran.err.as_str()), (0, 2, ""), "the last page ends it");
    assert_eq!(lines(&two)[2], "GET /v1/schedules?limit=1&cursor=c");
}

#[test]
fn delete_says_so_and_bears_a_throttle() {
    let throttled = || Reply::new("429 Too Many Requests", "{}").headers("retry-after: 0\r\n");
    let server = Server::new(vec![throttled(), Reply::new("204 No Content", "")]);
    let ran = server.run(&["schedule", "delete", "nightly"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nightly deleted\n"), "{ran:?}");
    assert_eq!(server.asked()[1].line, "DELETE /v1/schedules/nightly");
    assert_eq!(server.run(&["schedule", "delete", "nightly", "--json"]).out, "");
}

#[test]
fn run_tells_the_task_and_is_not_repeated() {
    let server = Server::new(vec![Reply::new("202 Accepted", r#"{"id":"t-1","state":"queued"}"#)]);
    let ran = server.run(&["schedule", "run", "nightly"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "t-1 queued\n"), "{ran:?}");
    assert_eq!(server.asked()[0].line, "POST /v1/schedules/nightly/run");

    let server = Server::new(vec![Reply::new("503 Service Unavailable", "{}").headers("retry-after: 0\r\n")]);
    assert_eq!((server.run(&["schedule", "run", "nightly"]).code, server.asked().len()), (1, 1));
}

#[test]
fn pause_and_resume_put_back_what_was_there() {
    for (verb, paused) in [("pause", true), ("resume", false)] {
        let server = Server::new(vec![ok(NIGHTLY), ok(RESTING)]);
        let ran = server.run(&["schedule", verb, "nightly"]);
        assert_eq!((ran.code, ran.out.as_str()), (0, "nightly paused\n"), "{ran:?}");
        let asked = server.asked();
        assert_eq!([&asked[0].line, &asked[1].line], ["GET /v1/schedules/nightly", "PUT /v1/schedules/nightly"]);
        let expected = concat!(
            r#"{"cron":"0 3 * * *","end_at":"2031-01-01T00:00:00.000Z","jitter_seconds":20,"misfire":"once","#,
            r#""new_field":[1.0],"overlap":"skip","paused":PAUSED,"task":{"labels":{"team":"growth"},"#,
            r#""payload":{"n":12345678901234567890123.10,"none": null},"priority":"normal","queue":"reports","#,
            r#""retain_seconds":604800,"retry":{"max_attempts":5,"min_backoff_seconds":1,"max_backoff_seconds":600,"#,
            r#""multiplier":2.0},"target":{"http":{"url":"https://example.com","method":"PUT","headers":{"a":"b"}}},"#,
            r#""timeout_seconds":60},"time_zone":"Europe/Berlin"}"#,
        );
        assert_eq!(asked[1].body, expected.replace("PAUSED", &paused.to_string()));
    }
}

#[test]
fn what_is_not_there_is_refused_and_not_made() {
    for verb in ["get", "delete", "run", "pause", "resume"] {
        let server = Server::new(vec![Reply::new("404 Not Found", MISSING)]);
        let ran = server.run(&["schedule", verb, "nightly"]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", "error: no such schedule\n"), "{verb}");
        assert_eq!(server.asked().len(), 1, "{verb}");
    }
}

#[test]
fn what_is_no_schedule_is_not_taken_for_one() {
    for verb in ["get", "list", "run", "pause"] {
        let name: &[&str] = if verb == "list" { &[] } else { &["nightly"] };
        let server = Server::new(vec![ok("<html>")]);
        let ran = server.run(&[&["schedule", verb], name].concat());
        assert_eq!((ran.code, ran.out.as_str(), server.asked().len()), (1, "", 1), "{verb}");
        assert!(ran.err.contains("is this URL a taskway api's?"), "{ran:?}");
    }
}
