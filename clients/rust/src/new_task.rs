//! A task to submit.

use std::time::Duration;

use serde::Serialize;
use taskway_api::{Instant, TaskRequest};
use taskway_protocol::{Object, Priority, RetryPolicy, Target};
use time::OffsetDateTime;

use crate::{
    callback::Callback,
    error::Misuse,
    json, random, target,
    times::{instant, whole_millis, whole_seconds},
};

/// A task to submit: its target, its payload and its options. What is not given has the API's default. A value that is not JSON
/// or not a time of the API is told when the task is submitted, and nothing is sent then.
///
/// The API takes whole seconds, so a duration is rounded up.
#[derive(Clone, Debug)]
pub struct NewTask {
    request: TaskRequest,
    fault: Option<Misuse>,
}

impl NewTask {
    /// A task for this target.
    pub fn of(target: Target) -> Self {
        TaskRequest::of(target).into()
    }

    /// A task for the handler of this name.
    pub fn handler(name: &str) -> Self {
        NewTask::of(target::handler(name))
    }

    /// A task that sends its payload to this URL by `POST`.
    pub fn http(url: &str) -> Self {
        NewTask::of(target::http(url))
    }

    /// A task that calls the Lambda function of this name or ARN.
    pub fn lambda(function: &str) -> Self {
        NewTask::of(target::lambda(function))
    }

    /// What the target is given: any JSON, at most 256 KiB. Give a [`RawValue`](serde_json::value::RawValue) to send a text as it
    /// is.
    #[must_use]
    pub fn payload<T: Serialize + ?Sized>(self, payload: &T) -> Self {
        self.with(json::text(payload), |request, payload| request.payload = Some(payload))
    }

    /// An [upload](crate::Client::upload) as its payload, in place of another.
    #[must_use]
    pub fn payload_ref(self, payload_ref: &str) -> Self {
        let parsed = Object::parse(payload_ref).ok_or_else(|| Misuse::Name(payload_ref.to_owned()));
        self.with(parsed, |request, object| (request.payload, request.payload_ref) = (None, Some(object)))
    }

    /// The name of the queue: `default` unless given.
    #[must_use]
    pub fn queue(self, name: &str) -> Self {
        self.set(|request| request.options.queue = name.into())
    }

    /// The lane.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        self.set(|request| request.options.priority = priority)
    }

    /// How long from now the first attempt may start. Not together with [`run_at`](NewTask::run_at).
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        self.set(|request| request.delay_seconds = Some(whole_seconds(delay)))
    }

    /// When the first attempt may start. A time in the past means now.
    #[must_use]
    pub fn run_at(self, at: OffsetDateTime) -> Self {
        self.timed(at, |request, at| request.run_at = Some(at))
    }

    /// No attempt starts after it, and an attempt that runs is cut at it.
    #[must_use]
    pub fn deadline(self, at: OffsetDateTime) -> Self {
        self.timed(at, |request, at| request.deadline = Some(at))
    }

    /// How long an attempt may take: 60 s unless given.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(|request| request.options.timeout_seconds = whole_seconds(timeout))
    }

    /// How often an attempt is made, and the waits between attempts.
    #[must_use]
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.set(|request| request.options.retry = policy)
    }

    /// The API makes one task for a key. If none is given, the client makes one for each call.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.set(|request| request.idempotency_key = Some(key.into()))
    }

    /// Takes the place of the task that its idempotency key has, whether that waits, runs or has ended. So of many edits the
    /// last one is worked on.
    #[must_use]
    pub fn replace(self) -> Self {
        self.set(|request| request.replace = true)
    }

    /// Whose task it is. SQS takes turns between the keys of a lane.
    #[must_use]
    pub fn fairness_key(self, key: &str) -> Self {
        self.set(|request| request.options.fairness_key = Some(key.into()))
    }

    /// How long an attempt should take, to the millisecond. Short tasks start first.
    #[must_use]
    pub fn expected_duration(self, duration: Duration) -> Self {
        self.set(|request| request.options.expected_duration_ms = Some(whole_millis(duration)))
    }

    /// How long the record is kept after the task's end: 7 days unless given.
    #[must_use]
    pub fn retain(self, time: Duration) -> Self {
        self.set(|request| request.options.retain_seconds = whole_seconds(time))
    }

    /// A name and a value to find the task by. A task may have several.
    #[must_use]
    pub fn label(self, name: &str, value: &str) -> Self {
        self.set(|request| {
            request.labels.insert(name.to_owned(), value.to_owned());
        })
    }

    /// A task that follows when this one has succeeded.
    #[must_use]
    pub fn on_success(self, callback: Callback) -> Self {
        self.with(callback.request(), |request, callback| request.on_success = Some(callback))
    }

    /// A task that follows when this one has failed, or its deadline has passed.
    #[must_use]
    pub fn on_failure(self, callback: Callback) -> Self {
        self.with(callback.request(), |request, callback| request.on_failure = Some(callback))
    }

    /// The request for this task.
    ///
    /// # Errors
    /// If a value that was given has no meaning.
    pub fn request(self) -> Result<TaskRequest, Misuse> {
        self.fault.map_or(Ok(self.request), Err)
    }

    /// The request with an idempotency key, so that sending it twice makes no second task: the key and the JSON.
    pub(crate) fn keyed(self) -> Result<(Box<str>, String), Misuse> {
        let request = self.request()?;
        if request.replace && request.idempotency_key.is_none() {
            return Err(Misuse::ReplacesNothing);
        }
        let key = request.idempotency_key.clone().unwrap_or_else(random::key);
        let request = TaskRequest { idempotency_key: Some(key.clone()), ..request };
        Ok((key, request.to_json().map_err(Misuse::json)?))
    }

    fn set(mut self, set: impl FnOnce(&mut TaskRequest)) -> Self {
        set(&mut self.request);
        self
    }

    fn timed(self, at: OffsetDateTime, set: impl FnOnce(&mut TaskRequest, Instant)) -> Self {
        self.with(instant(at), set)
    }

    /// Sets a value that may have no meaning. The first fault is kept.
    fn with<T>(mut self, value: Result<T, Misuse>, set: impl FnOnce(&mut TaskRequest, T)) -> Self {
        match value {
            Ok(value) => set(&mut self.request, value),
            Err(fault) => self.fault = self.fault.or(Some(fault)),
        }
        self
    }
}

impl From<TaskRequest> for NewTask {
    fn from(request: TaskRequest) -> Self {
        NewTask { request, fault: None }
    }
}
