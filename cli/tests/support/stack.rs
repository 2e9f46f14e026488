//! A running `taskway dev`, on free ports, with what it printed.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
};

use crate::support::{Ran, command, run};

/// A running stack, killed when it is dropped.
pub(crate) struct Stack {
    pub(crate) process: Child,
    /// The variables of its `export` lines.
    pub(crate) exports: BTreeMap<String, String>,
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command for a stack on free ports.
pub(crate) fn dev(options: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = command(&["dev", "--port", "0", "--dynamodb-port", "0", "--sqs-port", "0"]);
    command.args(options).stdin(Stdio::null()).envs(environment.iter().copied());
    command
}

impl Stack {
    /// Up when this returns.
    pub(crate) fn start(options: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = dev(options, environment).spawn().expect("the command starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut exports = BTreeMap::new();
        let up = lines.by_ref().map(|line| line.expect("UTF-8")).any(|line| {
            let variables = line.trim().strip_prefix("export ").unwrap_or_default().split(' ');
            let pairs = variables.filter_map(|pair| pair.split_once('='));
            exports.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            line.starts_with("Ctrl-C")
        });
        if !up {
            let mut said = String::new();
            let _ = process.stderr.take().expect("piped").read_to_string(&mut said);
            panic!("it does not come up: {said}");
        }
        // Whatever else it says must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        Stack { process, exports }
    }

    /// Runs the command against this stack, in an environment of its own.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(command(args).env("TASKWAY_URL", &self.exports["TASKWAY_URL"]), "")
    }

    /// Sends a request to the port behind this exported URL, as it stands, and returns the answer.
    pub(crate) fn raw(&self, url: &str, request: &str) -> String {
        let address = self.exports[url].strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}
