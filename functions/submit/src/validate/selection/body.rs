//! A selection by a JSON body.

use taskway_protocol::{StateName, TaskId};
use taskway_strict::json::{Json, Value};

use super::given::Given;
use taskway_api::labels;
use taskway_strict::{
    Fields, Place,
    numbers::whole,
    words::{choice, name, string},
};

use crate::{
    lists::{Ask, Cursor},
    validate::NO_CURSOR,
};

/// Reads the members that a route takes.
pub(super) fn read(fields: &mut Fields<'_, '_>, ask: Ask) -> Given {
    let filters = ["queue", "state", "ids"].into_iter().any(|name| fields.has(name));
    let labels = fields.object("labels", labels);
    // No labels select everything, and so are no filter; faulty ones were meant as one.
    let by_labels = labels.as_ref().is_none_or(|labels| labels.as_ref().is_some_and(|labels| !labels.is_empty()));
    let state = match ask {
        Ask::Tasks => fields.optional("state", choice(ask.states(), StateName::parse)).flatten(),
        Ask::Cancel => fields.optional("state", choice(ask.states(), open)).flatten(),
        Ask::Dead | Ask::Redrive => None,
    };
    let all = fields.optional("all", yes).flatten().unwrap_or_default();
    let cursor = fields.optional("cursor", |value| Cursor::parse(&string(value)?).ok_or_else(|| NO_CURSOR.to_owned()));
    Given {
        queue: fields.optional("queue", name).flatten(),
        state,
        labels: labels.flatten().filter(|labels| !labels.is_empty()),
        ids: fields.optional("ids", ids).flatten(),
        all: all.then(|| Place::Pointer("/all".into())),
        limit: fields.optional("limit", whole(1..=Ask::MOST)).flatten(),
        cursor: cursor.flatten().map(|cursor| (cursor, Place::Pointer("/cursor".into()))),
        filters: filters || by_labels,
    }
}

fn open(name: &str) -> Option<StateName> {
    StateName::parse(name).filter(|state| !state.is_ended())
}

fn yes(value: Value<'_>) -> Result<bool, String> {
    match value.read() {
        Json::Bool(true) => Ok(true),
        Json::Bool(false) => Err("must be true, or left out".to_owned()),
        Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("must be true or false, got {}", value.kind()))
        }
    }
}

/// Ids, each once. What is none is no task's, and so selects nothing.
fn ids(value: Value<'_>) -> Result<Vec<TaskId>, String> {
    let Json::Array(items) = value.read() else { return Err(format!("must be an array, got {}", value.kind())) };
    if !(1..=Ask::MOST as usize).contains(&items.len()) {
        return Err(format!("must have 1 to {} ids, got {}", Ask::MOST, items.len()));
    }
    let mut ids = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let text = string(item).map_err(|detail| format!("has an item, {index}, that {detail}"))?;
        match TaskId::parse(&text) {
            Some(id) if !ids.contains(&id) => ids.push(id),
            Some(_) | None => {}
        }
    }
    Ok(ids)
}
