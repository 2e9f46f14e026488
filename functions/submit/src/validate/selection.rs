//! Which tasks a request selects: by its query, by a JSON body, or by both for different things.

use std::collections::BTreeMap;

use taskway::domain::{StateName, TaskId};

use super::{
    MOST_ERRORS,
    errors::Errors,
    fields::Fields,
    numbers::whole,
    parameters,
    words::{choice, name, string},
};
use crate::{
    json::{Json, Pointer, Value},
    lists::{Ask, Cursor, Filters, Seen, Selection},
    problem::{FieldError, Place},
};

/// What was given, with what had a fault left out.
#[derive(Default)]
pub(super) struct Given {
    pub(super) queue: Option<Box<str>>,
    pub(super) state: Option<StateName>,
    pub(super) labels: Option<BTreeMap<String, String>>,
    ids: Option<Vec<TaskId>>,
    pub(super) all: Option<Place>,
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<(Cursor, Place)>,
    /// Whether a filter was given at all, be it one with a fault.
    pub(super) filters: bool,
}

/// Reads which tasks are meant.
///
/// # Errors
/// Everything that is wrong with it.
pub fn selection(ask: Ask, query: &str, body: Option<Value<'_>>) -> Result<Selection, Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let mut given = parameters::read(query, ask, &mut errors);
    if let Some(body) = body {
        let more = Fields::of(body, Pointer::BODY, &mut errors, |fields| Some(read(fields, ask)));
        given.add(more.unwrap_or_default(), &mut errors);
    }
    let all = given.all.take();
    match all {
        Some(place) if given.filters => {
            errors.add(FieldError { place, detail: "excludes every filter".into() });
        }
        None if ask == Ask::Cancel && !given.filters => {
            let detail = "must have queue, state, labels or ids; all tasks are meant by {\"all\": true} alone";
            errors.add(FieldError::pointer(Pointer::BODY, detail));
        }
        Some(_) | None => {}
    }
    let Given { queue, state, labels, ids, limit, cursor, .. } = given;
    let filters = Filters { ask, queue, state, labels: labels.unwrap_or_default(), ids };
    let seen = match cursor {
        Some((cursor, place)) if errors.are_none() => {
            let fits = matches!(cursor.seen, Seen::Ids(_)) == filters.ids.is_some();
            if !fits || cursor.list != filters.list() {
                errors.add(FieldError { place, detail: "belongs to other filters, or to another route".into() });
            }
            Some(cursor.seen)
        }
        Some(_) | None => None,
    };
    let limit = limit.map_or(ask.limit(), |limit| limit as usize);
    errors.settle(Some(Selection { filters, limit, seen }))
}

fn read(fields: &mut Fields<'_, '_>, ask: Ask) -> Given {
    let filters = ["queue", "state", "ids"].into_iter().any(|name| fields.has(name));
    let labels = fields.object("labels", super::labels);
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

/// What is said of a cursor that is none.
pub(super) const NO_CURSOR: &str = "must be a next_cursor as it was answered";

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

impl Given {
    /// Adds what another place gives; both at once for the same thing is a fault.
    fn add(&mut self, more: Given, errors: &mut Errors) {
        let mut twice = |name: &str, both: bool| {
            if both {
                errors.add(FieldError::pointer(Pointer::BODY.to(name), "is given as a parameter too"));
            }
        };
        twice("queue", self.queue.is_some() && more.queue.is_some());
        twice("state", self.state.is_some() && more.state.is_some());
        twice("labels", self.labels.is_some() && more.labels.is_some());
        twice("all", self.all.is_some() && more.all.is_some());
        twice("limit", self.limit.is_some() && more.limit.is_some());
        twice("cursor", self.cursor.is_some() && more.cursor.is_some());
        *self = Given {
            queue: self.queue.take().or(more.queue),
            state: self.state.or(more.state),
            labels: self.labels.take().or(more.labels),
            ids: more.ids,
            all: self.all.take().or(more.all),
            limit: self.limit.or(more.limit),
            cursor: self.cursor.take().or(more.cursor),
            filters: self.filters || more.filters,
        };
    }
}

#[cfg(test)]
mod tests;
