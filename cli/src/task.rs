//! A task as the API answers it, read for people. Only `id` and `state` must be there: answers may grow and lists
//! leave things out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::output::{Cell, clipped, plain, plain_line};

/// What people are shown of a task. Times stay text, as the API wrote them.
#[derive(Debug, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) state: String,
    queue: Option<String>,
    target: Option<Target>,
    priority: Option<String>,
    payload: Option<Box<RawValue>>,
    pub(crate) run_at: Option<String>,
    next_attempt_at: Option<String>,
    deadline: Option<String>,
    timeout_seconds: Option<u64>,
    retry: Option<Retry>,
    attempt: Option<u32>,
    generation: Option<u64>,
    idempotency_key: Option<String>,
    fairness_key: Option<String>,
    expected_duration_ms: Option<u64>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    progress: Option<Progress>,
    result: Option<Box<RawValue>>,
    result_url: Option<String>,
    error: Option<TaskError>,
    schedule: Option<String>,
    parent_id: Option<String>,
    traceparent: Option<String>,
    created_at: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
    retained_until: Option<String>,
}

/// What a task calls.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    handler: Option<String>,
    http: Option<HttpTarget>,
    lambda: Option<LambdaTarget>,
}

#[derive(Debug, Deserialize)]
struct HttpTarget {
    url: String,
    method: Option<String>,
}

#[derive(Debug, Deserialize)]
struct LambdaTarget {
    function: String,
}

