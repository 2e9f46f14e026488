//! `taskway submit`.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{ArgGroup, Args, ValueEnum, value_parser};
use serde_json::value::RawValue;

use super::watch;
use crate::{
    client::{Answer, Client},
    failure::Failure,
    name_value::{self, NameValue},
    output::{Output, plain},
    payload::{self, Origin},
    submission::{HttpTarget, Retry, Submission, Target},
    task::Task,
    task_id::TaskId,
};

/// Submit a task
///
/// Prints its id and state. Exits 0 once the task is accepted; with --watch, or when it ends within --wait, 1 if it
/// did not succeed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("target").args(["handler", "http"]).required(true).multiple(true))]
#[command(group = ArgGroup::new("source").args(["payload_json", "payload", "payload_file"]))]
pub(crate) struct Submit {
    /// Handler to call; not with --http
    handler: Option<String>,

    /// The payload [default: null]
    #[arg(value_name = "PAYLOAD_JSON", allow_negative_numbers = true)]
    payload_json: Option<String>,

    /// Call this URL instead of a handler
    #[arg(long, value_name = "URL")]
    http: Option<String>,

    /// Method of the call [default: POST]
    #[arg(long, value_name = "METHOD", requires = "http")]
    method: Option<String>,

    /// Header of the call; may be repeated
    #[arg(long = "header", value_name = "NAME:VALUE", requires = "http", value_parser = NameValue::header)]
    headers: Vec<NameValue>,

    /// The payload, as an option
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    payload: Option<String>,

    /// Read the payload from a file; - is standard input
    #[arg(long, value_name = "FILE")]
    payload_file: Option<PathBuf>,

    /// Queue to put it in [default: default]
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,

    /// Lane [default: normal]
    #[arg(long, value_name = "PRIORITY")]
    priority: Option<Priority>,

    /// Start after this many seconds, up to 366 days
    #[arg(long, value_name = "SECONDS", conflicts_with = "run_at")]
    delay: Option<u64>,

    /// Start at this time; one in the past means now
    #[arg(long, value_name = "RFC3339")]
    run_at: Option<String>,

    /// Not started after this time, and cut at it
    #[arg(long, value_name = "RFC3339")]
    deadline: Option<String>,

    /// Longest an attempt may run, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,

    /// Attempts in all, 1 to 100 [default: 5]
    #[arg(long, value_name = "N")]
    max_attempts: Option<u32>,

    /// Shortest pause between attempts, in seconds [default: 1]
    #[arg(long, value_name = "SECONDS")]
    min_backoff: Option<u64>,

    /// Longest pause between attempts, in seconds, up to 86400 [default: 600]
    #[arg(long, value_name = "SECONDS")]
    max_backoff: Option<u64>,

    /// Growth of the pause from attempt to attempt, 1 to 10 [default: 2]
    #[arg(long, value_name = "FACTOR", value_parser = finite)]
    multiplier: Option<f64>,

    /// Idempotency key: submitting again with it finds the first task
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// Fairness key: tasks of different keys take turns
    #[arg(long, value_name = "KEY")]
    fairness_key: Option<String>,

    /// How long it should take, in milliseconds; the shortest start first
    #[arg(long, value_name = "MS")]
    expected_duration_ms: Option<u64>,

    /// Keep the task after its end, in seconds [default: 604800, 7 days]
    #[arg(long, value_name = "SECONDS")]
    retain: Option<u64>,

    /// Label, kept with the task; may be repeated
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = NameValue::label)]
    labels: Vec<NameValue>,

    /// Wait up to this many seconds, 1 to 25, for the task to end
    #[arg(long, value_name = "SECONDS", value_parser = value_parser!(u8).range(1..=25), conflicts_with = "watch")]
    wait: Option<u8>,

    /// Follow the task until it ends
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Priority {
    High,
    Normal,
    Low,
}

const EXAMPLES: &str = "\
Examples:
  taskway submit echo '{\"user\": 42}' --watch
  taskway submit --http https://example.com/hook --payload-file event.json --delay 90 --key event-7";

