//! `watch` prints each change once, and its exit code is the task's outcome.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::{BufRead, BufReader};

use support::{Reply, Server, command};

fn task(rest: &str) -> Reply {
    Reply::new("200 OK", format!(r#"{{"id":"t-1","retry":{{"max_attempts":3}},{rest}}}"#))
}

/// The lines without their times, which must be RFC 3339 in UTC with milliseconds.
fn untimed(out: &str) -> Vec<&str> {
    let untimed = |line| {
        let (time, rest) = str::split_once(line, "  ").unwrap();
        assert_eq!((time.len(), &time[10..11], &time[19..20], &time[23..]), (24, "T", ".", "Z"), "{time}");
        rest
    };
    out.lines().map(untimed).collect()
}

#[test]
fn each_change_has_one_line() {
    let server = Server::new(vec![
        task(r#""state":"queued","attempt":0"#),
        task(r#""state":"queued","attempt":0"#),
        task(r#""state":"running","attempt":1"#),
        task(r#""state":"running","attempt":1,"progress":{"done":1,"total":2,"at":"2030-01-01T00:00:00.000Z"}"#),
        task(r#""state":"running","attempt":1,"progress":{"done":1,"total":2,"at":"2030-01-01T00:00:00.000Z"}"#),
        task(concat!(
            r#""state":"scheduled","attempt":1,"progress":{"done":1,"total":2,"at":"2030-01-01T00:00:00.000Z"},"next_attempt_at":"2030-01-01T00:00:09.000Z","#,
            r#""error":{"kind":"handler","message":"bo\nom","attempt":1,"at":"2030-01-01T00:00:00.000Z"}"#
        )),
        task(r#""state":"running","attempt":2,"progress":{"done":2,"total":2,"at":"2030-01-01T00:00:01.000Z"}"#),
        task(r#""state":"succeeded","attempt":2,"result":[1.10]"#),
    ]);
    let ran = server.run(&["watch", "t-1", "--interval", "0.05"]);
    let expected = [
        "queued",
        "running  attempt 1 of 3",
        "running  attempt 1 of 3  1 of 2",
        "scheduled  attempt 1 of 3  1 of 2  until 2030-01-01T00:00:09.000Z  handler: bo om",
        "running  attempt 2 of 3  2 of 2",
        "succeeded  attempt 2 of 3  [1.10]",
    ];
    assert_eq!(untimed(&ran.out), expected);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn an_end_without_success_exits_1() {
    for state in ["failed", "cancelled", "expired"] {
        let server = Server::new(vec![task(&format!(
            r#""state":"{state}","attempt":3,
                "error":{{"kind":"timeout","message":"60 s","attempt":3,"at":"2030-01-01T00:00:00.000Z"}}"#
        ))]);
        let ran = server.run(&["watch", "t-1"]);
        assert_eq!(untimed(&ran.out), [format!("{state}  attempt 3 of 3  timeout: 60 s")]);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    }
}

#[test]
fn programs_get_a_task_a_line() {
    let first = "{\"id\":\"t-1\",\n \"state\":\"running\"}";
    let last = r#"{"id":"t-1","state":"succeeded","n":[ 1.50 ]}"#;
    let server = Server::new(vec![Reply::new("200 OK", first), Reply::new("200 OK", last)]);
    let ran = server.run(&["watch", "t-1", "--json"]);
    assert_eq!((ran.code, ran.out), (0, format!("{}\n{last}\n", first.replace('\n', " "))));
}

#[test]
fn a_watch_bears_with_an_api_that_is_away() {
    let server = Server::new(vec![
        task(r#""state":"running","attempt":1"#),
        Reply::new("502 Bad Gateway", ""),
        task(r#""state":"succeeded","attempt":1"#),
    ]);
    let ran = server.run(&["watch", "t-1", "--interval", "0.05"]);
    assert_eq!(untimed(&ran.out), ["running  attempt 1 of 3", "succeeded  attempt 1 of 3"]);
    assert_eq!(ran.code, 0);
}

#[test]
fn a_task_that_is_not_there_ends_the_watch() {
    let body = r#"{"type":"/problems/not-found","title":"no such task","status":404}"#;
    let server = Server::new(vec![Reply::new("404 Not Found", body)]);
    let ran = server.run(&["watch", "t-1"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", "error: no such task\n"));
}

#[test]
fn a_task_that_goes_away_ends_the_watch_at_once() {
    let gone = Reply::new("404 Not Found", r#"{"title":"no such task","status":404}"#);
    let server = Server::new(vec![task(r#""state":"running","attempt":1"#), gone]);
    let ran = server.run(&["watch", "t-1"]);
    assert_eq!((ran.code, ran.err.as_str(), server.asked().len()), (1, "error: no such task\n", 2));
}

#[test]
fn a_reader_that_leaves_ends_the_watch_quietly() {
    let server = Server::new(vec![
        task(r#""state":"queued""#),
        task(r#""state":"running","attempt":1"#),
        task(r#""state":"x""#),
    ]);
    let mut child = command(&["watch", "t-1", "--url", &server.url]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(untimed(&line), ["queued"]);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
