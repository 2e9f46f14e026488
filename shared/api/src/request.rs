//! A task as it is submitted.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use serde_json::{json, value::RawValue};
use taskway_protocol::{FARTHEST_SECONDS, HttpTarget, Limits, Object, Target, TaskOptions, Time};
use taskway_strict::{
    FieldError, Fields, Schema,
    json::Value,
    numbers::whole,
    object, read,
    words::{a_key, boolean, characters, string},
};

use crate::{
    CallbackRequest, Instant, key,
    payload::{LONGEST_PAYLOAD, payload},
    target, times,
    upload::payload_ref,
};

/// The most labels of a task.
pub const MOST_LABELS: usize = 16;

/// The longest name of a label, in characters.
pub const LONGEST_LABEL_NAME: usize = 64;

/// The longest value of a label, in characters.
pub const LONGEST_LABEL: usize = 256;

object! {
    /// A task to be submitted, `POST /v1/tasks`.
    #[derive(Clone, Debug, Serialize)]
    pub struct TaskRequest reads (limits: &Limits, now: Time, kept: Option<&HttpTarget>) {
        /// What is to run.
        pub target: Target = object_required(|fields| target::target(fields, limits, kept), target::schema()),
        /// What the target is given: any JSON, to 256 KiB as sent, together with the payloads of its callbacks. It is passed on as
        /// it was sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub payload: Option<Box<RawValue>> = optional(payload()),
        /// The `payload_ref` of an upload by the same caller, in place of a payload (`POST /v1/payloads`).
        #[serde(skip_serializing_if = "Option::is_none")]
        pub payload_ref: Option<Object> = optional(payload_ref()),
        /// How the task is run.
        #[serde(flatten)]
        pub options: TaskOptions = part(|fields| TaskOptions::take(fields, limits), TaskOptions::schema(limits)),
        /// When to start, to 366 days ahead; a time that has passed means now. Not together with `delay_seconds`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub run_at: Option<Instant> = optional(times::within_a_year(now)),
        /// How long to wait before the start, in seconds, to 366 days. Not together with `run_at`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub delay_seconds: Option<u32> = optional(whole(0..=FARTHEST_SECONDS)),
        /// When it is too late: after the start, to 366 days ahead.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub deadline: Option<Instant> = optional(times::within_a_year(now)),
        /// What the client calls this task, so that it is submitted once: 1 to 128 visible ASCII characters. The header
        /// `Idempotency-Key` says the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub idempotency_key: Option<Box<str>> = optional(a_key()),
        /// What becomes of a task that is there under the idempotency key. `false`: it is the answer. `true`: it is replaced by this
        /// one, and keeps its id; an attempt that runs is told to stop.
        #[serde(skip_serializing_if = "is_false")]
        pub replace: bool = or(false, boolean()),
        /// Names and values to find the task by: at most 16, names to 64 and values to 256 characters.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub labels: BTreeMap<String, String> = object_or(BTreeMap::new(), labels, labels_schema()),
        /// What is to run when it has succeeded.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub on_success: Option<CallbackRequest> =
            object_or_none(|fields| CallbackRequest::take(fields, limits), CallbackRequest::schema(limits)),
        /// What is to run when it has failed, or its deadline has passed. Nothing runs when it is cancelled.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub on_failure: Option<CallbackRequest> =
            object_or_none(|fields| CallbackRequest::take(fields, limits), CallbackRequest::schema(limits)),
    }
}

/// What to do with a deadline that is not after the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Late {
    /// Refuse it.
    Refused,
    /// Take it: the request may be the replay of an earlier one, whose deadline has come too near since, or passed. A client
    /// that sends the same request again after a lost answer must not be refused where its task is there. What is taken
    /// so can be answered with the task of its key, and must not become a new one.
    Taken,
}

/// When a task is to start, as it was asked for: not yet a point in time, so that a request sent twice reads the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// At once.
    Now,
    /// After this many seconds.
    In(u32),
    /// At this time, or at once when that has passed.
    At(Time),
}

impl Start {
    /// The time that it means for a request received at `now`.
    pub fn due(self, now: Time) -> Time {
        match self {
            Start::Now => now,
            Start::In(seconds) => now.after(Duration::from_secs(seconds.into())),
            Start::At(at) => at.max(now),
        }
    }
}

impl TaskRequest {
    /// A task for this target, with every default.
    pub fn of(target: Target) -> Self {
        TaskRequest {
            target,
            payload: None,
            payload_ref: None,
            options: TaskOptions::default(),
            run_at: None,
            delay_seconds: None,
            deadline: None,
            idempotency_key: None,
            replace: false,
            labels: BTreeMap::new(),
            on_success: None,
            on_failure: None,
        }
    }

