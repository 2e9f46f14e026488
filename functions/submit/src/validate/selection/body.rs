//! A selection by a JSON body.

use taskway_api::BulkRequest;
use taskway_protocol::{StateName, TaskId};
use taskway_strict::{Fields, Place};

use super::given::Given;
use crate::{
    lists::{Ask, Cursor},
    validate::NO_CURSOR,
};

/// Reads the members that a route takes.
pub(super) fn read(fields: &mut Fields<'_, '_>, ask: Ask) -> Given {
    let unknown: &[&str] = match ask.states() {
        _ if !ask.takes_filters() => &["queue", "state", "labels", "ids", "all"],
        [] => &["state"],
        _ => &[],
    };
    let mut filters = ["queue", "state", "ids"].into_iter().any(|name| fields.has(name));
    let has_labels = fields.has("labels");
    for name in unknown {
        if fields.take(name).is_some() {
            fields.refuse(name, "is not a known field");
        }
    }
    let request = BulkRequest::take(fields, ask.states());
    // An empty object of labels selects everything, so it is no filter. Faulty labels were meant as one.
    filters |= has_labels && request.as_ref().is_none_or(|request| !request.labels.is_empty());
    let request = request.unwrap_or_default();
    let cursor = request.cursor.and_then(|text| {
        let cursor = Cursor::parse(&text);
        if cursor.is_none() {
            fields.refuse("cursor", NO_CURSOR);
        }
        cursor
    });
    Given {
        queue: request.queue,
        state: request.state.as_deref().and_then(StateName::parse),
        labels: Some(request.labels).filter(|labels| !labels.is_empty()),
        parent: None,
        ids: Some(request.ids).filter(|ids| !ids.is_empty()).map(|ids| known(&ids)),
        all: request.all.then(|| Place::Pointer("/all".into())),
        limit: request.limit,
        cursor: cursor.map(|cursor| (cursor, Place::Pointer("/cursor".into()))),
        filters,
    }
}

/// Each id once. A text that is no id is no task's, and selects nothing.
fn known(texts: &[Box<str>]) -> Vec<TaskId> {
    let mut ids = Vec::with_capacity(texts.len());
    for id in texts.iter().filter_map(|text| TaskId::parse(text)) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
