//! Workers as processes, stopped by signals in the middle of a task.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a process that does not come up fails the test that wanted it")]

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// What has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(90);

/// A process, killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    fn start(args: &[&str], variables: &[(String, String)]) -> (Self, impl Iterator<Item = String> + use<>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taskway"));
        command.env_clear().envs(variables.iter().cloned()).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the command starts");
        let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        (Process(process), lines.map(|line| line.expect("UTF-8")))
    }

    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    }

    fn ends(self) -> ExitStatus {
        self.ends_within(PATIENCE).unwrap_or_else(|_| panic!("it does not end"))
    }

    /// Sends a signal until the process ends, again after each `pause`.
    fn ends_by(mut self, signal: &str, pause: Duration) -> ExitStatus {
        let give_up = Instant::now() + PATIENCE;
        loop {
            self.signal(signal);
            self = match self.ends_within(pause) {
                Ok(status) => return status,
                Err(running) => running,
            };
            assert!(Instant::now() < give_up, "it does not end");
        }
    }

    /// How the process ended, or the process if it runs on.
    fn ends_within(mut self, time: Duration) -> Result<ExitStatus, Self> {
        let give_up = Instant::now() + time;
        loop {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return Ok(status);
            }
            if Instant::now() >= give_up {
                return Err(self);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A stack. By default it leaves the lane `normal` to workers.
struct Stack {
    process: Process,
    api: String,
    variables: Vec<(String, String)>,
    client: reqwest::Client,
}

impl Stack {
    fn start() -> Self {
        Self::start_with(&["--lanes", "high"])
    }

    fn start_with(more: &[&str]) -> Self {
        let args = [&["dev", "--port", "0", "--dynamodb-port", "0", "--sqs-port", "0"], more].concat();
        let (process, mut lines) = Process::start(&args, &[]);
        let mut variables = Vec::new();
        for line in lines.by_ref() {
            if let Some(exports) = line.trim().strip_prefix("export ") {
                let pairs = exports.split(' ').filter_map(|pair| pair.split_once('='));
                variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            if line.contains("Ctrl-C") {
                break;
            }
        }
        thread::spawn(move || lines.for_each(drop));
        let api = variables.iter().find(|(name, _)| name == "TASKWAY_URL").expect("the stack comes up").1.clone();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Stack { process, api, variables, client }
    }

    /// A worker that polls.
    fn worker(&self, args: &[&str], variables: &[(&str, &str)]) -> Process {
        let given = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let variables: Vec<_> = self.variables.iter().cloned().chain(given).collect();
        let all: Vec<&str> = ["worker", "--lanes", "normal"].into_iter().chain(args.iter().copied()).collect();
        let (worker, mut lines) = Process::start(&all, &variables);
        assert!(lines.any(|line| line == "ready"), "the worker does not start");
        thread::spawn(move || lines.for_each(drop));
        worker
    }

    async fn submit(&self, seconds: f64) -> String {
        let task =
            json!({"target": {"handler": "sleep"}, "payload": {"seconds": seconds}, "retry": {"max_attempts": 1}});
        let request = self.client.post(format!("{}/v1/tasks", self.api)).header("content-type", "application/json");
        let answer = request.body(task.to_string()).send().await.expect("an answer");
        let task: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        task["id"].as_str().expect("an id").to_owned()
    }

    /// Changes the queue of all tasks, and returns it.
    async fn set_queue(&self, change: &Value) -> Value {
        let request = self.client.patch(format!("{}/v1/queues/default", self.api));
        let request = request.header("content-type", "application/json").body(change.to_string());
        serde_json::from_slice(&request.send().await.expect("an answer").bytes().await.expect("a body")).expect("JSON")
    }

    async fn task(&self, id: &str) -> Value {
        let answer = self.client.get(format!("{}/v1/tasks/{id}", self.api)).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    async fn comes_to(&self, id: &str, state: &str) -> Value {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let task = self.task(id).await;
            if task["state"] == state {
                return task;
            }
            assert!(Instant::now() < give_up, "it is not {state}: {task}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn another_worker_goes_on_with_what_a_stopped_one_gives_back() {
    let stack = Stack::start();
    // A second signal ends a long drain, as the end of a short one does.
    type Way<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a [&'a str]);
    let ways: [Way<'_>; 5] = [
        (&["--drain", "0"], &[], &["-TERM"]),
        (&[], &[("TASKWAY_DRAIN_SECONDS", "0")], &["-INT"]),
        (&["--drain", "3600"], &[("TASKWAY_DRAIN_SECONDS", "0")], &["-TERM", "-TERM"]),
        (&["--drain", "0"], &[], &["-QUIT"]),
        (&["--drain", "0"], &[], &["-HUP"]),
    ];
    for (args, variables, signals) in ways {
        let first = stack.worker(args, variables);
        let id = stack.submit(2.0).await;
        stack.comes_to(&id, "running").await;
        let second = stack.worker(&[], &[]);
        let (last, before) = signals.split_last().unwrap();
        for signal in before {
            first.signal(signal);
            thread::sleep(Duration::from_millis(200));
        }
        // Signals that come together are one, and a busy machine may be slow to take the one before.
        let again = if before.is_empty() { PATIENCE } else { Duration::from_secs(2) };
        assert!(first.ends_by(last, again).success(), "{args:?}");
        let task = stack.comes_to(&id, "succeeded").await;
        assert_eq!(task["attempt"], 1, "{args:?}: {task}");
        second.signal("-KILL");
    }
}

#[tokio::test]
async fn a_stack_that_is_stopped_twice_gives_its_tasks_back() {
    let data = std::env::temp_dir().join(format!("taskway-stopped-twice-{}", std::process::id()));
    let args = ["--data", data.to_str().expect("UTF-8")];
    let stack = Stack::start_with(&args);
    let id = stack.submit(20.0).await;
    stack.comes_to(&id, "running").await;
    stack.process.signal("-TERM");
    thread::sleep(Duration::from_millis(200));
    stack.process.signal("-TERM");
    assert!(stack.process.ends().success());
    let stack = Stack::start_with(&args);
    let task = stack.comes_to(&id, "running").await;
    assert_eq!(task["attempt"], 1, "{task}");
    drop(stack);
    std::fs::remove_dir_all(&data).expect("the directory is there");
}

#[tokio::test]
async fn a_worker_ends_when_its_last_task_has_ended_within_the_drain() {
    let stack = Stack::start();
    let worker = stack.worker(&["--drain", "3600"], &[]);
    let id = stack.submit(1.0).await;
    stack.comes_to(&id, "running").await;
    worker.signal("-TERM");
    assert!(worker.ends().success());
    let task = stack.task(&id).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("succeeded"), &json!(1)));
}

#[test]
fn a_drain_that_cannot_be_read_is_named() {
    for wrong in ["soon", "-1", "43201"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taskway"));
        command.env_clear().env("TASKWAY_DRAIN_SECONDS", wrong).arg("worker").stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the command starts");
        let mut said = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
        assert_eq!(child.wait().expect("it ends").code(), Some(1), "{said}");
        assert!(
            said.contains("TASKWAY_DRAIN_SECONDS") && said.contains("0 to 43200") && said.contains(wrong),
            "{said}"
        );
    }
}

#[tokio::test]
async fn what_a_queue_has_sent_ahead_runs_after_a_restart() {
    let data = std::env::temp_dir().join(format!("taskway-sent-ahead-{}", std::process::id()));
    let args = ["--data", data.to_str().expect("UTF-8"), "--lanes", "high,normal"];
    let stack = Stack::start_with(&args);
    let rate = |tasks, per_seconds| json!({"rate": {"tasks": tasks, "per_seconds": per_seconds}});
    stack.set_queue(&rate(1, 3_600)).await;
    // Executors know of it by then.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(stack.submit(0.0).await);
    }
    let give_up = Instant::now() + PATIENCE;
    while stack.set_queue(&json!({})).await["held"] != 2 {
        assert!(Instant::now() < give_up, "they are not held");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Their messages are under way when the stack dies.
    assert_eq!(stack.set_queue(&rate(60, 60)).await["held"], 0);
    stack.process.signal("-KILL");
    drop(stack);
    let stack = Stack::start_with(&args);
    for id in ids {
        stack.comes_to(&id, "succeeded").await;
    }
    drop(stack);
    std::fs::remove_dir_all(&data).expect("the directory is there");
}