#[derive(Debug, Deserialize)]
struct Retry {
    max_attempts: Option<u32>,
    min_backoff_seconds: Option<u64>,
    max_backoff_seconds: Option<u64>,
    multiplier: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Progress {
    done: Option<serde_json::Number>,
    total: Option<serde_json::Number>,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TaskError {
    kind: Option<String>,
    message: Option<String>,
    attempt: Option<u32>,
    at: Option<String>,
}

/// A target is cut in a row past so many characters: a URL may have thousands.
const TARGET_MAX: usize = 40;

impl Task {
    /// Whether the task is over. A state that this version does not know is taken for one that goes on.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "succeeded" | "failed" | "cancelled" | "expired")
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.state == "succeeded"
    }

    /// `attempt 2 of 5`; nothing before the first.
    pub(crate) fn attempt(&self) -> Option<String> {
        let attempt = self.attempt.filter(|attempt| *attempt > 0)?;
        let of = self.retry.as_ref().and_then(|retry| retry.max_attempts);
        Some(of.map_or_else(|| format!("attempt {attempt}"), |of| format!("attempt {attempt} of {of}")))
    }

    /// `3 of 10, resizing`.
    pub(crate) fn progress(&self) -> Option<String> {
        let progress = self.progress.as_ref()?;
        let count = match (&progress.done, &progress.total) {
            (Some(done), Some(total)) => Some(format!("{done} of {total}")),
            (Some(done), None) => Some(done.to_string()),
            (None, _) => None,
        };
        let parts: Vec<String> = count.into_iter().chain(progress.note.as_deref().map(plain_line)).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// `handler: connection reset`.
    pub(crate) fn error(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        let parts: Vec<&str> = [&error.kind, &error.message].into_iter().flatten().map(String::as_str).collect();
        Some(plain(&parts.join(": ")))
    }

    /// The result's JSON, cut if it is long.
    pub(crate) fn result(&self) -> Option<String> {
        let inline = self.result.as_ref().map(|result| clipped(result.get()));
        inline.or_else(|| self.result_url.as_deref().map(plain))
    }

    /// When a task that waits for a time goes on: its next attempt's time, else the one that was asked for.
    pub(crate) fn waits_until(&self) -> Option<&str> {
        let waits = self.state == "scheduled";
        self.next_attempt_at.as_deref().or(self.run_at.as_deref()).filter(|_| waits)
    }

    /// The names of a list's columns.
    pub(crate) const COLUMNS: [&str; 6] = ["ID", "STATE", "QUEUE", "TARGET", "RUN AT", "ATTEMPT"];

    /// The task as a row of a list.
    pub(crate) fn row(&self) -> [Cell; 6] {
        let text = |value: &Option<String>| Cell::of(value.as_deref().unwrap_or_default());
        let target = self.target.as_ref().and_then(Target::shown).unwrap_or_default();
        let target = match target.char_indices().nth(TARGET_MAX) {
            Some((end, _)) => format!("{}…", &target[..end]),
            None => target,
        };
        let attempt = self.attempt().unwrap_or_default();
        let attempt = attempt.strip_prefix("attempt ").unwrap_or("-");
        let (id, state) = (Cell::of(&self.id), Cell::state(&self.state));
        [id, state, text(&self.queue), Cell::of(&target), text(&self.run_at), Cell::of(attempt)]
    }

    /// Everything, as keys and values in the order of reading; `state` is given as it should be shown.
    pub(crate) fn rows(&self, state: String) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.as_deref().map(plain);
        let rows = [
            ("id", Some(plain(&self.id))),
            ("state", Some(state)),
            ("attempt", self.attempt().and_then(|text| text.strip_prefix("attempt ").map(str::to_owned))),
            ("progress", self.progress()),
            ("error", self.error()),
            ("error at", self.error.as_ref().and_then(TaskError::occasion)),
            ("result", self.result()),
            ("target", self.target.as_ref().and_then(Target::shown)),
            ("queue", text(&self.queue)),
            ("priority", text(&self.priority)),
            ("payload", self.payload.as_ref().map(|payload| clipped(payload.get()))),
            ("labels", self.labels.as_ref().and_then(labels)),
            ("run at", text(&self.run_at)),
            ("next attempt", text(&self.next_attempt_at)),
            ("deadline", text(&self.deadline)),
            ("timeout", self.timeout_seconds.map(|seconds| format!("{seconds} s"))),
            ("backoff", self.retry.as_ref().and_then(Retry::backoff)),
            ("key", text(&self.idempotency_key)),
            ("fairness key", text(&self.fairness_key)),
            ("expected", self.expected_duration_ms.map(|ms| format!("{ms} ms"))),
            ("schedule", text(&self.schedule)),
            ("parent", text(&self.parent_id)),
            ("trace", text(&self.traceparent)),
            ("generation", self.generation.map(|generation| generation.to_string())),
            ("created", text(&self.created_at)),
            ("started", text(&self.started_at)),
            ("finished", text(&self.finished_at)),
            ("kept until", text(&self.retained_until)),
        ];
        rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

impl Target {
    /// `handler resize`, `PUT https://example.com`.
    pub(crate) fn shown(&self) -> Option<String> {
        let handler = self.handler.as_ref().map(|name| format!("handler {name}"));
        let http = self.http.as_ref().map(|http| format!("{} {}", http.method.as_deref().unwrap_or("POST"), http.url));
        let lambda = self.lambda.as_ref().map(|lambda| format!("lambda {}", lambda.function));
        handler.or(http).or(lambda).as_deref().map(plain)
    }
}

impl Retry {
    /// `1 s to 600 s, times 2`.
    fn backoff(&self) -> Option<String> {
        let (min, max) = (self.min_backoff_seconds?, self.max_backoff_seconds?);
        let growth = self.multiplier.map(|multiplier| format!(", times {multiplier}")).unwrap_or_default();
        Some(format!("{min} s to {max} s{growth}"))
    }
}

impl TaskError {
    /// `2026-11-23T08:00:00.000Z, attempt 2`.
    fn occasion(&self) -> Option<String> {
        let at = plain(self.at.as_deref()?);
        Some(self.attempt.map_or_else(|| at.clone(), |attempt| format!("{at}, attempt {attempt}")))
    }
}

fn labels(labels: &BTreeMap<String, String>) -> Option<String> {
    let shown: Vec<String> = labels.iter().map(|(name, value)| plain_line(&format!("{name}={value}"))).collect();
    (!shown.is_empty()).then(|| shown.join(" "))
}
