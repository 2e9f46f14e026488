//! Who may use the ports of `taskway dev`: programs, and no web page.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stack.rs"]
mod stack;
mod support;

use std::io::Read;

use stack::{Stack, dev};
use support::run;

const PORTS: [&str; 4] = ["TASKWAY_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_S3"];

/// A request with this head, as a browser or a program writes it.
fn request(line: &str, host: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn status(answer: &str) -> u16 {
    assert!(!answer.to_lowercase().contains("access-control-"), "{answer}");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {answer}"))
}

#[test]
fn no_page_comes_through_any_port() {
    let stack = Stack::start(&[], &[]);
    for port in PORTS {
        let ask = |line: &str, host: &str, headers: &[&str]| {
            let answer = stack.raw(port, &request(line, host, headers, ""));
            (status(&answer), answer)
        };
        for host in ["evil.example", "evil.example:8080", "10.0.0.1", "taskway"] {
            let (status, answer) = ask("GET /", host, &[]);
            assert!(status == 403 && answer.contains("--allow-host"), "{port} {host}: {answer}");
        }
        for page in ["origin: https://evil.example", "origin: null", "sec-fetch-site: cross-site"] {
            for line in ["GET /", "POST /v1/tasks/cancel?all=true", "DELETE /v1/schedules/a"] {
                let json = "content-type: application/json";
                assert_eq!(ask(line, "127.0.0.1", &[json, page]).0, 403, "{port} {line} {page}");
            }
            let preflight =
                [page, "access-control-request-method: POST", "access-control-request-headers: x-amz-target"];
            assert_eq!(ask("OPTIONS /", "localhost", &preflight).0, 403, "{port} {page}");
        }
        for simple in [&[][..], &["content-type: text/plain"], &["content-type: application/x-www-form-urlencoded"]] {
            let (status, answer) = ask("POST /v1/tasks/cancel?all=true", "localhost", simple);
            assert!(status == 415 && answer.contains("content-type: application/json"), "{port} {simple:?}: {answer}");
        }
        assert_eq!(status(&stack.raw(port, "GET / HTTP/1.0\r\n\r\n")), 400, "{port}");
    }
    // Forged signatures do not matter: the stack takes any.
    let signed = [
        "content-type: application/x-amz-json-1.0",
        "x-amz-target: DynamoDB_20120810.ListTables",
        "x-amz-date: 20260101T000000Z",
        "authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, \
         Signature=0",
    ];
    let list = |host: &str| status(&stack.raw(PORTS[1], &request("POST /", host, &signed, "{}")));
    assert_eq!((list("localhost"), list("rebound.example")), (200, 403));
}

#[test]
fn programs_come_through() {
    let stack = Stack::start(&[], &[]);
    let ran = stack.run(&["submit", "echo", "--delay", "3600", "--json"]);
    let id =
        ran.out.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{ran:?}"));
    // Calls without a body.
    for action in ["run", "cancel", "retry"] {
        let ran = stack.run(&[action, id]);
        assert!(!ran.err.contains("content-type"), "{action}: {ran:?}");
    }
    let body = r#"{"target":{"handler":"echo"}}"#;
    let json = request("POST /v1/tasks", "localhost:1", &["content-type: application/json"], body);
    assert_eq!(status(&stack.raw(PORTS[0], &json)), 202);
    let keyed = request("POST /v1/tasks/none/cancel", "[::1]", &["idempotency-key: a"], "");
    assert_eq!(status(&stack.raw(PORTS[0], &keyed)), 404);
}

#[test]
fn a_stack_answers_to_what_it_was_told_and_warns() {
    let mut stack =
        Stack::start(&["--bind", "0.0.0.0", "--allow-host", "taskway", "--allow-host", "Other.Example"], &[]);
    for port in PORTS {
        // S3 answers 403 too, to requests without a signature.
        let is_kept_out = |host: &str| {
            let answer = stack.raw(port, &request("GET /healthz", host, &[], ""));
            status(&answer) == 403 && answer.contains("--allow-host")
        };
        for host in ["taskway:8080", "other.example", "10.9.8.7:1", "localhost"] {
            assert!(!is_kept_out(host), "{port} {host}");
        }
        for host in ["evil.example", "taskway.evil.example"] {
            assert!(is_kept_out(host), "{port} {host}");
        }
    }
    assert_eq!(stack.run(&["submit", "echo", "--wait", "20"]).code, 0);
    let mut said = String::new();
    let _ = stack.process.kill();
    stack.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("warning: this stack listens on 0.0.0.0"), "{said}");

    for (options, part) in [
        (["--bind", "nowhere"], "--bind"),
        (["--allow-host", "http://taskway"], "without a port"),
        (["--allow-host", "*"], "a host name"),
    ] {
        let ran = run(&mut dev(&options, &[]), "");
        assert!(ran.code == 2 && ran.err.contains(part), "{ran:?}");
    }
    let ran = run(&mut dev(&["--bind", "192.0.2.1"], &[]), "");
    assert!(
        ran.code == 1 && ran.err.contains("cannot listen on 192.0.2.1:0; this machine has no such address: see --bind"),
        "{ran:?}"
    );
}
