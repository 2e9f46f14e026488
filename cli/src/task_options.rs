//! The options that say what a task is, which `submit` shares with a schedule.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{ArgGroup, Args, Command, Id};
use clap_complete::ArgValueCandidates;
use serde_json::value::RawValue;
use taskway_api::TaskRequest;
use taskway_protocol::{HttpAuth, HttpTarget, Invocation, Keep, LambdaTarget, RetryPolicy, Target};

use crate::{
    complete,
    failure::Failure,
    lane::Lane,
    name_value::{self, NameValue},
    payload::{self, Origin},
};

/// A target, a payload, and how it is run. That a target must be there is for the command to say.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").args(["payload_json", "payload", "payload_file"]))]
pub(crate) struct TaskOptions {
    /// Handler to call; not with --http or --lambda
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

    /// Header of the answer to keep, and no other; may be repeated
    #[arg(long, value_name = "NAME", requires = "http")]
    keep_header: Vec<String>,

    /// How much of the answer's body to keep, in bytes [default: 65536]
    #[arg(long, value_name = "BYTES", requires = "http")]
    keep_bytes: Option<u32>,

    /// Sign the call for this AWS API, such as execute-api/eu-central-1
    #[arg(long, value_name = "SERVICE/REGION", requires = "http", value_parser = aws_auth)]
    aws_auth: Option<HttpAuth>,

    /// Call this Lambda function instead of a handler: its name or ARN, with or without :QUALIFIER
    #[arg(long, value_name = "FUNCTION")]
    lambda: Option<String>,

    /// How to call it: wait for its answer (request), or only start it (event, or durable by the task's id) [default: request]
    #[arg(long, value_name = "KIND", requires = "lambda", value_parser = invocation)]
    invocation: Option<Invocation>,

    /// Tenant of a function that isolates tenants
    #[arg(long, value_name = "TENANT", requires = "lambda")]
    tenant_id: Option<String>,

    /// The payload, as an option
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    payload: Option<String>,

    /// Read the payload from a file; - is standard input
    #[arg(long, value_name = "FILE")]
    payload_file: Option<PathBuf>,

    /// Queue to put it in [default: default]
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(complete::queues))]
    queue: Option<String>,

    /// Lane [default: normal]
    #[arg(long, value_name = "PRIORITY")]
    priority: Option<Lane>,

    /// Longest an attempt may run, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,

    /// Attempts in all, 1 to 100 [default: 5]
    #[arg(long, value_name = "N")]
    max_attempts: Option<u32>,

    /// Shortest pause between attempts, in seconds [default: 1]
    #[arg(long, value_name = "SECONDS")]
    min_backoff: Option<u32>,

    /// Longest pause between attempts, in seconds, up to 86400 [default: 600]
    #[arg(long, value_name = "SECONDS")]
    max_backoff: Option<u32>,

    /// Growth of the pause from attempt to attempt, 1 to 10 [default: 2]
    #[arg(long, value_name = "FACTOR", value_parser = finite)]
    multiplier: Option<f64>,

    /// Fairness key: tasks of different keys take turns
    #[arg(long, value_name = "KEY")]
    fairness_key: Option<String>,

    /// How long it should take, in milliseconds; the shortest start first
    #[arg(long, value_name = "MS")]
    expected_duration_ms: Option<u32>,

    /// Keep the task after its end, in seconds [default: 604800, 7 days]
    #[arg(long, value_name = "SECONDS")]
    retain: Option<u32>,

    /// Label, kept with the task; may be repeated. `\=` stands for a `=` in the name
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = NameValue::label)]
    labels: Vec<NameValue>,

    /// What is to run when it has succeeded: a callback as the API takes it, such as '{"target": {"handler": "report"}}'
    #[arg(long, value_name = "JSON")]
    on_success: Option<String>,

    /// What is to run when it has failed, or its deadline has passed
    #[arg(long, value_name = "JSON")]
    on_failure: Option<String>,
}

