//! `taskway stats`.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stack.rs"]
mod stack;
mod support;

use stack::Stack;
use support::{Reply, Server};

const STATS: &str = r#"{"lanes":{"high":{"waiting":1,"in_flight":2,"delayed":3},
  "normal":{"waiting":0,"in_flight":0,"delayed":0},"low":{"waiting":40,"in_flight":0,"delayed":0}},
  "dead_letters":{"waiting":5,"in_flight":0,"delayed":0},
  "due_backlog":{"at_least":1000},"promotion_lag_seconds":12.5,"unreadable":0}"#;

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
