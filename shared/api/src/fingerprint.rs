//! Whether two requests under one idempotency key ask for the same.

use serde::Serialize;
use serde_json::value::RawValue;
use taskway_protocol::{Digest, RetryPolicy, Target, TaskOptions};
use taskway_strict::json::Document;

use crate::{Instant, Start, TaskRequest, request::members};

/// The digest of what was asked for: the same for any order of names, any whitespace, and a default given or left out.
///
/// Times count as they were asked for: a delay is a delay whenever it is sent, and a `run_at` is the point in time that
/// it names. What has its default is left out, because a key lives up to a year and a later release, with more fields,
/// must find the same digest.
pub fn fingerprint(request: &TaskRequest) -> Digest {
    // Every part is text or a number: serde_json has nothing to refuse.
    Digest::of(asked(request).unwrap_or_default().as_bytes())
}

/// The order in which the first release wrote what it knew. Later fields follow, in the order of their names.
const ORDER: [&str; 15] = [
    "queue",
    "handler",
    "http",
    "payload",
    "priority",
    "delay_seconds",
    "run_at_ms",
    "deadline_ms",
    "timeout_seconds",
    "retry",
    "idempotency_key",
    "fairness_key",
    "expected_duration_ms",
    "retain_seconds",
    "labels",
];

/// A request with one spelling: an object without what has its default.
fn asked(request: &TaskRequest) -> serde_json::Result<String> {
    let mut asked = members(&request.options)?;
    let default = members(&TaskOptions::default())?;
    asked.retain(|name, value| default.get(name).is_none_or(|default| default.get() != value.get()));
    let mut add = |name: &str, value: Box<RawValue>| asked.insert(name.to_owned(), value);
    if request.options.retry != RetryPolicy::default() {
        add("retry", text(&retry(&request.options.retry))?);
    }
    match &request.target {
        Target::Handler(name) => add("handler", text(name)?),
        Target::Http(target) => add("http", text(target)?),
        Target::Lambda(target) => add("lambda", text(target)?),
    };
    if let Some(payload) = &request.payload {
        add("payload", text(&one_spelling(payload.get()))?);
    }
    if let Some(payload) = &request.payload_ref {
        add("payload_ref", text(payload)?);
    }
    match request.start() {
        Start::Now => None,
        Start::In(seconds) => add("delay_seconds", text(&seconds)?),
        Start::At(at) => add("run_at_ms", text(&at.as_millis())?),
    };
    if let Some(Instant(deadline)) = request.deadline {
        add("deadline_ms", text(&deadline.as_millis())?);
    }
    if let Some(key) = &request.idempotency_key {
        add("idempotency_key", text(key)?);
    }
    if !request.labels.is_empty() {
        add("labels", text(&request.labels)?);
    }
    for (name, callback) in [("on_success", &request.on_success), ("on_failure", &request.on_failure)] {
        if let Some(callback) = callback {
            add(name, text(&one_spelling(text(callback)?.get()))?);
        }
    }
    let known = ORDER.map(|name| asked.remove_entry(name));
    let parts = known.into_iter().flatten().chain(asked).map(|(name, value)| format!("\"{name}\":{}", value.get()));
    Ok(format!("{{{}}}", parts.collect::<Vec<_>>().join(",")))
}

/// The multiplier by its bits: no two spellings of one number differ.
fn retry(policy: &RetryPolicy) -> (u32, u32, u32, u64) {
    let RetryPolicy { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier } = *policy;
    (max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier.to_bits())
}

fn text(value: &(impl Serialize + ?Sized)) -> serde_json::Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value)
}

/// A payload that did not come through the strict reader stands for itself.
fn one_spelling(payload: &str) -> String {
    Document::read(payload.as_bytes()).map_or_else(|_| payload.to_owned(), |document| document.root().canonical())
}
