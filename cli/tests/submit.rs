//! What `submit` sends, and what it says of the answer.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use serde_json::{Value, json};
use support::{Reply, Server, command, run};

const QUEUED: &str = r#"{"id":"t-1","state":"queued","attempt":0,"retry":{"max_attempts":5}}"#;

/// The body as JSON, for what has no payload to keep byte for byte.
fn read(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

fn accepting() -> Server {
    Server::new(vec![Reply::new("202 Accepted", QUEUED)])
}

#[test]
fn the_payload_is_sent_byte_for_byte() {
    let payload = r#"{ "n":12345678901234567890123.10, "e":1E400,  "u":"\u00e9é", "z":-0.0,"a":[1 ,2]}"#;
    let expected = format!(r#"{{"payload":{payload},"target":{{"handler":"echo"}}}}"#);
    for (args, input) in [
        (vec!["submit", "echo", payload], String::new()),
        (vec!["submit", "echo", "--payload", payload], String::new()),
        (vec!["submit", "echo", "--payload-file", "-"], format!("{payload}\n")),
    ] {
        let server = accepting();
        let ran = server.run_with_input(&args, &input);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        let asked = &server.asked()[0];
        assert_eq!(asked.line, "POST /v1/tasks");
        assert_eq!(asked.body, expected);
        assert!(asked.headers.contains("content-type: application/json\r\n"), "{}", asked.headers);
        assert!(!asked.headers.contains("prefer:"), "{}", asked.headers);
    }
}

#[test]
fn negative_numbers_and_null_are_payloads() {
    for (args, payload) in [(["submit", "echo", "-5"], "-5"), (["submit", "echo", "null"], "null")] {
        let server = accepting();
        assert_eq!(server.run(&args).code, 0);
        assert_eq!(server.asked()[0].body, format!(r#"{{"payload":{payload},"target":{{"handler":"echo"}}}}"#));
    }
}

#[test]
fn a_lambda_function_is_named_with_how_it_is_called() {
    for (args, body) in [
        (
            &["submit", "--lambda", "report"][..],
            json!({"target": {"lambda": {"function": "report", "invocation": "request"}}}),
        ),
        (
            &["submit", "--lambda", "report:live", "[7]", "--invocation", "durable", "--tenant-id", "tenant 7"],
            json!({
                "target": {"lambda": {"function": "report:live", "invocation": "durable", "tenant_id": "tenant 7"}},
                "payload": [7],
            }),
        ),
    ] {
        let server = accepting();
        let ran = server.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        assert_eq!(read(&server.asked()[0].body), body);
    }
}

#[test]
fn every_option_has_its_field() {
    let server = accepting();
    let ran = server.run(&[
        "submit",
        "resize",
        "--queue",
        "images",
        "--priority",
        "low",
        "--run-at",
        "2030-01-01T00:00:00+01:00",
        "--deadline",
        "2030-01-02T00:00:00Z",
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
        "--key",
        "k-1",
        "--fairness-key",
        "tenant-7",
        "--expected-duration-ms",
        "250",
        "--retain",
        "0",
        "--label",
        "team=a=b",
        "--label",
        "empty=",
        "--wait",
        "5",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked = &server.asked()[0];
    let expected = json!({
        "target": {"handler": "resize"},
        "queue": "images",
        "priority": "low",
        "run_at": "2029-12-31T23:00:00.000Z",
        "deadline": "2030-01-02T00:00:00.000Z",
        "timeout_seconds": 30,
        "retry": {"max_attempts": 3, "min_backoff_seconds": 1, "max_backoff_seconds": 60, "multiplier": 1.5},
        "idempotency_key": "k-1",
        "fairness_key": "tenant-7",
        "expected_duration_ms": 250,
        "retain_seconds": 0,
        "labels": {"empty": "", "team": "a=b"},
    });
    assert_eq!(read(&asked.body), expected);
    assert!(asked.headers.contains("prefer: wait=5\r\n"), "{}", asked.headers);
}

#[test]
fn an_http_target_takes_a_lone_argument_as_payload() {
    let server = accepting();
    let ran = server.run(&[
        "submit",
        "--http",
        "https://example.com/a?b=c",
        "--method",
        "PUT",
        "--header",
        "accept: text/plain",
        "--header",
        "x-a:b:c",
        "--delay",
        "90",
        r#"{"a":1}"#,
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let headers = json!({"accept": "text/plain", "x-a": "b:c"});
    let expected = json!({
        "target": {"http": {"url": "https://example.com/a?b=c", "method": "PUT", "headers": headers}},
        "payload": {"a": 1},
        "delay_seconds": 90,
    });
    assert_eq!(read(&server.asked()[0].body), expected);
}

#[test]
fn people_see_the_id_first_and_programs_the_answer() {
    let server = accepting();
    assert_eq!(server.run(&["submit", "echo"]).out, "t-1 queued\n");

    let answer = r#"{ "new_field" : [ 1.50 ], "id":"t-1","state":"queued" }"#;
    let server = Server::new(vec![Reply::new("202 Accepted", answer)]);
    assert_eq!(server.run(&["submit", "echo", "--json"]).out, format!("{answer}\n"));
}

#[test]
fn a_scheduled_task_says_when_and_a_replay_says_so() {
    let body = r#"{"id":"t-1","state":"scheduled","run_at":"2030-01-01T00:00:00.000Z"}"#;
    let server = Server::new(vec![Reply::new("200 OK", body).headers("idempotent-replayed: true\r\n")]);
    let ran = server.run(&["submit", "echo", "--key", "k"]);
    assert_eq!(ran.out, "t-1 scheduled until 2030-01-01T00:00:00.000Z (submitted before, with this key)\n");
}

#[test]
fn a_wait_that_sees_the_end_tells_the_outcome() {
    let done = r#"{"id":"t-1","state":"succeeded","result":{"n": 1.10}}"#;
    let ran = Server::new(vec![Reply::new("200 OK", done)]).run(&["submit", "echo", "--wait", "5"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "t-1 succeeded\nresult  {\"n\": 1.10}\n"));

    let failed = r#"{"id":"t-1","state":"failed",
        "error":{"kind":"handler","message":"boom","attempt":5,"at":"2030-01-01T00:00:00.000Z"}}"#;
    let ran = Server::new(vec![Reply::new("200 OK", failed)]).run(&["submit", "echo", "--wait", "5"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "t-1 failed\nerror  handler: boom\n"));
}

#[test]
fn watch_follows_the_new_task() {
    let server = Server::new(vec![
        Reply::new("202 Accepted", QUEUED),
        Reply::new("200 OK", r#"{"id":"t-1","state":"succeeded","attempt":1,"retry":{"max_attempts":5}}"#),
    ]);
    let ran = server.run(&["submit", "echo", "--watch"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.code, lines.len(), lines[0]), (0, 3, "t-1 queued"), "{ran:?}");
    assert!(lines[2].ends_with("Z  succeeded  attempt 1 of 5"), "{ran:?}");
    assert_eq!(server.asked()[1].line, "GET /v1/tasks/t-1");
}

#[test]
fn only_a_key_makes_a_throttled_submit_repeatable() {
    let script = || {
        vec![
            Reply::new("429 Too Many Requests", "{}").headers("retry-after: 0\r\n"),
            Reply::new("503 Service Unavailable", "{}").headers("retry-after: 0\r\n"),
            Reply::new("202 Accepted", QUEUED),
        ]
    };
    let server = Server::new(script());
    assert_eq!(server.run(&["submit", "echo", "--key", "k"]).code, 0);
    assert_eq!(server.asked().len(), 3);

    let server = Server::new(script());
    assert_eq!(server.run(&["submit", "echo"]).code, 1);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn callbacks_go_as_they_were_given() {
    let server = Server::new(vec![Reply::new("202 Accepted", r#"{"id":"t-1","state":"queued"}"#)]);
    let [after, else_] = [r#"{"target":{"handler":"b"},"payload":{"n":12345678901234567890.10}}"#, r#"{"tarqet": 1}"#];
    let ran = server.run(&["submit", "a", "7", "--on-success", after, "--on-failure", else_]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let expected = format!(r#"{{"on_success":{after},"on_failure":{else_},"payload":7,"target":{{"handler":"a"}}}}"#);
    assert_eq!(server.asked()[0].body, expected, "the API judges them");

    let server = Server::new(vec![Reply::new("200 OK", r#"{"name":"nightly"}"#)]);
    let ran = server.run(&["schedule", "put", "nightly", "--every", "60", "a", "--on-failure", after]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(read(&server.asked()[0].body)["on_failure"], read(after));

    let ran = server.run(&["submit", "a", "--on-success", "{target: b}"]);
    assert!(ran.code == 2 && ran.err.contains("the callback is not JSON") && ran.err.contains("quotes"), "{ran:?}");
    assert!(!ran.err.contains("--payload-file"), "{ran:?}");
}

#[test]
fn the_lines_of_a_file_are_tasks() {
    let answer = r#"{"results":[{"status":202,"task":{"id":"t-1","state":"queued"}},
        {"status":422,"problem":{"type":"/problems/validation","title":"The request has invalid fields","status":422,
         "detail":"one field is invalid","errors":[{"pointer":"/target","detail":"must be given"}]}}]}"#;
    let server = Server::new(vec![Reply::new("200 OK", answer)]);
    let file =
        "{\"target\":{\"handler\":\"a\"},\"payload\":12345678901234567890.10}\n\n  {\"idempotency_key\":\"own\"} \r\n";
    let ran = server.run_with_input(&["submit", "--file", "-", "--key", "import"], file);
    assert_eq!((ran.code, ran.out.as_str()), (1, "t-1 queued\n"), "{ran:?}");
    assert!(ran.err.contains("line 3: ") && ran.err.contains("/target"), "{ran:?}");
    assert!(ran.err.ends_with("1 of 2 tasks were accepted\n"), "{ran:?}");
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /v1/tasks/batch");
    let first = r#"{"idempotency_key":"import-1","target":{"handler":"a"},"payload":12345678901234567890.10}"#;
    assert_eq!(asked.body, format!(r#"{{"tasks":[{first},{{"idempotency_key":"own"}}]}}"#));

    for (file, told) in [
        ("{\"target\":{\"handler\":\"a\"}}\n[]", "line 2 is no task"),
        ("{target: 1}", "line 1 is no task"),
        ("{\"target\":{\"handler\":\"a\"},\"replace\":true}", "line 1 is no task: replace needs the idempotency_key"),
        ("\n", "there are no tasks"),
    ] {
        let ran = server.run_with_input(&["submit", "--file", "-"], file);
        assert!(ran.code == 2 && ran.err.contains(told), "{file}: {ran:?}");
    }
    for with in [&["echo"][..], &["--http", "https://example.com"], &["--queue", "a"], &["--wait", "3"]] {
        let args = [&["submit", "--file", "-"][..], with].concat();
        assert_eq!(server.run_with_input(&args, "{}").code, 2, "{args:?}");
    }
    assert_eq!(server.asked().len(), 1, "nothing is sent");
}

#[test]
fn a_file_that_gets_no_answer_says_how_to_go_on() {
    let nowhere = run(&mut command(&["submit", "--file", "-", "--url", "http://127.0.0.1:1"]), "{}\n{}");
    assert_eq!((nowhere.code, nowhere.out.as_str()), (1, ""), "{nowhere:?}");
    for told in ["0 of 2 tasks were accepted", "start `taskway dev`", "--key cli-", "none of them twice"] {
        assert!(nowhere.err.contains(told), "{nowhere:?}");
    }
}
