//! What a query or a body says of a selection.

use std::collections::BTreeMap;
use taskway_strict::json::Pointer;

use taskway_protocol::{StateName, TaskId};

use taskway_strict::{Errors, FieldError, Place};

use crate::lists::Cursor;

/// What was given, with what had a fault left out.
#[derive(Default)]
pub(super) struct Given {
    pub(super) queue: Option<Box<str>>,
    pub(super) state: Option<StateName>,
    pub(super) labels: Option<BTreeMap<String, String>>,
    pub(super) parent: Option<TaskId>,
    pub(super) ids: Option<Vec<TaskId>>,
    pub(super) all: Option<Place>,
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<(Cursor, Place)>,
    /// Whether a filter was given at all, be it one with a fault.
    pub(super) filters: bool,
}

impl Given {
    /// Adds what another place gives; both at once for the same thing is a fault.
    pub(super) fn add(&mut self, more: Given, errors: &mut Errors) {
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
            parent: self.parent.or(more.parent),
            ids: more.ids,
            all: self.all.take().or(more.all),
            limit: self.limit.or(more.limit),
            cursor: self.cursor.take().or(more.cursor),
            filters: self.filters || more.filters,
        };
    }
}
