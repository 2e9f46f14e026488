//! A task as clients see it.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use taskway_protocol::{AttemptError, State, Target, Task as Record, TaskOptions, Time, content::TaskContent};

use crate::{CallbackRequest, Instant};

/// A task in an answer. Everything is always there, null where there is nothing; lists and batches leave out payload and
/// result. `P` is the JSON text of these two.
///
/// A client reads it with what is missing or unknown left out: only `id` and `state` must be there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Task"))]
#[serde(bound(deserialize = "P: Deserialize<'de>"))]
pub struct Task<P = Box<RawValue>> {
    /// The public id, at most 64 of `[A-Za-z0-9_-]`.
    pub id: String,
    /// `scheduled queued running succeeded failed cancelled expired`. Past its deadline a task that is not running reads as
    /// `expired` at once.
    pub state: Cow<'static, str>,
    /// Whether its queue holds it back: the queue is paused, or the task waits for a limit or a rate.
    #[serde(default)]
    pub held: bool,
    /// What runs it. Credentials are masked.
    #[serde(default, deserialize_with = "known")]
    pub target: Option<Target>,
    /// What the target is given, as it was submitted.
    #[serde(default = "nothing::<P>", skip_serializing_if = "Option::is_none")]
    pub payload: Option<P>,
    /// The upload that is its payload.
    #[serde(default)]
    pub payload_ref: Option<String>,
    /// Where to read that payload, for a quarter of an hour. Left out of lists and batches, and where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_url: Option<String>,
    /// How it is run.
    #[serde(flatten)]
    pub options: TaskOptions,
    /// The time that was asked for.
    #[serde(default)]
    pub run_at: Option<Instant>,
    /// When another attempt starts. Null before the first attempt.
    #[serde(default)]
    pub next_attempt_at: Option<Instant>,
    /// When it is too late.
    #[serde(default)]
    pub deadline: Option<Instant>,
    /// Attempts made; 0 before the first.
    #[serde(default)]
    pub attempt: u32,
    /// How often the task entered the agenda.
    #[serde(default)]
    pub generation: u32,
    /// What its client calls it.
    #[serde(default)]
    pub idempotency_key: Option<Box<str>>,
    /// Names and values to find it by.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What the latest attempt reported.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// What a succeeded task's target returned.
    #[serde(default = "nothing::<P>", skip_serializing_if = "Option::is_none")]
    pub result: Option<P>,
    /// Where to read a result over 256 KiB, for a quarter of an hour; `result` is null then. Left out of lists and batches, and where
    /// there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_url: Option<String>,
    /// Why the latest failed attempt failed.
    #[serde(default)]
    pub error: Option<TaskError>,
    /// The attempts that failed and that another followed, the latest last. A record keeps at most 400 bytes of them, so the earliest
    /// may be missing.
    #[serde(default)]
    pub past_attempts: Vec<PastAttempt>,
    /// The schedule that submitted it.
    #[serde(default)]
    pub schedule: Option<Box<str>>,
    /// The task whose callback this is.
    #[serde(default)]
    pub parent_id: Option<String>,
    /// What runs when it has succeeded. Credentials are masked.
    #[serde(default, deserialize_with = "known")]
    pub on_success: Option<CallbackRequest>,
    /// What runs when it has failed, or its deadline has passed. Credentials are masked.
    #[serde(default, deserialize_with = "known")]
    pub on_failure: Option<CallbackRequest>,
    /// The W3C trace context of its submit.
    #[serde(default)]
    pub traceparent: Option<String>,
    /// When it was submitted.
    #[serde(default)]
    pub created_at: Option<Instant>,
    /// When the latest attempt started.
    #[serde(default)]
    pub started_at: Option<Instant>,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<Instant>,
    /// Until when it is kept.
    #[serde(default)]
    pub retained_until: Option<Instant>,
}

/// How far an attempt has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// Units done.
    pub done: u64,
    /// Units in all.
    pub total: u64,
    /// When the attempt reported this.
    pub at: Instant,
}

/// Why an attempt failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskError {
    /// `handler unknown_handler payload timeout panic lost http lambda deadline`.
    pub kind: Cow<'static, str>,
    /// For a person to read.
    pub message: Box<str>,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When it failed.
    pub at: Instant,
}

