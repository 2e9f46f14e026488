//! `get`, `cancel`, `run`, `retry`, and how refusals and silence are told.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::net::TcpListener;

use support::{Reply, Server, command, run};

const PROBLEM: &str = r#"{ "type":"/problems/validation","title":"the request is not valid","status":422,
  "detail":"2 faults","errors":[{"pointer":"/retry/max_attempts","detail":"must be 1 to 100, got 0"},
  {"header":"idempotency-key","detail":"must be visible ascii"}] }"#;

#[test]
fn get_aligns_keys_and_values() {
    let body = r#"{"id":"t-1","queue":"emails","target":{"http":{"url":"https://example.com","method":"PUT"}},
        "payload":{"n": 1.10},"priority":"high","state":"scheduled","held":true,"run_at":"2030-01-01T00:00:00.000Z",
        "next_attempt_at":"2030-01-01T00:00:09.000Z","deadline":null,"timeout_seconds":60,
        "retry":{"max_attempts":5,"min_backoff_seconds":1,"max_backoff_seconds":600,"multiplier":2.0},"attempt":2,"generation":3,
        "parent_id":"t-0","on_success":{"target":{"handler":"publish"},"queue":"pages"},"on_failure":{"target":{"handler":"alert"}},
        "labels":{"team":"growth"},"progress":{"done":3,"total":10,"at":"2030-01-01T00:00:00.500Z"},"result":null,
        "error":{"kind":"handler","message":"boom\n\u001b[2Jat line 2","attempt":2,"at":"2030-01-01T00:00:01.000Z"}}"#;
    let server = Server::new(vec![Reply::new("200 OK", body)]);
    let ran = server.run(&["get", "t-1"]);
    let expected = "\
id            t-1
state         scheduled
held back     by a pause, a limit or a rate of its queue
attempt       2 of 5
progress      3 of 10
error         handler: boom
              \\u{1b}[2Jat line 2
error at      2030-01-01T00:00:01.000Z, attempt 2
target        PUT https://example.com
queue         emails
priority      high
payload       {\"n\": 1.10}
labels        team=growth
run at        2030-01-01T00:00:00.000Z
next attempt  2030-01-01T00:00:09.000Z
timeout       60 s
backoff       1 s to 600 s, times 2
follows       t-0
on success    handler publish in the queue pages
on failure    handler alert
generation    3
";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected), "{ran:?}");
    assert_eq!(server.asked()[0].line, "GET /v1/tasks/t-1");
    assert_eq!(server.run(&["--json", "get", "t-1"]).out, format!("{body}\n"));
}

#[test]
fn actions_have_their_routes() {
    for name in ["cancel", "run", "retry"] {
        let server = Server::new(vec![Reply::new("200 OK", r#"{"id":"t-1","state":"queued"}"#)]);
        let ran = run(&mut command(&[name, "t-1", "--url", &format!("{}/prod/", server.url)]), "");
        assert_eq!((ran.code, ran.out.as_str()), (0, "t-1 queued\n"), "{ran:?}");
        let asked = &server.asked()[0];
        assert_eq!(asked.line, format!("POST /prod/v1/tasks/t-1/{name}"));
        assert!(asked.headers.contains("content-length: 0\r\n"), "{}", asked.headers);
    }
}

#[test]
fn a_refusal_is_told_in_full() {
    let server = Server::new(vec![Reply::new("422 Unprocessable Content", PROBLEM)]);
    let ran = server.run(&["submit", "echo", "--max-attempts", "0"]);
    let expected = "error: the request is not valid\n  2 faults\n  /retry/max_attempts: must be 1 to 100, got 0\n  \
                    header idempotency-key: must be visible ascii\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", expected));

    let ran = server.run(&["submit", "echo", "--max-attempts", "0", "--json"]);
    assert_eq!((ran.code, ran.out, ran.err.as_str()), (1, format!("{PROBLEM}\n"), ""));
}

#[test]
fn a_web_page_is_not_given_to_programs() {
    let page = || Server::new(vec![Reply::new("502 Bad Gateway", "<html>").headers("x-request-id: r-9\r\n")]);
    let ran = page().run(&["get", "t-1", "--json"]);
    let expected = "error: the server answered 502 Bad Gateway\n  <html>\n  request r-9\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", expected));

    let ran = Server::new(vec![Reply::new("200 OK", "<html>")]).run(&["get", "t-1"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("is this URL a taskway api's?"), "{ran:?}");
}

#[test]
fn a_redirect_is_not_followed() {
    let server = Server::new(vec![Reply::new("301 Moved Permanently", "").headers("location: /elsewhere\r\n")]);
    let ran = server.run(&["get", "t-1"]);
    assert_eq!((ran.code, server.asked().len()), (1, 1));
    assert!(ran.err.contains("301 Moved Permanently"), "{ran:?}");
}

#[test]
fn nobody_there_says_what_to_do() {
    // A port that was free a moment ago.
    let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    for extra in [&[][..], &["--json"]] {
        let ran = run(command(&["get", "t-1"]).args(extra).env("TASKWAY_URL", &url), "");
        let expected = format!("error: nothing answers at {url}: start `taskway dev`, or set TASKWAY_URL\n");
        assert_eq!((ran.code, ran.out.as_str(), ran.err), (1, "", expected));
    }
}

#[test]
fn a_host_that_has_no_address_is_named_without_the_password() {
    let ran = run(&mut command(&["get", "t-1", "--url", "http://me:secret@taskway.invalid/prod"]), "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.starts_with("error: cannot reach http://taskway.invalid/prod: "), "{ran:?}");
}

#[test]
fn a_broken_call_says_what_may_have_happened() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(|stream| drop(stream.unwrap())));
    let ran = run(command(&["cancel", "t-1"]).env("TASKWAY_URL", &url), "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains(&format!("lost the call to {url}")), "{ran:?}");
    assert!(ran.err.contains("it may have been carried out all the same"), "{ran:?}");
}

#[test]
fn no_certificates_and_a_proxy_do_not_matter_on_loopback() {
    let server = Server::new(vec![Reply::new("200 OK", r#"{"id":"t-1","state":"queued"}"#)]);
    let nowhere = "http://127.0.0.1:1";
    let mut get = command(&["get", "t-1", "--url", &server.url]);
    let ran = run(get.env("HTTP_PROXY", nowhere).env("http_proxy", nowhere).env("SSL_CERT_FILE", "/dev/null"), "");
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_read_is_patient_and_not_for_ever() {
    let throttled = || Reply::new("429 Too Many Requests", r#"{"title":"too many requests"}"#);
    let server = Server::new(vec![throttled().headers("retry-after: 0\r\n")]);
    let ran = server.run(&["get", "t-1"]);
    assert_eq!((ran.code, server.asked().len(), ran.err.as_str()), (1, 4, "error: too many requests\n"));

    // Half an hour is for a person to decide on; without the header nothing says that waiting helps.
    for reply in [throttled().headers("retry-after: 1800\r\n"), throttled()] {
        let server = Server::new(vec![reply]);
        assert_eq!((server.run(&["get", "t-1"]).code, server.asked().len()), (1, 1));
    }
}
