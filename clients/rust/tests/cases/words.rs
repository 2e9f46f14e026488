//! The table's words for arguments, as this client has them.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json, value::RawValue};
use taskway_client::{
    Callback, Filter, Instant, NewSchedule, NewTask, PerKeyRequest, QueueRequest, Rate, RetryPolicy, Selection, Target,
    TaskChange, target,
};
use time::{OffsetDateTime, UtcOffset};

/// What the names of a case stand for, and when it began.
pub(crate) struct Names {
    pub(crate) known: BTreeMap<String, String>,
    pub(crate) began: OffsetDateTime,
}

impl Names {
    /// A value of the table, with its names and stand-ins replaced. Times and what is not JSON stay.
    pub(crate) fn real(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.named(text).into(),
            Value::Array(items) => items.iter().map(|item| self.real(item)).collect(),
            Value::Object(members) => self.object(members),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn named(&self, text: &str) -> String {
        let known = self.known.iter();
        known.fold(text.to_owned(), |text, (name, meant)| text.replace(name, meant))
    }

    fn object(&self, members: &Map<String, Value>) -> Value {
        let number = |name| members.get(name).and_then(Value::as_u64).map(|number| number as usize);
        if let (Some(text), Some(times)) = (members.get("repeat_text"), number("times")) {
            return text.as_str().unwrap().repeat(times).into();
        }
        if let Some(deep) = number("nested_arrays") {
            return serde_json::from_str(&format!("{}{}", "[".repeat(deep), "]".repeat(deep))).unwrap();
        }
        if let Some(seconds) = members.get("in_seconds").and_then(Value::as_i64) {
            return json!({ "at": (self.began + time::Duration::seconds(seconds)).unix_timestamp_nanos().to_string(),
                           "offset": members.get("offset") });
        }
        members.iter().map(|(name, value)| (self.named(name), self.real(value))).collect()
    }
}

/// A moment, with the offset that the step gives it.
pub(crate) fn time(value: &Value) -> OffsetDateTime {
    let at = OffsetDateTime::from_unix_timestamp_nanos(text(&value["at"]).parse().unwrap()).unwrap();
    let offset = value["offset"].as_str().unwrap_or("+00:00");
    let (hours, minutes) = offset[1..].split_once(':').unwrap();
    let minutes = hours.parse::<i32>().unwrap() * 60 + minutes.parse::<i32>().unwrap();
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    at.to_offset(UtcOffset::from_whole_seconds(sign * minutes * 60).unwrap())
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn seconds(value: &Value) -> Duration {
    Duration::from_secs_f64(value.as_f64().unwrap())
}

/// The type that the client has for a word. Where it has none for it, no program can send it.
fn typed<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// A task to submit. `None` if the client has no type for a word of it.
pub(crate) fn new_task(given: &Value, payload_json: Option<&str>) -> Option<NewTask> {
    let mut task = NewTask::of(target_of(&given["target"]));
    if let Some(json) = payload_json {
        task = task.payload(serde_json::from_str::<&RawValue>(json).unwrap());
    }
    for (name, value) in given.as_object().unwrap() {
        task = match name.as_str() {
            "target" => task,
            "payload" if value == &json!({ "not_a_number": true }) => task.payload(&f64::NAN),
            "payload" => task.payload(value),
            "payload_ref" => task.payload_ref(text(value)),
            "queue" => task.queue(text(value)),
            "priority" => task.priority(typed(value)?),
            "delay_seconds" => task.delay(seconds(value)),
            "run_at" => task.run_at(time(value)),
            "deadline" => task.deadline(time(value)),
            "timeout_seconds" => task.timeout(seconds(value)),
            "retry" => task.retry(typed::<RetryPolicy>(value)?),
            "idempotency_key" => task.idempotency_key(text(value)),
            "replace" => task.replace(),
            "fairness_key" => task.fairness_key(text(value)),
            "expected_duration_ms" => task.expected_duration(Duration::from_millis(value.as_u64().unwrap())),
            "retain_seconds" => task.retain(seconds(value)),
            "labels" => labels(value).fold(task, |task, (name, value)| task.label(name, value)),
            "on_success" => task.on_success(callback(value)),
            "on_failure" => task.on_failure(callback(value)),
            other => panic!("submit has no {other}"),
        };
    }
    Some(task)
}

fn target_of(given: &Value) -> Target {
    match given["handler"].as_str() {
        Some(handler) => target::handler(handler),
        None => typed(given).unwrap(),
    }
}

fn labels(given: &Value) -> impl Iterator<Item = (&str, &str)> {
    given.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), text(value)))
}

fn callback(given: &Value) -> Callback {
    let callback = Callback::of(target_of(&given["target"])).queue(text(&given["queue"])).payload(&given["payload"]);
    labels(&given["labels"]).fold(callback, |callback, (name, value)| callback.label(name, value))
}

pub(crate) fn filter(given: &Value) -> Filter {
    given.as_object().unwrap().iter().fold(Filter::new(), |filter, (name, value)| match name.as_str() {
        "queue" => filter.queue(text(value)),
        "state" => filter.state(text(value)),
        "parent_id" => filter.parent_id(text(value)),
        "labels" => labels(value).fold(filter, |filter, (name, value)| filter.label(name, value)),
        "limit" => filter,
        other => panic!("a list has no filter {other}"),
    })
}

pub(crate) fn selection(given: &Value) -> Selection {
    given.as_object().unwrap().iter().fold(Selection::new(), |selection, (name, value)| match name.as_str() {
        "queue" => selection.queue(text(value)),
        "ids" => selection.ids(value.as_array().unwrap().iter().map(text)),
        other => panic!("a change of many has no filter {other}"),
    })
}

pub(crate) fn change(given: &Value) -> TaskChange {
    let instant = |value| Instant::try_from(time(value)).unwrap();
    TaskChange {
        run_at: given.get("run_at").map(instant),
        priority: given.get("priority").map(|priority| typed(priority).unwrap()),
        deadline: given.get("deadline").map(|at| (!at.is_null()).then(|| instant(at))),
    }
}

pub(crate) fn queue_request(given: &Value) -> QueueRequest {
    let (concurrency, rate) = limits(given);
    let per_key = |given: &Value| {
        let (concurrency, rate) = limits(given);
        PerKeyRequest { concurrency, rate }
    };
    let per_key = given.get("per_key").map(|keys| (!keys.is_null()).then(|| per_key(keys)));
    QueueRequest { paused: None, concurrency, rate, per_key }
}

/// The limits that are named. Null is none.
fn limits(given: &Value) -> (Option<Option<NonZeroU32>>, Option<Option<Rate>>) {
    let concurrency = given.get("concurrency").map(|limit| typed(limit).unwrap());
    (concurrency, given.get("rate").map(|rate| typed(rate).unwrap()))
}

pub(crate) fn new_schedule(given: &Value) -> NewSchedule {
    let task = new_task(&given["task"], None).unwrap();
    let schedule = match given["cron"].as_str() {
        Some(expression) => NewSchedule::cron(expression, task),
        None => NewSchedule::every(seconds(&given["every_seconds"]), task),
    };
    given.as_object().unwrap().iter().fold(schedule, |schedule, (name, value)| match name.as_str() {
        "name" | "cron" | "every_seconds" | "task" => schedule,
        "time_zone" => schedule.time_zone(text(value)),
        "overlap" => schedule.overlap(typed(value).unwrap()),
        "misfire" => schedule.misfire(typed(value).unwrap()),
        "jitter_seconds" => schedule.jitter(seconds(value)),
        other => panic!("a schedule has no {other}"),
    })
}
