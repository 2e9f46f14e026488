//! Which tasks a change of many is about.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use taskway_strict::{
    Check, PlainCheck,
    json::{Json, Value},
    numbers::whole,
    object,
    words::{choice, name, string},
};

use crate::{labels, request::labels_schema};

/// The most tasks that one call lists or changes.
pub const MOST_TASKS: u32 = 500;

object! {
    default
    /// The body of `POST /v1/tasks/cancel` and `POST /v1/dead/redrive`: all filters must hold.
    #[derive(Clone, Debug, Serialize)]
    pub struct BulkRequest reads (states: &'static [&'static str]) {
        /// In this queue.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub queue: Option<Box<str>> = optional(name()),
        /// In this state; redriving takes none.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub state: Option<Box<str>> = optional(choice(states, |state| states.contains(&state).then(|| Box::<str>::from(state)))),
        /// With these labels at least.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub labels: BTreeMap<String, String> = object_or(BTreeMap::new(), labels, labels_schema()),
        /// Of these tasks, 1 to 500.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub ids: Vec<Box<str>> = or(Vec::new(), ids()),
        /// Every task; it excludes the filters.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pub all: bool = or(false, yes()),
        /// The most tasks to change, 1 to 500.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32> = optional(whole(1..=MOST_TASKS)),
        /// The `next_cursor` of the call before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<Box<str>> = optional(cursor()),
    }
}

fn yes() -> PlainCheck<bool> {
    let judge = |value: Value<'_>| match value.read() {
        Json::Bool(true) => Ok(true),
        Json::Bool(false) => Err("must be true, or left out".to_owned()),
        Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("must be true or false, got {}", value.kind()))
        }
    };
    Check::new(judge, || json!({ "type": "boolean", "const": true }))
}

fn cursor() -> PlainCheck<Box<str>> {
    Check::new(|value| Ok(string(value)?.into()), || json!({ "type": "string", "format": "cursor" }))
}

fn ids() -> PlainCheck<Vec<Box<str>>> {
    let items = || json!({ "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": MOST_TASKS });
    Check::new(read_ids, items)
}

fn read_ids(value: Value<'_>) -> Result<Vec<Box<str>>, String> {
    let Json::Array(items) = value.read() else { return Err(format!("must be an array, got {}", value.kind())) };
    if !(1..=MOST_TASKS as usize).contains(&items.len()) {
        return Err(format!("must have 1 to {MOST_TASKS} ids, got {}", items.len()));
    }
    let ids = items.into_iter().enumerate().map(|(index, item)| match string(item) {
        Ok(id) => Ok(id.into()),
        Err(detail) => Err(format!("has an item, {index}, that {detail}")),
    });
    ids.collect()
}
