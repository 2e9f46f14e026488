//! `taskway dev` as a process: killed, interrupted, and in its own way.
#![allow(clippy::panic, reason = "a stack that does not come up fails the test that wanted it")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// What has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(90);

/// A directory of the test's own, gone at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("taskway-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running stack, killed when it is dropped.
struct Dev {
    process: Child,
    api: String,
    client: reqwest::Client,
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(data: Option<&Path>, port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskway"));
    command.env_clear().args(["dev", "--port", port, "--dynamodb-port", "0", "--sqs-port", "0"]);
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Dev {
    /// On free ports; up when this returns.
    fn start(data: Option<&Path>) -> Self {
        let mut process = command(data, "0").spawn().expect("the command starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let api = lines
            .by_ref()
            .map(|line| line.expect("UTF-8"))
            .find_map(|line| line.trim().strip_prefix("API").map(|url| url.trim().to_owned()));
        let api = api.unwrap_or_else(|| {
            let mut said = String::new();
            let _ = process.stderr.take().expect("piped").read_to_string(&mut said);
            panic!("it does not come up: {said}")
        });
        // Whatever else it says must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Dev { process, api, client }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.api)).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    async fn task(&self, id: &str) -> Value {
        let answer = self.client.get(format!("{}/v1/tasks/{id}", self.api)).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    /// How many of these tasks are in which state.
    async fn states(&self, ids: &[String]) -> HashMap<String, usize> {
        let mut states = HashMap::new();
        for id in ids {
            let task = self.task(id).await;
            *states.entry(task["state"].as_str().unwrap_or("unknown").to_owned()).or_default() += 1;
        }
        states
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    }
}

fn ids(batch: &Value) -> Vec<String> {
    let results = batch["results"].as_array().expect("results");
    results
        .iter()
        .map(|result| {
            assert_eq!(result["status"], 202, "{result}");
            result["task"]["id"].as_str().expect("an id").to_owned()
        })
        .collect()
}

#[tokio::test]
async fn every_accepted_task_ends_though_the_process_is_killed() {
    let data = Directory::new("killed");
    let mut dev = Dev::start(Some(&data.0));
    let task = json!({"target": {"handler": "sleep"}, "payload": {"seconds": 0.4}, "timeout_seconds": 3,
        "retry": {"max_attempts": 20}});
    let later = json!({"target": {"handler": "echo"}, "delay_seconds": 5});
    let tasks: Vec<_> = (0..200).map(|n| if n % 10 == 0 { later.clone() } else { task.clone() }).collect();
    let ids = ids(&dev.post("/v1/tasks/batch", &json!({"tasks": tasks})).await);
    let give_up = Instant::now() + PATIENCE;
    loop {
        let states = dev.states(&ids).await;
        if states.get("succeeded").is_some_and(|ended| *ended > 20) {
            assert!(states.len() > 1, "everything has ended already: {states:?}");
            break;
        }
        assert!(Instant::now() < give_up, "nothing ends: {states:?}");
    }
    dev.process.kill().expect("kill -9");
    dev.process.wait().expect("it is dead");

    let dev = Dev::start(Some(&data.0));
    loop {
        let states = dev.states(&ids).await;
        if states.get("succeeded") == Some(&200) {
            break;
        }
        assert!(Instant::now() < give_up, "not all end: {states:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn ctrl_c_lets_running_tasks_end_and_keeps_the_rest() {
    let data = Directory::new("drained");
    let mut dev = Dev::start(Some(&data.0));
    let running = dev.post("/v1/tasks", &json!({"target": {"handler": "sleep"}, "payload": {"seconds": 1}})).await;
    let running = running["id"].as_str().expect("an id").to_owned();
    let later = dev.post("/v1/tasks", &json!({"target": {"handler": "echo"}, "delay_seconds": 3600})).await;
    let later = later["id"].as_str().expect("an id").to_owned();
    let give_up = Instant::now() + PATIENCE;
    while dev.task(&running).await["state"] != "running" {
        assert!(Instant::now() < give_up, "it does not start");
    }
    dev.signal("-INT");
    let status = dev.process.wait().expect("it ends");
    assert!(status.success(), "{status}");

    let dev = Dev::start(Some(&data.0));
    let task = dev.task(&running).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("succeeded"), &json!(1)), "{task}");
    assert_eq!(dev.task(&later).await["state"], "scheduled");
}

#[test]
fn a_second_process_on_the_same_data_is_refused() {
    let data = Directory::new("shared");
    let dev = Dev::start(Some(&data.0));
    let refused = command(Some(&data.0), "0").output().expect("the command runs");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("in use") && said.contains(&dev.process.id().to_string()), "{said}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let dev = Dev::start(None);
    let port = dev.api.rsplit(':').next().expect("a port");
    let refused = command(None, port).output().expect("the command runs");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains(port) && said.contains("--port"), "{said}");
}
