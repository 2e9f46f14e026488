//! A server that answers from a script, and the built command run against it.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
};

/// One answer of the script.
pub(crate) struct Reply {
    status: &'static str,
    headers: &'static str,
    body: String,
}

impl Reply {
    pub(crate) fn new(status: &'static str, body: impl Into<String>) -> Self {
        Self { status, headers: "", body: body.into() }
    }

    /// Adds header lines, each ended by `\r\n`.
    pub(crate) fn headers(self, headers: &'static str) -> Self {
        Self { headers, ..self }
    }
}

/// What the server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET /v1/tasks/a`.
    pub(crate) line: String,
    /// All header lines, in lower case.
    pub(crate) headers: String,
    /// The same as they came.
    pub(crate) raw_headers: String,
    pub(crate) body: String,
}

/// A server on a free port of loopback. It answers one request a connection, the last reply over and over.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) fn new(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        // Ends with the test's process.
        thread::spawn(move || {
            for (turn, stream) in listener.incoming().enumerate() {
                let mut stream = stream.expect("a connection");
                let request = read(&mut BufReader::new(&stream));
                log.lock().expect("log").push(request);
                let Reply { status, headers, body } = &script[turn.min(script.len() - 1)];
                let length = body.len();
                // The command may have been killed, or have gone.
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("log").clone()
    }

    /// Runs the command against this server.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with_input(args, "")
    }

    /// As `run`, with a standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        run(command(args).env("TASKWAY_URL", &self.url), input)
    }
}

fn read(stream: &mut impl BufRead) -> Asked {
    let mut line = String::new();
    stream.read_line(&mut line).expect("a request line");
    let mut raw_headers = String::new();
    while !raw_headers.ends_with("\n\r\n") && raw_headers != "\r\n" {
        assert_ne!(stream.read_line(&mut raw_headers).expect("headers"), 0, "the request ends early");
    }
    let headers = raw_headers.to_lowercase();
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    stream.read_exact(&mut body).expect("the body");
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Asked { line, headers, raw_headers, body: String::from_utf8(body).expect("UTF-8") }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The built command with these arguments, in an environment of its own.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskway"));
    command.env_clear().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command, input: &str) -> Ran {
    let mut child = command.spawn().expect("the command starts");
    // Dropped at once, so that the command sees the end. It need not read.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the command ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: status.code().expect("an exit code"), out: text(stdout), err: text(stderr) }
}
