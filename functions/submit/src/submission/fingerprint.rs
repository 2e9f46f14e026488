//! Whether two requests under one idempotency key ask for the same.

use std::collections::BTreeMap;

use serde::Serialize;
use taskway_protocol::{Digest, HttpTarget, Priority, RetryPolicy, Target, Time};

use super::{Start, Submission};
use crate::{
    json::Document,
    validate::{DEFAULT_QUEUE, DEFAULT_RETAIN_SECONDS, DEFAULT_TIMEOUT_SECONDS},
};

/// The digest of what was asked for: the same for any order of names, any whitespace, and a default given or left out.
///
/// Times count as they were asked for: a delay is a delay whenever it is sent, and a `run_at` is the point in time that
/// it names. What has its default is left out, for a key lives up to a year and a later release, with more
/// fields, must find the same digest.
pub fn fingerprint(submission: &Submission) -> Digest {
    // Every part is text or a number: there is nothing that serde_json could refuse.
    Digest::of(&serde_json::to_vec(&Asked::from(submission)).unwrap_or_default())
}

/// A submission with one spelling. The order and the names of these fields are kept for as long as keys are.
#[derive(Serialize)]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<&'a HttpTarget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<u32>,
    /// The multiplier by its bits: no two spellings of one number differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<(u32, u32, u32, u64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_duration_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retain_seconds: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a Submission> for Asked<'a> {
    fn from(submission: &'a Submission) -> Self {
        let Submission { target, payload, start, retry, labels, .. } = submission;
        let (handler, http) = match target {
            Target::Handler(name) => (Some(&**name), None),
            Target::Http(target) => (None, Some(target)),
        };
        let (delay_seconds, run_at_ms) = match *start {
            Start::Now => (None, None),
            Start::In(seconds) => (Some(seconds), None),
            Start::At(at) => (None, Some(at.as_millis())),
        };
        let RetryPolicy { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier } = *retry;
        let steps = (max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier.to_bits());
        Asked {
            queue: other_than(DEFAULT_QUEUE, &submission.queue),
            handler,
            http,
            payload: payload.as_ref().map(|payload| one_spelling(payload.get())),
            priority: other_than(Priority::default().as_str(), submission.priority.as_str()),
            delay_seconds,
            run_at_ms,
            deadline_ms: submission.deadline.map(Time::as_millis),
            timeout_seconds: other_than(DEFAULT_TIMEOUT_SECONDS, submission.timeout_seconds),
            retry: (*retry != RetryPolicy::default()).then_some(steps),
            idempotency_key: submission.idempotency_key.as_deref(),
            fairness_key: submission.fairness_key.as_deref(),
            expected_duration_ms: submission.expected_duration_ms,
            retain_seconds: other_than(DEFAULT_RETAIN_SECONDS, submission.retain_seconds),
            labels,
        }
    }
}

fn other_than<T: PartialEq>(default: T, given: T) -> Option<T> {
    (given != default).then_some(given)
}

/// A payload that did not come through the reader stands for itself.
fn one_spelling(payload: &str) -> String {
    Document::read(payload.as_bytes()).map_or_else(|_| payload.to_owned(), |document| document.root().canonical())
}
