//! A task as the API answers it, shown to people.

use std::collections::BTreeMap;

use serde::Deserialize;
use taskway_api::{CallbackRequest, Instant, PastAttempt, TaskError, instant};
use taskway_protocol::{RetryPolicy, Target};

use crate::output::{Cell, clipped, plain, plain_line};

/// A task in an answer. Only `id` and `state` must be there: answers may grow, and lists leave things out.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Task(pub(crate) taskway_api::Task);

/// A row shows at most this many characters of a target: a URL may have thousands.
const TARGET_MAX: usize = 40;

impl Task {
    /// Whether the task is over. A state that this version does not know counts as one that goes on.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.has_ended()
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.0.has_succeeded()
    }

    /// `attempt 2 of 5`; nothing before the first.
    pub(crate) fn attempt(&self) -> Option<String> {
        let attempt = Some(self.0.attempt).filter(|attempt| *attempt > 0)?;
        Some(format!("attempt {attempt} of {}", self.0.options.retry.max_attempts))
    }

    /// How much of how much is done.
    pub(crate) fn progress(&self) -> Option<(u64, u64)> {
        self.0.progress.map(|progress| (progress.done, progress.total))
    }

    /// `handler: connection reset`.
    pub(crate) fn error(&self) -> Option<String> {
        self.0.error.as_ref().map(|error| plain(&format!("{}: {}", error.kind, error.message)))
    }

    /// The past attempts, without the one of the error.
    fn past_attempts(&self) -> Option<String> {
        let shown = self.0.error.as_ref().map(|error| error.at);
        let before = self.0.past_attempts.iter().filter(|past| Some(past.failed_at) != shown);
        let lines: Vec<String> = before.map(failure).collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    /// The result's JSON, cut if it is long.
    pub(crate) fn result(&self) -> Option<String> {
        self.0.result.as_ref().map(|result| clipped(result.get()))
    }

    /// Where to read a result that is too large for an answer.
    pub(crate) fn result_at(&self) -> Option<String> {
        self.0.result_url.as_deref().map(plain)
    }

    /// When a task that waits for a time goes on: its next attempt's time, else the one that was asked for.
    pub(crate) fn waits_until(&self) -> Option<String> {
        let waits = self.0.state == "scheduled";
        shown(self.0.next_attempt_at.or(self.0.run_at)).filter(|_| waits)
    }

    /// The names of a list's columns.
    pub(crate) const COLUMNS: [&str; 6] = ["ID", "STATE", "QUEUE", "TARGET", "RUN AT", "ATTEMPT"];

    /// The task as a row of a list.
    pub(crate) fn row(&self) -> [Cell; 6] {
        let target = self.0.target.as_ref().map(target).unwrap_or_default();
        let target = match target.char_indices().nth(TARGET_MAX) {
            Some((end, _)) => format!("{}…", &target[..end]),
            None => target,
        };
        let attempt = self.attempt().unwrap_or_default();
        let attempt = attempt.strip_prefix("attempt ").unwrap_or("-");
        let run_at = shown(self.0.run_at).unwrap_or_default();
        let (id, state) = (Cell::of(&self.0.id), Cell::state(&self.0.state));
        [id, state, Cell::of(&self.0.options.queue), Cell::of(&target), Cell::of(&run_at), Cell::of(attempt)]
    }

    /// Everything, as keys and values in the order of reading; `state` is given as it should be shown.
    pub(crate) fn rows(&self, state: String) -> Vec<(&'static str, String)> {
        let (task, options) = (&self.0, &self.0.options);
        let text = |value: &Option<Box<str>>| value.as_deref().map(plain);
        let rows = [
            ("id", Some(plain(&task.id))),
            ("state", Some(state)),
            ("held back", task.held.then(|| "by a pause, a limit or a rate of its queue".to_owned())),
            ("attempt", self.attempt().and_then(|text| text.strip_prefix("attempt ").map(str::to_owned))),
            ("progress", self.progress().map(|(done, total)| format!("{done} of {total}"))),
            ("error", self.error()),
            ("error at", task.error.as_ref().map(occasion)),
            ("past attempts", self.past_attempts()),
            ("result", self.result()),
            ("result at", self.result_at()),
            ("target", task.target.as_ref().map(target)),
            ("queue", Some(plain(&options.queue))),
            ("priority", Some(options.priority.as_str().to_owned())),
            ("payload at", task.payload_url.as_deref().map(plain)),
            ("payload", task.payload.as_deref().map(|payload| clipped(payload.get()))),
            ("labels", labels(&task.labels)),
            ("run at", shown(task.run_at)),
            ("next attempt", shown(task.next_attempt_at)),
            ("deadline", shown(task.deadline)),
            ("timeout", Some(format!("{} s", options.timeout_seconds))),
            ("backoff", Some(backoff(&options.retry))),
            ("key", text(&task.idempotency_key)),
            ("fairness key", text(&options.fairness_key)),
            ("expected", options.expected_duration_ms.map(|ms| format!("{ms} ms"))),
            ("schedule", text(&task.schedule)),
            ("follows", task.parent_id.as_deref().map(plain)),
            ("on success", task.on_success.as_ref().map(callback)),
            ("on failure", task.on_failure.as_ref().map(callback)),
            ("trace", task.traceparent.as_deref().map(plain)),
            ("generation", Some(task.generation.to_string())),
            ("created", shown(task.created_at)),
            ("started", shown(task.started_at)),
            ("finished", shown(task.finished_at)),
            ("kept until", shown(task.retained_until)),
        ];
        rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// `handler resize`, `PUT https://example.com`.
pub(crate) fn target(target: &Target) -> String {
    match target {
        Target::Handler(name) => plain(&format!("handler {name}")),
        Target::Http(http) => plain(&format!("{} {}", http.method, http.url)),
        Target::Lambda(lambda) => {
            let tenant = lambda.tenant_id.as_ref().map(|tenant| format!(" of tenant {tenant}")).unwrap_or_default();
            plain(&format!("lambda {} ({}{tenant})", lambda.function, lambda.invocation.as_str()))
        }
    }
}

/// `handler publish`, or `handler publish in the queue pages`.
fn callback(callback: &CallbackRequest) -> String {
    let queue = callback.queue.as_ref().map(|queue| plain(&format!(" in the queue {queue}"))).unwrap_or_default();
    format!("{}{queue}", target(&callback.target))
}

/// `2026-11-23T08:00:00.000Z`.
pub(crate) fn shown(at: Option<Instant>) -> Option<String> {
    at.map(|Instant(at)| instant::text(at))
}

/// `1 s to 600 s, times 2`.
fn backoff(retry: &RetryPolicy) -> String {
    let RetryPolicy { min_backoff_seconds, max_backoff_seconds, multiplier, .. } = retry;
    format!("{min_backoff_seconds} s to {max_backoff_seconds} s, times {multiplier}")
}

/// `attempt 1 after 40 ms, http: 503 Service Unavailable`. Of an attempt that was lost nobody knows how long it ran.
fn failure(past: &PastAttempt) -> String {
    let ms = past.failed_at.0.since(past.started_at.0).as_millis();
    let after = if past.kind == "lost" { String::new() } else { format!(" after {ms} ms") };
    let message = if past.message.is_empty() { String::new() } else { format!(": {}", past.message) };
    plain(&format!("attempt {}{after}, {}{message}", past.attempt, past.kind))
}

/// `2026-11-23T08:00:00.000Z, attempt 2`.
fn occasion(error: &TaskError) -> String {
    format!("{}, attempt {}", instant::text(error.at.0), error.attempt)
}

fn labels(labels: &BTreeMap<String, String>) -> Option<String> {
    let shown: Vec<String> = labels.iter().map(|(name, value)| plain_line(&format!("{name}={value}"))).collect();
    (!shown.is_empty()).then(|| shown.join(" "))
}
