//! The log of a stack at its most talkative: it shows no credential of an HTTP target.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{
    io::{BufRead, BufReader, Read},
    thread,
};

use support::{Reply, Server, command, run};

#[test]
fn no_log_shows_a_credential() {
    let receiver = Server::new(vec![Reply::new("200 OK", "done").headers("set-cookie: a=tell-nobody-4\r\n")]);
    let options = ["dev", "--port", "0", "--dynamodb-port", "0", "--sqs-port", "0", "--allow-http", "127.0.0.1"];
    let mut dev = command(&options).env("TASKWAY_LOG", "trace").spawn().unwrap();
    // Read all the time, so that the log does not fill its pipe.
    let mut errors = dev.stderr.take().unwrap();
    let log = thread::spawn(move || {
        let mut log = Vec::new();
        errors.read_to_end(&mut log).map(|_| String::from_utf8_lossy(&log).into_owned())
    });
    let mut lines = BufReader::new(dev.stdout.take().unwrap()).lines().map(Result::unwrap);
    let api = lines.find_map(|line| line.trim().strip_prefix("API").map(|url| url.trim().to_owned())).unwrap();
    thread::spawn(move || lines.for_each(drop));

    let url = format!("{}/hook?token=tell-nobody-1", receiver.url);
    let headers = ["--header", "authorization: Bearer tell-nobody-2", "--header", "x-api-key: tell-nobody-3"];
    let submit = [&["submit", "--http", &url, "--json", "--wait", "25"], &headers[..]].concat();
    let ran = run(command(&submit).env("TASKWAY_URL", &api), "");
    let _ = dev.kill();
    let _ = dev.wait();
    let log = log.join().unwrap().unwrap();

    assert!(ran.code == 0 && ran.out.contains("succeeded") && !ran.out.contains("tell-nobody"), "{ran:?}");
    let asked = receiver.asked();
    assert!(asked[0].headers.contains("authorization: bearer tell-nobody-2"), "{asked:?}");
    assert!(log.contains("wrote a step"), "the log is at its most talkative: {log}");
    let line = log.lines().find(|line| line.contains("tell-nobody"));
    assert_eq!(line, None);
}
