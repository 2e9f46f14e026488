//! Tasks that call Lambda functions on `taskway dev`.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stack.rs"]
mod stack;
mod support;

use serde_json::{Value, json};
use stack::Stack;
use support::{Reply, Server, command, run};

/// The task as it is after it has ended, and the exit code.
fn submit(command: &mut std::process::Command) -> (Value, i32) {
    command.args(["submit", "--lambda", "report:live", "[7]", "--wait", "20", "--max-attempts", "1", "--json"]);
    let ran = run(command, "");
    (serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}")), ran.code)
}

fn at(stack: &Stack) -> std::process::Command {
    let mut command = command(&[]);
    command.env("TASKWAY_URL", &stack.exports["TASKWAY_URL"]);
    command
}

#[test]
fn a_task_calls_the_function_that_is_served_at_the_url() {
    let functions = Server::new(vec![
        Reply::new("200 OK", r#"{"sent":true}"#),
        Reply::new("500 Internal Server Error", r#"{"errorType":"ValueError","errorMessage":"no"}"#),
    ]);
    let stack = Stack::start(&["--lambda", &functions.url], &[]);
    let (task, code) = submit(&mut at(&stack));
    assert_eq!((&task["state"], &task["result"], code), (&json!("succeeded"), &json!({"sent": true}), 0), "{task}");
    let asked = &functions.asked()[0];
    assert_eq!(asked.line, "POST /2015-03-31/functions/report/invocations?Qualifier=live");
    assert!(asked.headers.contains("x-amz-invocation-type: requestresponse\r\n"), "{}", asked.headers);
    let event: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!((&event["taskway"]["id"], &event["payload"]), (&task["id"], &json!([7])));

    let (task, code) = submit(&mut at(&stack));
    let error = (&task["error"]["kind"], &task["error"]["message"]);
    assert_eq!((&task["state"], error, code), (&json!("failed"), (&json!("lambda"), &json!("ValueError: no")), 1));

    // What another shell needs to call functions in the same way.
    assert_eq!(stack.exports["TASKWAY_ALLOWED_FUNCTIONS"], "*");
    assert!(stack.exports["AWS_ENDPOINT_URL_LAMBDA"].starts_with("http://127.0.0.1:"));
}

#[test]
fn a_stack_without_functions_says_what_to_do() {
    let stack = Stack::start(&[], &[]);
    let (task, code) = submit(&mut at(&stack));
    assert_eq!((&task["state"], &task["error"]["kind"], code), (&json!("failed"), &json!("lambda"), 1), "{task}");
    let message = task["error"]["message"].as_str().unwrap();
    assert!(message.contains("start `taskway dev` with `--lambda URL`"), "{message}");
    assert!(!stack.exports.contains_key("TASKWAY_ALLOWED_FUNCTIONS"));
}

#[test]
fn a_url_of_functions_that_is_none_is_named() {
    for option in ["--lambda", "--functions"] {
        let ran = run(&mut stack::dev(&[option, "nowhere"], &[]), "");
        assert!(ran.code == 1 && ran.err.contains(&format!("{option} nowhere is not a URL")), "{ran:?}");
    }
}
