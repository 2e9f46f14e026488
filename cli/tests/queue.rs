//! `taskway queue`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{Reply, Server};

fn ok(body: impl Into<String>) -> Reply {
    Reply::new("200 OK", body)
}

#[test]
fn a_queue_is_paused_and_goes_on() {
    let server = Server::new(vec![
        ok(r#"{"name":"emails","paused":true,"held":0,"failed":0}"#),
        ok(r#"{"name":"emails","paused":false,"held":0,"failed":0}"#),
    ]);
    let ran = server.run(&["queue", "pause", "emails"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "emails paused\n", ""));
    let ran = server.run(&["queue", "resume", "emails"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "emails running\n", ""));
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, ["POST /v1/queues/emails/pause", "POST /v1/queues/emails/resume"]);
}

#[test]
fn a_queue_is_shown_with_its_counts() {
    let body = r#"{"name":"emails","paused":true,"concurrency":5,"running":2,"held":{"at_least":1000},"failed":3}"#;
    let server = Server::new(vec![ok(body), ok(body)]);
    let ran = server.run(&["queue", "get", "emails"]);
    let rows: Vec<Vec<&str>> = ran.out.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected: [&[&str]; 7] = [
        &["name", "emails"],
        &["paused", "yes"],
        &["concurrency", "5"],
        &["rate", "unlimited"],
        &["running", "2"],
        &["held", "1000", "or", "more"],
        &["failed", "3"],
    ];
    assert_eq!((ran.code, rows), (0, expected.map(<[&str]>::to_vec).to_vec()), "{ran:?}");
    assert_eq!(server.run(&["queue", "get", "emails", "--json"]).out.trim_end(), body);
}

#[test]
fn a_queue_gets_a_limit_and_loses_it() {
    let server = Server::new(vec![
        ok(r#"{"name":"emails","paused":false,"concurrency":5,"running":0,"held":0,"failed":0}"#),
        ok(r#"{"name":"emails","paused":false,"concurrency":null,"held":0,"failed":0}"#),
    ]);
    let ran = server.run(&["queue", "set", "emails", "--concurrency", "5"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "emails running, 5 at once\n", ""));
    let ran = server.run(&["queue", "set", "emails", "--concurrency", "none"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "emails running\n", ""));
    let asked: Vec<(String, String)> = server.asked().into_iter().map(|asked| (asked.line, asked.body)).collect();
    let line = "PATCH /v1/queues/emails".to_owned();
    let bodies = [r#"{"concurrency":5}"#, r#"{"concurrency":null}"#];
    assert_eq!(asked, bodies.map(|body| (line.clone(), body.to_owned())));
    for wrong in ["0", "many", ""] {
        let ran = server.run(&["queue", "set", "emails", "--concurrency", wrong]);
        assert_eq!(ran.code, 2, "{wrong}: {ran:?}");
        assert!(ran.err.contains("must be a number from 1, or `none`"), "{}", ran.err);
    }
}

#[test]
fn a_queue_gets_a_rate_and_loses_it() {
    let rate = r#"{"tasks":100,"per_seconds":120,"burst":5}"#;
    let server = Server::new(vec![
        ok(format!(r#"{{"name":"emails","paused":false,"concurrency":3,"rate":{rate}}}"#)),
        ok(r#"{"name":"emails","paused":false,"concurrency":3,"rate":null}"#),
    ]);
    let ran = server.run(&["queue", "set", "emails", "--rate", "100/2m", "--burst", "5"]);
    let line = "emails running, 3 at once, 100 per 120 s, burst 5\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, line, ""));
    let ran = server.run(&["queue", "set", "emails", "--rate", "none", "--concurrency", "3"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "emails running, 3 at once\n", ""));
    let bodies: Vec<String> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies, [format!(r#"{{"rate":{rate}}}"#), r#"{"concurrency":3,"rate":null}"#.to_owned()]);
    for wrong in ["0/s", "10", "10/", "10/0", "/s", "10/y", "10/s/s", "-1/s", "1/5000000h", "many"] {
        let ran = server.run(&["queue", "set", "emails", "--rate", wrong]);
        assert_eq!(ran.code, 2, "{wrong}: {ran:?}");
    }
    let ran = server.run(&["queue", "set", "emails"]);
    assert_eq!(ran.code, 2, "nothing is set");
    for option in ["--concurrency", "--rate", "--key-concurrency", "--key-rate"] {
        assert!(ran.err.contains(option), "{}", ran.err);
    }
    for [rate, burst] in [["--rate", "--burst"], ["--key-rate", "--key-burst"]] {
        let ran = server.run(&["queue", "set", "emails", rate, "none", burst, "3"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(&format!("{burst} needs a rate")), "{}", ran.err);
    }
    assert_eq!(server.run(&["queue", "set", "emails", "--burst", "2", "--concurrency", "1"]).code, 2);
}

#[test]
fn the_keys_of_a_queue_get_a_limit_and_the_busiest_are_shown() {
    let limited = r#"{"name":"emails","paused":false,"per_key":{"concurrency":3,"rate":null},
        "keys":[{"key":"acme","running":3,"held":40},{"key":"initech","running":1,"held":{"at_least":1000}}]}"#;
    let server = Server::new(vec![ok(limited), ok(limited), ok(limited)]);
    let ran = server.run(&["queue", "set", "emails", "--key-concurrency", "3"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "emails running, each key 3 at once\n"));
    let ran = server.run(&["queue", "get", "emails"]);
    assert!(ran.out.contains("acme 40 held, 3 running; initech 1000 or more held, 1 running"), "{}", ran.out);
    assert_eq!(server.run(&["queue", "set", "emails", "--key-concurrency", "none"]).code, 0);
    let bodies: Vec<String> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies, [r#"{"per_key":{"concurrency":3}}"#, "", r#"{"per_key":{"concurrency":null}}"#]);
}

#[test]
fn queues_are_listed_page_by_page() {
    let page = |names: [&str; 2], cursor: &str| {
        let queues = names.map(|name| format!(r#"{{"name":"{name}","paused":false}}"#)).join(",");
        ok(format!(r#"{{"queues":[{queues}],"next_cursor":{cursor}}}"#))
    };
    let server = Server::new(vec![page(["a", "b"], "\"c1\""), page(["c", "d"], "null")]);
    let ran = server.run(&["queue", "list"]);
    assert_eq!((ran.code, ran.out.lines().count(), ran.err.as_str()), (0, 4, ""), "{ran:?}");
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, ["GET /v1/queues?limit=100", "GET /v1/queues?limit=100&cursor=c1"]);
}

#[test]
fn a_queue_is_purged_call_by_call() {
    let answers = || {
        let first = ok(r#"{"matched":500,"done":499,"next_cursor":"c1"}"#);
        Server::new(vec![first, ok(r#"{"matched":12,"done":12,"next_cursor":null}"#)])
    };
    for yes in [&["--yes"][..], &[]] {
        let server = answers();
        let ran = server.run(&[&["queue", "purge", "emails"], yes].concat());
        let expected = "cancelled 511 of 512 tasks; the others moved on meanwhile\n";
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, ""), "a program is not asked");
        let asked: Vec<(String, String)> = server.asked().into_iter().map(|asked| (asked.line, asked.body)).collect();
        let line = "POST /v1/queues/emails/purge".to_owned();
        assert_eq!(asked, ["{}", r#"{"cursor":"c1"}"#].map(|body| (line.clone(), body.to_owned())));
    }
    let ran = answers().run(&["queue", "purge", "emails", "--yes", "--json"]);
    let expected =
        "{\"matched\":500,\"done\":499,\"next_cursor\":\"c1\"}\n{\"matched\":12,\"done\":12,\"next_cursor\":null}\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected), "{ran:?}");
}
