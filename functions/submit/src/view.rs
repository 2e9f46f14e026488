//! A task as clients see it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use taskway_protocol::{AttemptError, HttpTarget, Progress, RetryPolicy, State, Task, Time, content::TaskContent};

use crate::instant;

/// A task's JSON. Everything is always there, null where there is nothing; in lists and batches payload and result are
/// left out.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    id: String,
    queue: &'a str,
    target: Target<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    priority: &'static str,
    state: &'static str,
    run_at: Instant,
    next_attempt_at: Option<Instant>,
    deadline: Option<Instant>,
    timeout_seconds: u32,
    retry: Retry,
    attempt: u32,
    generation: u32,
    idempotency_key: Option<&'a str>,
    fairness_key: Option<&'a str>,
    expected_duration_ms: Option<u32>,
    labels: &'a BTreeMap<String, String>,
    progress: Option<ProgressView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    result_url: Option<&'a str>,
    error: Option<ErrorView<'a>>,
    schedule: Option<&'a str>,
    parent_id: Option<&'a str>,
    traceparent: Option<&'a str>,
    on_success: Option<&'a RawValue>,
    on_failure: Option<&'a RawValue>,
    created_at: Instant,
    started_at: Option<Instant>,
    finished_at: Option<Instant>,
    retained_until: Option<Instant>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target<'a> {
    Handler(&'a str),
    Http(&'a HttpTarget),
}

#[derive(Serialize)]
pub(crate) struct Retry {
    max_attempts: u32,
    min_backoff_seconds: u32,
    max_backoff_seconds: u32,
    multiplier: f64,
}

#[derive(Serialize)]
struct ProgressView {
    done: u64,
    total: u64,
    note: Option<&'static str>,
    at: Instant,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    kind: &'static str,
    message: &'a str,
    attempt: u32,
    at: Instant,
}

/// A time in RFC 3339, UTC, to the millisecond.
pub(crate) struct Instant(pub(crate) Time);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&instant::text(self.0))
    }
}

/// The large parts of a task, read from wherever they are.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) content: TaskContent,
    pub(crate) result: Option<Box<RawValue>>,
}

impl<'a> View<'a> {
    /// Everything.
    pub(crate) fn whole(task: &'a Task, parts: &'a Parts, now: Time) -> Self {
        let view = View::brief(task, &parts.content, now);
        let payload = parts.content.payload.as_deref().unwrap_or(RawValue::NULL);
        let result = parts.result.as_deref().unwrap_or(RawValue::NULL);
        View { payload: Some(payload), result: Some(result), ..view }
    }

    /// Without payload and result.
    pub(crate) fn brief(task: &'a Task, content: &'a TaskContent, now: Time) -> Self {
        let spec = &task.spec;
        let (next_attempt_at, finished_at, retained_until) = match task.state {
            State::Scheduled { due, .. } | State::Queued { due } if task.attempts > 0 => (Some(due), None, None),
            State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => (None, None, None),
            State::Ended { at, retained_until, .. } => (None, Some(at), Some(retained_until)),
        };
        View {
            id: task.id.to_string(),
            queue: &spec.queue,
            target: Target::of(&content.target),
            payload: None,
            priority: spec.priority.as_str(),
            state: task.state_at(now).as_str(),
            run_at: Instant(spec.run_at),
            next_attempt_at: next_attempt_at.map(Instant),
            deadline: spec.deadline.map(Instant),
            timeout_seconds: spec.timeout_seconds,
            retry: Retry::of(spec.retry),
            attempt: task.attempts,
            generation: task.generation.0,
            idempotency_key: spec.idempotency.as_ref().map(|idempotency| &*idempotency.key),
            fairness_key: spec.fairness_key.as_deref(),
            expected_duration_ms: spec.expected_duration_ms,
            labels: &content.labels,
            progress: task.progress.map(ProgressView::of),
            result: None,
            result_url: None,
            error: task.error.as_ref().map(ErrorView::of),
            schedule: content.schedule.as_deref(),
            parent_id: None,
            traceparent: content.traceparent.as_deref(),
            on_success: None,
            on_failure: None,
            created_at: Instant(task.id.born),
            started_at: task.started_at.map(Instant),
            finished_at: finished_at.map(Instant),
            retained_until: retained_until.map(Instant),
        }
    }
}

impl<'a> Target<'a> {
    pub(crate) fn of(target: &'a taskway_protocol::Target) -> Self {
        match target {
            taskway_protocol::Target::Handler(name) => Target::Handler(name),
            taskway_protocol::Target::Http(target) => Target::Http(target),
        }
    }
}

impl Retry {
    pub(crate) fn of(policy: RetryPolicy) -> Self {
        let RetryPolicy { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier } = policy;
        Retry { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier }
    }
}

impl ProgressView {
    fn of(progress: Progress) -> Self {
        ProgressView { done: progress.done, total: progress.total, note: None, at: Instant(progress.at) }
    }
}

impl<'a> ErrorView<'a> {
    fn of(error: &'a AttemptError) -> Self {
        ErrorView { kind: error.kind.as_str(), message: &error.message, attempt: error.attempt, at: Instant(error.at) }
    }
}