/// The callbacks that the options give, as members of a request. The API reads them, and names what is wrong with them.
#[derive(Debug)]
pub(crate) struct Callbacks(Vec<(&'static str, Box<RawValue>)>);

impl Callbacks {
    /// The request with these members: an object that has others.
    pub(crate) fn beside(&self, request: &str) -> String {
        let members = self.0.iter().map(|(name, callback)| format!("\"{name}\":{callback},"));
        format!("{{{}{}", members.collect::<String>(), &request[1..])
    }
}

impl TaskOptions {
    /// All of them, for what cannot stand beside any. (Naming their group would have clap list them all.)
    pub(crate) fn ids() -> Vec<Id> {
        Self::augment_args(Command::new("task")).get_arguments().map(|option| option.get_id().clone()).collect()
    }

    /// The callbacks of the task, or what is wrong with them.
    pub(crate) fn callbacks(&self) -> Result<Callbacks, Failure> {
        let given = [("on_success", &self.on_success), ("on_failure", &self.on_failure)];
        let given = given.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
        let parsed = given.map(|(name, text)| Ok((name, payload::parse(text, Origin::Callback)?)));
        parsed.collect::<Result<_, Failure>>().map(Callbacks)
    }

    /// The task that the options describe, at once and without a key, or what is wrong with them.
    pub(crate) fn submission(mut self) -> Result<TaskRequest, Failure> {
        let payload = self.take_payload()?;
        let headers = object("header", std::mem::take(&mut self.headers))?;
        let labels = object("label", std::mem::take(&mut self.labels))?;
        let target = match (self.handler, self.http, self.lambda) {
            (Some(handler), None, None) => Target::Handler(handler.into()),
            (None, None, Some(function)) => {
                let (invocation, tenant_id) = (self.invocation.unwrap_or_default(), self.tenant_id.map(Into::into));
                Target::Lambda(LambdaTarget { function: function.into(), invocation, tenant_id })
            }
            (None, Some(url), None) => {
                let method = self.method.unwrap_or_else(|| "POST".to_owned());
                let keep_headers: Vec<_> = self.keep_header.into_iter().map(Into::into).collect();
                let headers_kept = (!keep_headers.is_empty()).then_some(keep_headers);
                let keep = Keep { headers: headers_kept, body_bytes: self.keep_bytes };
                Target::Http(HttpTarget { url, method, headers, auth: self.aws_auth, keep })
            }
            // clap has seen to it that one is there.
            _ => {
                return Err(Failure::Usage("a task has one target: a handler, --http or --lambda".to_owned()));
            }
        };
        let default = taskway_protocol::TaskOptions::default();
        let options = taskway_protocol::TaskOptions {
            queue: self.queue.map_or(default.queue, Into::into),
            priority: self.priority.map_or(default.priority, Lane::priority),
            timeout_seconds: self.timeout.unwrap_or(default.timeout_seconds),
            retry: RetryPolicy {
                max_attempts: self.max_attempts.unwrap_or(default.retry.max_attempts),
                min_backoff_seconds: self.min_backoff.unwrap_or(default.retry.min_backoff_seconds),
                max_backoff_seconds: self.max_backoff.unwrap_or(default.retry.max_backoff_seconds),
                multiplier: self.multiplier.unwrap_or(default.retry.multiplier),
            },
            fairness_key: self.fairness_key.map(Into::into),
            expected_duration_ms: self.expected_duration_ms,
            retain_seconds: self.retain.unwrap_or(default.retain_seconds),
        };
        Ok(TaskRequest { payload, options, labels, ..TaskRequest::of(target) })
    }

    /// Takes the payload from wherever it was given. With `--http` or `--lambda` there is no handler to name, so a lone argument is
    /// the payload.
    fn take_payload(&mut self) -> Result<Option<Box<RawValue>>, Failure> {
        let lone = (self.http.is_some() || self.lambda.is_some()) && self.payload_json.is_none();
        let other = self.payload.is_some() || self.payload_file.is_some();
        if lone && !other && self.handler.as_deref().is_some_and(looks_like_json) {
            self.payload_json = self.handler.take();
        }
        if let Some(path) = &self.payload_file {
            return payload::parse(&payload::read(path, Origin::File)?, Origin::File).map(Some);
        }
        let text = self.payload_json.as_deref().or(self.payload.as_deref());
        text.map(|text| payload::parse(text, Origin::Argument)).transpose()
    }
}

/// No handler's name is like this: those begin with a letter or a digit and hold no brace, bracket or quote.
fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '"', '-']) || serde_json::from_str::<&RawValue>(text).is_ok()
}

fn object(option: &str, pairs: Vec<NameValue>) -> Result<BTreeMap<String, String>, Failure> {
    name_value::object(pairs).map_err(|name| Failure::Usage(format!("--{option} {name} is given twice")))
}

fn invocation(text: &str) -> Result<Invocation, String> {
    Invocation::parse(text).ok_or_else(|| format!("expected one of {}", Invocation::NAMES.join(", ")))
}

fn aws_auth(text: &str) -> Result<HttpAuth, &'static str> {
    let (service, region) = text.split_once('/').ok_or("expected SERVICE/REGION")?;
    Ok(HttpAuth::Aws { service: service.into(), region: region.into() })
}

/// JSON has no infinity and no NaN.
fn finite(text: &str) -> Result<f64, &'static str> {
    text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or("expected a number")
}
