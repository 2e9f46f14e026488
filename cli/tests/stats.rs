//! `taskway stats` and `taskway handlers`.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stack.rs"]
mod stack;
mod support;

use stack::Stack;
use support::{Reply, Server};

const STATS: &str = r#"{"lanes":{"high":{"waiting":1,"in_flight":2,"delayed":3},
  "normal":{"waiting":0,"in_flight":0,"delayed":0},"low":{"waiting":40,"in_flight":0,"delayed":0}},
  "dead_letters":{"waiting":5,"in_flight":0,"delayed":0},
  "due_backlog":{"at_least":1000},"promotion_lag_seconds":12.5,"ended":[
  {"at":"2026-11-23T08:00:00.000Z","succeeded":600,"failed":2,"cancelled":0,"expired":4},
  {"at":"2026-11-23T08:02:00.000Z","succeeded":12,"failed":1,"cancelled":3,"expired":0}],"usage":[
  {"month":"2026-11","write_units":4210,"read_units":96.5,"sqs_requests":1911},
  {"month":"2026-10","write_units":1,"read_units":1.0,"sqs_requests":1}],"unreadable":0}"#;

#[test]
fn the_numbers_of_a_stack_are_a_table() {
    let server = Server::new(vec![Reply::new("200 OK", STATS)]);
    let ran = server.run(&["stats"]);
    let expected = "\
high           1 waiting, 2 in flight, 3 delayed
normal         0 waiting, 0 in flight, 0 delayed
low            40 waiting, 0 in flight, 0 delayed
dead letters   5 waiting, 0 in flight, 0 delayed
due backlog    1000 or more
promotion lag  12.5 s
unreadable     0
ended          612 succeeded, 3 failed, 3 cancelled, 4 expired in the last hour
usage          4210 write units, 96.5 read units, 1911 SQS requests in 2026-11
";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, ""));
    assert_eq!(server.asked()[0].line, "GET /v1/stats");
    assert_eq!(server.run(&["stats", "--json"]).out, format!("{STATS}\n"));
}

#[test]
fn another_answer_is_no_stats() {
    let ran = Server::new(vec![Reply::new("200 OK", r#"{"status":"ok"}"#)]).run(&["stats"]);
    assert!(ran.code == 1 && ran.err.contains("is this URL a taskway api's?"), "{ran:?}");
}

#[test]
fn a_stack_on_this_machine_has_numbers() {
    let stack = Stack::start(&[], &[]);
    assert_eq!(stack.run(&["submit", "echo", "--delay", "600"]).code, 0);
    let ran = stack.run(&["stats"]);
    assert!(ran.code == 0 && ran.out.contains("normal         0 waiting, 0 in flight, 1 delayed\n"), "{ran:?}");
    let ran = stack.run(&["queue", "purge", "default"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "cancelled 1 of 1 task\n"), "{ran:?}");
}

const PROGRAMS: &str = r#"{"handlers":["mail","report"],"running":true,"first_seen_at":"2026-11-23T08:00:00.000Z",
  "last_seen_at":"2026-11-23T10:00:00.000Z"},
  {"handlers":["bill","mail"],"running":false,"first_seen_at":"2026-11-22T08:00:00.000Z","last_seen_at":"2026-11-23T07:00:00.000Z"}"#;

#[test]
fn each_handler_has_a_line_whichever_programs_have_it() {
    let stats = STATS.replace(r#""unreadable":0}"#, &format!(r#""unreadable":0,"programs":[{PROGRAMS}]}}"#));
    let server = Server::new(vec![Reply::new("200 OK", &stats)]);
    let ran = server.run(&["handlers"]);
    let expected = "\
bill    no   2026-11-23T07:00:00.000Z  2026-11-22T08:00:00.000Z
mail    yes  2026-11-23T10:00:00.000Z  2026-11-22T08:00:00.000Z
report  yes  2026-11-23T10:00:00.000Z  2026-11-23T08:00:00.000Z
";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, ""));
    assert_eq!(server.run(&["handlers", "--output", "ids"]).out, "bill\nmail\nreport\n");
    assert_eq!(server.run(&["handlers", "--json"]).out, format!("{stats}\n"));
}

#[test]
fn a_stack_without_programs_says_so() {
    // An api of an earlier release tells of none either.
    let server = Server::new(vec![Reply::new("200 OK", STATS)]);
    let ran = server.run(&["handlers"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("no program has announced handlers"), "{ran:?}");
    let ran = Server::new(vec![Reply::new("200 OK", r#"{"status":"ok"}"#)]).run(&["handlers"]);
    assert!(ran.code == 1 && ran.err.contains("is this URL a taskway api's?"), "{ran:?}");
}

#[test]
fn a_stack_on_this_machine_has_handlers_and_a_misspelt_one_fails_within_seconds() {
    let stack = Stack::start(&[], &[]);
    let ran = stack.run(&["submit", "ehco", "--wait", "20"]);
    assert!(ran.code != 0 && ran.out.contains("unknown_handler"), "{ran:?}");
    assert!(ran.out.contains("no handler is named ehco"), "{ran:?}");
    let ran = stack.run(&["handlers", "--output", "ids"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "echo\nfail\nhash\nsleep\n"), "{ran:?}");
}
