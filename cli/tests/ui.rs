//! The dashboard before a deployed API: what it passes on says who sends it, and the browser is told nothing of that.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/signature.rs"]
mod signature;
mod support;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Child,
};

use signature::verified;
use support::{Asked, Reply, Server, command, run};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A running `taskway ui`, killed when it is dropped.
struct Ui {
    process: Child,
    address: String,
}

impl Drop for Ui {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ui {
    fn start(api: &str, options: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut ui = command(&["ui", "--port", "0"]);
        ui.args(options).env("TASKWAY_URL", api).env("HOME", "/nonexistent").env("AWS_EC2_METADATA_DISABLED", "true");
        let mut process = ui.envs(environment.iter().copied()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("it is not up: {line}")).to_owned();
        Ui { process, address }
    }

    /// Sends a request and returns the whole answer.
    fn ask(&self, line: &str, headers: &[&str], body: &str) -> String {
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let length = body.len();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head =
            format!("{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n", self.address);
        stream.write_all(format!("{head}{headers}\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn keys() -> [(&'static str, &'static str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", "eu-west-1"),
        ("TASKWAY_SIGN", "always"),
    ]
}

#[test]
fn what_is_passed_on_is_signed_as_it_is_sent() {
    let server = Server::new(vec![Reply::new("200 OK", "{}").headers("x-request-id: r-1\r\nset-cookie: a=b\r\n")]);
    let ui = Ui::start(&server.url, &[], &keys());
    let body = r#"{"target":{"handler":"echo"},"payload":"äöü"}"#;
    let headers = ["content-type: application/json", "cookie: c=d", "authorization: Bearer stolen", "prefer: wait=1"];
    let answer = ui.ask("POST /v1/tasks", &headers, body);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("x-request-id: r-1"), "{answer}");
    assert!(!answer.contains("set-cookie") && !answer.contains(KEY), "{answer}");
    ui.ask("GET /v1/tasks?label.x%2By=c%2Fd&queue=a+b", &[], "");

    let asked: Vec<Asked> = server.asked();
    assert_eq!((&*asked[0].line, &*asked[0].body), ("POST /v1/tasks", body));
    assert!(!asked[0].headers.contains("cookie") && !asked[0].headers.contains("stolen"), "{}", asked[0].headers);
    for one in &asked {
        let signed = verified(one, SECRET);
        assert_eq!((&*signed.access_key, &*signed.region, &*signed.service), (KEY, "eu-west-1", "execute-api"));
    }
    assert_eq!(asked[1].line, "GET /v1/tasks?label.x%2By=c%2Fd&queue=a%20b");
}

#[test]
fn a_token_goes_to_the_api_and_not_to_the_browser() {
    let server = Server::new(vec![Reply::new("200 OK", "{}")]);
    let ui = Ui::start(&server.url, &[], &[("TASKWAY_TOKEN", "abc.def.ghi")]);
    for path in ["/", "/ui.json", "/v1/stats"] {
        let answer = ui.ask(&format!("GET {path}"), &[], "");
        assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("abc.def"), "{path}: {answer}");
    }
    assert!(server.asked()[0].headers.contains("authorization: bearer abc.def.ghi"));
}

#[test]
fn a_caller_that_is_not_let_in_hears_why() {
    let server = Server::new(vec![Reply::new("403 Forbidden", r#"{"message":"Forbidden"}"#)]);
    let ui = Ui::start(&server.url, &[], &keys());
    let answer = ui.ask("GET /v1/stats", &[], "");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    for part in ["application/problem+json", KEY, "execute-api:Invoke", "Forbidden"] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
}

#[test]
fn without_credentials_the_page_is_there_and_says_so() {
    let server = Server::new(vec![Reply::new("200 OK", "{}")]);
    let ui = Ui::start(&server.url, &[], &[("TASKWAY_SIGN", "always"), ("AWS_REGION", "eu-west-1")]);
    assert!(ui.ask("GET /", &[], "").starts_with("HTTP/1.1 200"));
    let answer = ui.ask("GET /v1/stats", &[], "");
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("credentials"), "{answer}");
    assert!(server.asked().is_empty());
}

#[test]
fn read_only_passes_only_reads() {
    let server = Server::new(vec![Reply::new("200 OK", "{}")]);
    let ui = Ui::start(&server.url, &["--read-only"], &[]);
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
        let answer = ui.ask(&format!("{method} /v1/tasks/t/cancel"), &["content-type: application/json"], "");
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("/problems/read-only"), "{method}: {answer}");
    }
    assert!(ui.ask("GET /v1/stats", &[], "").starts_with("HTTP/1.1 200"));
    assert!(ui.ask("HEAD /v1/stats", &[], "").starts_with("HTTP/1.1 200"));
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn what_cannot_work_is_refused_at_once() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = run(&mut command(&["ui", "--port", &port]), "");
    assert!(ran.code == 1 && ran.err.contains("--port"), "{ran:?}");
    let ran = run(command(&["ui", "--port", "0"]).env("TASKWAY_URL", "ftp://a"), "");
    assert!(ran.code == 2 && ran.err.contains("ftp://a"), "{ran:?}");
}