impl Submit {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let (wait, watch) = (self.wait, self.watch);
        let submission = self.submission()?;
        let body = serde_json::to_string(&submission).map_err(|error| Failure::Other(error.into()))?;
        let answer = client.submit(&body, submission.idempotency_key.is_some(), wait).await?;
        let task = print(&answer, watch, output)?;
        if watch {
            let id: TaskId = task.id.parse().map_err(|error| Failure::Other(anyhow::Error::msg(error)))?;
            return watch::follow(&id, answer, watch::LONGEST_PAUSE, client, output).await;
        }
        if wait.is_some() && task.has_ended() && !task.has_succeeded() { Err(Failure::TaskFailed) } else { Ok(()) }
    }

    /// The request that the options describe, or what is wrong with them.
    fn submission(mut self) -> Result<Submission, Failure> {
        let payload = self.take_payload()?;
        let headers = object("header", std::mem::take(&mut self.headers))?;
        let labels = object("label", std::mem::take(&mut self.labels))?;
        let target = match (self.handler, self.http) {
            (Some(handler), None) => Target::Handler(handler),
            (None, Some(url)) => Target::Http(HttpTarget { url, method: self.method, headers }),
            // clap has seen to it that one is there.
            (Some(_), Some(_)) | (None, None) => {
                return Err(Failure::Usage("a task has one target: a handler or --http".to_owned()));
            }
        };
        Ok(Submission {
            target,
            queue: self.queue,
            payload,
            priority: self.priority.map(|priority| priority.name().to_owned()),
            delay_seconds: self.delay,
            run_at: self.run_at,
            deadline: self.deadline,
            timeout_seconds: self.timeout,
            retry: Retry {
                max_attempts: self.max_attempts,
                min_backoff_seconds: self.min_backoff,
                max_backoff_seconds: self.max_backoff,
                multiplier: self.multiplier,
            },
            idempotency_key: self.key,
            fairness_key: self.fairness_key,
            expected_duration_ms: self.expected_duration_ms,
            retain_seconds: self.retain,
            labels,
        })
    }

    /// Takes the payload from wherever it was given. With `--http` there is no handler to name, so a lone argument is
    /// the payload.
    fn take_payload(&mut self) -> Result<Option<Box<RawValue>>, Failure> {
        let lone = self.http.is_some() && self.payload_json.is_none();
        let other = self.payload.is_some() || self.payload_file.is_some();
        if lone && !other && self.handler.as_deref().is_some_and(looks_like_json) {
            self.payload_json = self.handler.take();
        }
        if let Some(path) = &self.payload_file {
            return payload::parse(&payload::read(path)?, Origin::File).map(Some);
        }
        let text = self.payload_json.as_deref().or(self.payload.as_deref());
        text.map(|text| payload::parse(text, Origin::Argument)).transpose()
    }
}

impl Priority {
    fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// No handler's name is like this: those begin with a letter or a digit and hold no brace, bracket or quote.
fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '"', '-']) || serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Prints the id and the state first, so that a script can cut them off; a watch goes on from there.
fn print(answer: &Answer, watch: bool, output: &Output) -> Result<Task, Failure> {
    let task = answer.task()?;
    if output.json() {
        // The watch prints the first answer as well, as its first line.
        if !watch {
            output.raw(&answer.body)?;
        }
        return Ok(task);
    }
    let id = plain(&task.id);
    let until = task.waits_until().map(|time| format!(" until {time}")).unwrap_or_default();
    let replayed = if answer.replayed { " (submitted before, with this key)" } else { "" };
    output.line(&format!("{id} {}{until}{replayed}", output.state(&task)))?;
    if !watch && task.has_ended() {
        let rows = [("error", task.error()), ("result", task.result())];
        let rows: Vec<_> = rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        output.table(&rows)?;
    }
    Ok(task)
}

fn object(option: &str, pairs: Vec<NameValue>) -> Result<BTreeMap<String, String>, Failure> {
    name_value::object(pairs).map_err(|name| Failure::Usage(format!("--{option} {name} is given twice")))
}

/// JSON has no infinity and no NaN.
fn finite(text: &str) -> Result<f64, &'static str> {
    text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or("expected a number")
}