/// An attempt that failed, and that another one followed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PastAttempt {
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When it started.
    pub started_at: Instant,
    /// When it failed, or when it was found to be lost.
    pub failed_at: Instant,
    /// `handler unknown_handler payload timeout panic lost http lambda deadline`.
    pub kind: Cow<'static, str>,
    /// The first 100 bytes of its error's message, on one line. Empty if the attempt was lost.
    pub message: Box<str>,
}

impl<P> Task<P> {
    /// The answer about a record as it stands at `now`, without payload and result.
    pub fn of(task: &Record, content: &TaskContent, now: Time) -> Self {
        let spec = &task.spec;
        let (next_attempt_at, finished_at, retained_until) = match task.state {
            State::Scheduled { due, .. } | State::Queued { due } if task.attempts > 0 || task.error.is_some() => {
                (Some(due), None, None)
            }
            State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => (None, None, None),
            State::Ended { at, retained_until, .. } => (None, Some(at), Some(retained_until)),
        };
        Task {
            id: task.id.to_string(),
            state: Cow::Borrowed(task.state_at(now).as_str()),
            held: matches!(task.state, State::Scheduled { held: true, .. }) && !task.state_at(now).is_ended(),
            target: Some(content.target.masked()),
            payload: None,
            payload_ref: content.large_payload.map(|object| object.to_string()),
            payload_url: None,
            options: spec.options.clone(),
            run_at: Some(Instant(spec.run_at)),
            next_attempt_at: next_attempt_at.map(Instant),
            deadline: spec.deadline.map(Instant),
            attempt: task.attempts,
            generation: task.generation.0,
            idempotency_key: spec.idempotency.as_ref().map(|idempotency| idempotency.key.clone()),
            labels: content.labels.clone(),
            progress: task.progress.map(|progress| Progress {
                done: progress.done,
                total: progress.total,
                at: Instant(progress.at),
            }),
            result: None,
            result_url: None,
            error: task.error.as_ref().map(TaskError::of),
            past_attempts: task.past.iter().map(PastAttempt::of).collect(),
            schedule: content.schedule.clone(),
            parent_id: content.parent.map(|parent| parent.to_string()),
            on_success: content.on_success.as_deref().map(CallbackRequest::brief),
            on_failure: content.on_failure.as_deref().map(CallbackRequest::brief),
            traceparent: content.traceparent.clone(),
            created_at: Some(Instant(task.id.born)),
            started_at: task.started_at.map(Instant),
            finished_at: finished_at.map(Instant),
            retained_until: retained_until.map(Instant),
        }
    }
}

impl<P> Task<P> {
    /// Whether the task is over. A state that this release does not know counts as one that goes on.
    pub fn has_ended(&self) -> bool {
        matches!(&*self.state, "succeeded" | "failed" | "cancelled" | "expired")
    }

    /// Whether the task is over and did what it should.
    pub fn has_succeeded(&self) -> bool {
        self.state == "succeeded"
    }
}

impl Task {
    /// What the handler or the Lambda function returned; of an HTTP target, the JSON in the body of its answer. `null` while
    /// there is no result, and where the result is at [`result_url`](Task::result_url). [`result`](Task::result) has the text of the whole.
    ///
    /// # Errors
    /// If it is not a `T`.
    pub fn value<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        #[derive(Deserialize)]
        struct Answer {
            body: String,
        }
        let result = self.result.as_ref().map_or("null", |result| result.get());
        if matches!(self.target, Some(Target::Http(_))) && self.result.is_some() {
            let Answer { body } = serde_json::from_str(result)?;
            return serde_json::from_str(&body);
        }
        serde_json::from_str(result)
    }
}

impl TaskError {
    fn of(error: &AttemptError) -> Self {
        let (kind, message) = (Cow::Borrowed(error.kind.as_str()), error.message.clone());
        TaskError { kind, message, attempt: error.attempt, at: Instant(error.at) }
    }
}

impl PastAttempt {
    fn of(past: &taskway_protocol::PastAttempt) -> Self {
        PastAttempt {
            attempt: past.attempt,
            started_at: Instant(past.started_at),
            failed_at: Instant(past.failed_at),
            kind: Cow::Borrowed(past.kind.as_str()),
            message: past.message.clone(),
        }
    }
}

/// The value where this code knows its form, and none where a newer release has another.
pub(crate) fn known<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let text = Option::<Box<RawValue>>::deserialize(from)?;
    Ok(text.and_then(|text| serde_json::from_str(text.get()).ok()))
}

pub(crate) const fn nothing<P>() -> Option<P> {
    None
}
