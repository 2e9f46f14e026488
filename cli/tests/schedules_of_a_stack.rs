//! `schedule …` against `taskway dev`: what the command puts, the API takes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{
    io::{BufRead, BufReader},
    process::Child,
    thread,
};

use serde_json::Value;
use support::{Ran, command, run};

/// A running stack, killed when it is dropped.
struct Dev {
    process: Child,
    url: String,
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Dev {
    /// On free ports; up when this returns.
    fn start() -> Self {
        let args = ["dev", "--port", "0", "--dynamodb-port", "0", "--sqs-port", "0"];
        let mut process = command(&args).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.find_map(|line| line.trim().strip_prefix("API").map(|url| url.trim().to_owned()));
        // Whatever else it says must not fill a pipe.
        thread::spawn(move || lines.for_each(drop));
        let errors = BufReader::new(process.stderr.take().unwrap()).lines();
        thread::spawn(move || errors.for_each(drop));
        Dev { process, url: url.expect("it comes up") }
    }

    fn schedule(&self, args: &[&str]) -> Ran {
        self.schedule_with_input(args, "")
    }

    fn schedule_with_input(&self, args: &[&str], input: &str) -> Ran {
        run(command(&["schedule"]).args(args).env("TASKWAY_URL", &self.url), input)
    }

    fn json(&self, name: &str) -> Value {
        let ran = self.schedule(&["get", name, "--json"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }
}

/// What was put, of what the API says.
fn definition(schedule: &Value) -> Value {
    let mut definition = schedule.clone();
    for said in ["paused", "next_runs", "next_runs_local", "last_run"] {
        definition.as_object_mut().unwrap().remove(said).unwrap();
    }
    definition
}

#[test]
fn a_schedule_from_its_making_to_its_end() {
    let dev = Dev::start();
    let cron = ["--cron", "0 0 29 2 *", "--zone", "Asia/Kathmandu", "--overlap", "skip", "--misfire", "all"];
    let bounds = ["--start", "2026-01-01T00:00:00Z", "--end", "2099-01-01T00:00:00Z", "--jitter", "20"];
    let rest = ["--priority", "low", "--multiplier", "1.5", "--fairness-key", "k", "--label", "a=b"];
    let put = [&["put", "leap", "echo", r#"{"n": null}"#], &cron[..], &bounds[..], &rest[..]].concat();
    let ran = dev.schedule(&put);
    // The 29th of a February begins in the 28th of universal time.
    let ends = "-02-28T18:15:00.000Z (new)\n  at 00:00 on day 29 of February, Asia/Kathmandu time\n";
    let is_leap = ran.out.starts_with("leap next run 20") && ran.out.ends_with(ends);
    assert!(ran.code == 0 && is_leap, "{ran:?}");
    assert_eq!(dev.schedule(&put).out, ran.out.replace(" (new)", ""));
    let http = ["put", "poll", "--every", "86400", "--http", "https://example.com/a", "--header", "x-a: b"];
    let ran = dev.schedule(&http);
    assert!(
        ran.code == 0 && ran.out.starts_with("poll next run ") && ran.out.ends_with(" (new)\n  every 24 hours\n"),
        "{ran:?}"
    );

    for name in ["leap", "poll"] {
        let before = dev.json(name);
        assert!(dev.schedule(&["pause", name]).out.starts_with(&format!("{name} paused\n")));
        let paused = dev.json(name);
        assert_eq!((&paused["paused"], definition(&paused)), (&Value::Bool(true), definition(&before)));
        let ran = dev.schedule(&["resume", name]);
        assert!(ran.out.starts_with(&format!("{name} next run ")), "{ran:?}");
        let resumed = dev.json(name);
        assert_eq!((&resumed["paused"], definition(&resumed)), (&Value::Bool(false), definition(&before)));
    }

    let ran = dev.schedule(&["run", "leap"]);
    let (id, state) = ran.out.trim().split_once(' ').unwrap();
    assert_eq!((ran.code, state), (0, "queued"), "{ran:?}");
    let watched = run(command(&["watch", id]).env("TASKWAY_URL", &dev.url), "");
    assert_eq!(watched.code, 0, "{watched:?}");

    let ran = dev.schedule_with_input(&["put", "poll", "--file", "-"], r#"{"cron":"60 * * * *","task":{}}"#);
    assert_eq!((ran.code, ran.err.contains("\n  /cron: "), ran.err.contains("\n  /task/target: ")), (1, true, true));

    assert_eq!(dev.schedule(&["delete", "leap"]).out, "leap deleted\n");
    for verb in ["get", "delete", "pause"] {
        let ran = dev.schedule(&[verb, "leap"]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        assert!(ran.err.contains("no such schedule"), "{ran:?}");
    }
}
