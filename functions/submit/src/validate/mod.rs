//! Judges a request as a whole: every fault in it is told at once, each with its place.

mod change;
mod errors;
mod fields;
mod key;
mod numbers;
mod parameters;
mod retry;
mod schedule;
mod schedules;
mod selection;
mod target;
mod times;
mod url;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use taskway_protocol::{Priority, Time};

use self::{
    errors::Errors,
    fields::Fields,
    numbers::whole,
    words::{FARTHEST_SECONDS, characters, choice, name, string, time},
};
use crate::{
    ExecutorKind, LONGEST_INVOCATION,
    json::{Pointer, Value},
    problem::FieldError,
    submission::Submission,
};

pub use change::change;
pub use schedule::schedule;
pub use schedules::schedules;
pub use selection::selection;
pub use times::deadline_fault;
pub use words::{NAME, is_name};

/// The queue of a task that names none.
pub const DEFAULT_QUEUE: &str = "default";

/// An attempt may take a minute unless the task says otherwise.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 60;

/// A record is kept for a week after its task's end.
pub const DEFAULT_RETAIN_SECONDS: u32 = 7 * 86_400;

/// The longest payload in bytes of its text as sent: 256 KiB.
pub const LONGEST_PAYLOAD: usize = 262_144;

/// The faults that are told of one request.
pub const MOST_ERRORS: usize = 100;

/// No attempt is longer than a message can be invisible, 12 hours; so no task is expected to be.
const LONGEST_DURATION_MS: u32 = 43_200_000;

const LANES: &[&str] = &["high", "normal", "low"];

const MOST_LABELS: usize = 16;

/// What depends on how the stack is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// As [`ExecutorKind`] has it.
    pub longest_timeout_seconds: u32,
    /// Whether any address is open to plain http. Which, the executor knows.
    pub plain_http: bool,
    /// Faults told of one request, before the rest are only counted: fewer for each item of a large batch, whose
    /// answer must stay below what a function may return.
    pub most_errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            longest_timeout_seconds: ExecutorKind::Lambda.longest_timeout_seconds(LONGEST_INVOCATION),
            plain_http: false,
            most_errors: MOST_ERRORS,
        }
    }
}

/// Reads a task to be submitted; `header_key` is what the `Idempotency-Key` header says, quotes and all.
///
/// # Errors
/// Everything that is wrong with it.
pub fn submission(
    json: Value<'_>,
    header_key: Option<&str>,
    limits: &Limits,
    now: Time,
) -> Result<Submission, Vec<FieldError>> {
    parse(json, header_key, limits, now, Late::Refused)
}

/// Reads a request that may be the replay of an earlier one: its deadline may have come too near since, or passed.
///
/// With a delay and a deadline, a client that sends the same request again after a lost answer would otherwise be
/// refused, though its task is there. What this takes and [`submission`] does not can be answered with the task of
/// its key, and must not become a new one.
///
/// # Errors
/// Everything else that is wrong with it.
pub fn replayed(
    json: Value<'_>,
    header_key: Option<&str>,
    limits: &Limits,
    now: Time,
) -> Result<Submission, Vec<FieldError>> {
    parse(json, header_key, limits, now, Late::Taken)
}

/// What to do with a deadline that is not after the start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    Refused,
    Taken,
}

fn parse(
    json: Value<'_>,
    header_key: Option<&str>,
    limits: &Limits,
    now: Time,
    late: Late,
) -> Result<Submission, Vec<FieldError>> {
    let mut errors = Errors::at_most(limits.most_errors);
    let read = |fields: &mut Fields<'_, '_>| read(fields, header_key, limits, now, late);
    let submission = Fields::of(json, Pointer::BODY, &mut errors, read);
    errors.settle(submission)
}

fn read(
    fields: &mut Fields<'_, '_>,
    header_key: Option<&str>,
    limits: &Limits,
    now: Time,
    late: Late,
) -> Option<Submission> {
    ["payload_ref", "on_success", "on_failure"].into_iter().for_each(|name| fields.not_yet(name));
    let queue = fields.or("queue", name, DEFAULT_QUEUE.into());
    if !fields.has("target") {
        fields.refuse("target", "is required");
    }
    let target = fields.object("target", |fields| target::target(fields, limits));
    let payload = fields.optional("payload", payload);
    let priority = fields.or("priority", choice(LANES, Priority::parse), Priority::default());
    let start = times::start(fields, now);
    let deadline = fields.optional("deadline", time(now));
    if let (Some(Some(deadline)), Late::Refused) = (deadline, late) {
        let start = start.map_or(now, |start| start.due(now));
        if deadline <= start {
            fields.refuse("deadline", times::not_after(deadline, start));
        }
    }
    let timeout = fields.or("timeout_seconds", whole(1..=limits.longest_timeout_seconds), DEFAULT_TIMEOUT_SECONDS);
    let retry = fields.object("retry", retry::retry);
    let idempotency_key = key::idempotency(fields, header_key);
    let fairness_key = fields.optional("fairness_key", |value| words::key(&string(value)?));
    let expected_duration_ms = fields.optional("expected_duration_ms", whole(0..=LONGEST_DURATION_MS));
    let retain_seconds = fields.or("retain_seconds", whole(0..=FARTHEST_SECONDS), DEFAULT_RETAIN_SECONDS);
    let labels = fields.object("labels", labels);
    Some(Submission {
        queue: queue?,
        target: target??,
        payload: payload?,
        priority: priority?,
        start: start?,
        deadline: deadline?,
        timeout_seconds: timeout?,
        retry: retry?.unwrap_or_default(),
        idempotency_key: idempotency_key?,
        fairness_key: fairness_key?,
        expected_duration_ms: expected_duration_ms?,
        retain_seconds: retain_seconds?,
        labels: labels?.unwrap_or_default(),
    })
}

/// The text itself goes on, not what it says.
fn payload(value: Value<'_>) -> Result<Box<RawValue>, String> {
    match value.raw().len() {
        length if length > LONGEST_PAYLOAD => {
            Err(format!("must be at most {LONGEST_PAYLOAD} bytes as sent, got {length}"))
        }
        // What the strict reader takes, serde_json takes.
        _ => RawValue::from_string(value.raw().to_owned()).map_err(|_| "must be JSON".into()),
    }
}

fn labels(fields: &mut Fields<'_, '_>) -> Option<BTreeMap<String, String>> {
    let given = fields.take_all();
    if given.len() > MOST_LABELS {
        fields.refuse_all(format!("must have at most {MOST_LABELS} labels, got {}", given.len()));
        return None;
    }
    let mut labels = BTreeMap::new();
    for (name, value) in given {
        match characters(1..=64, &name) {
            Ok(()) if name.contains(char::is_control) => fields.refuse(&name, "is a name with control characters"),
            Ok(()) => {
                let text = fields.check(&name, value, |value| {
                    let text = string(value)?;
                    characters(0..=256, &text).map(|()| text.into_owned())
                });
                labels.insert(name.into_owned(), text.unwrap_or_default());
            }
            Err(detail) => fields.refuse(&name, format!("is a name that {detail}")),
        }
    }
    Some(labels)
}