    /// Reads a request that was received at `now`; `header_key` is what the header `Idempotency-Key` says, quotes and all.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(
        body: Value<'_>,
        header_key: Option<&str>,
        limits: &Limits,
        now: Time,
        late: Late,
    ) -> Result<Self, Vec<FieldError>> {
        read(body, limits.most_errors, |fields| {
            let from_header = key::from_header(fields, header_key);
            let request = TaskRequest::judged(fields, limits, now, late, None);
            key::one(fields, request?, from_header?)
        })
    }

    /// Takes the fields and holds them against each other. `kept` is the target that the request may repeat as answers
    /// show it.
    pub(crate) fn judged(
        fields: &mut Fields<'_, '_>,
        limits: &Limits,
        now: Time,
        late: Late,
        kept: Option<&HttpTarget>,
    ) -> Option<Self> {
        let has_payloads = fields.has("payload") && fields.has("payload_ref");
        let has_both = fields.has("run_at") && fields.has("delay_seconds");
        let run_at = fields.peek("run_at", times::within_a_year(now).judge);
        let delay_seconds = fields.peek("delay_seconds", whole(0..=FARTHEST_SECONDS).judge);
        let deadline = fields.peek("deadline", times::within_a_year(now).judge);
        let request = TaskRequest::take(fields, limits, now, kept);
        if has_both {
            fields.refuse("run_at", "must not be given together with delay_seconds");
        }
        if has_payloads {
            fields.refuse("payload_ref", "must not be given together with payload");
        }
        let start = if has_both { now } else { start(run_at, delay_seconds).due(now) };
        if let (Some(Instant(deadline)), Late::Refused) = (deadline, late)
            && deadline <= start
        {
            fields.refuse("deadline", times::not_after(deadline, start));
        }
        if let Some(TaskRequest { payload_ref: Some(payload), target: Target::Lambda(target), .. }) = &request {
            let (limit, invocation) = (target.invocation.largest_payload(), target.invocation.as_str());
            if payload.bytes > limit {
                let detail =
                    format!("must name at most {limit} bytes for a Lambda target with invocation {invocation}");
                fields.refuse("payload_ref", format!("{detail}, got {}", payload.bytes));
            }
        }
        if let Some(request) = &request {
            let callbacks = [&request.on_success, &request.on_failure].into_iter().flatten();
            let payloads = callbacks.map(|callback| &callback.payload).chain([&request.payload]);
            let bytes: usize = payloads.flatten().map(|payload| payload.get().len()).sum();
            if bytes > LONGEST_PAYLOAD {
                let together = "together with the payloads of on_success and on_failure";
                fields.refuse("payload", format!("must be at most {LONGEST_PAYLOAD} bytes {together}, got {bytes}"));
            }
        }
        request
    }

    /// When it is to start.
    pub fn start(&self) -> Start {
        start(self.run_at, self.delay_seconds)
    }

    /// The request's JSON without what has its default.
    ///
    /// # Errors
    /// If the payload is not JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let given = members(self)?;
        let default = members(&TaskOptions::default())?;
        let differs = |name: &String, value: &RawValue| {
            default.get(name).is_none_or(|default| default.get() != value.get())
                && (name == "payload" || value.get() != "null")
        };
        let given: BTreeMap<&String, &RawValue> =
            given.iter().map(|(name, value)| (name, &**value)).filter(|(name, value)| differs(name, value)).collect();
        serde_json::to_string(&given)
    }
}

/// No delay is the same as none given.
fn start(run_at: Option<Instant>, delay_seconds: Option<u32>) -> Start {
    match (run_at, delay_seconds) {
        (Some(Instant(at)), _) => Start::At(at),
        (None, None | Some(0)) => Start::Now,
        (None, Some(seconds)) => Start::In(seconds),
    }
}

fn is_false(given: &bool) -> bool {
    !given
}

/// The members of an object, each with its text.
pub(crate) fn members(object: &impl Serialize) -> serde_json::Result<BTreeMap<String, Box<RawValue>>> {
    serde_json::from_str(&serde_json::to_string(object)?)
}

/// The JSON Schema of [`labels`].
pub fn labels_schema() -> Schema {
    json!({
        "type": "object",
        "maxProperties": MOST_LABELS,
        "propertyNames": { "minLength": 1, "maxLength": LONGEST_LABEL_NAME, "pattern": NO_CONTROLS },
        "additionalProperties": { "type": "string", "maxLength": LONGEST_LABEL },
    })
}

/// A text without control characters, as a regular expression.
const NO_CONTROLS: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// Takes labels: names and values of the client's own.
pub fn labels(fields: &mut Fields<'_, '_>) -> Option<BTreeMap<String, String>> {
    let given = fields.take_all();
    if given.len() > MOST_LABELS {
        fields.refuse_all(format!("must have at most {MOST_LABELS} labels, got {}", given.len()));
        return None;
    }
    let mut labels = BTreeMap::new();
    for (name, value) in given {
        match characters(1..=LONGEST_LABEL_NAME, &name) {
            Ok(()) if name.contains(char::is_control) => fields.refuse(&name, "is a name with control characters"),
            Ok(()) => {
                let text = fields.check(&name, value, |value| {
                    let text = string(value)?;
                    characters(0..=LONGEST_LABEL, &text).map(|()| text.into_owned())
                });
                labels.insert(name.into_owned(), text.unwrap_or_default());
            }
            Err(detail) => fields.refuse(&name, format!("is a name that {detail}")),
        }
    }
    Some(labels)
}
