//! Which tasks a request selects: by its query, by a JSON body, or by both for different things.
//!
//! A purge selects by its path. Its query and its body say how far one call goes.

mod body;
mod given;
mod query;

use self::given::Given;
use taskway_strict::json::{Pointer, Value};
use taskway_strict::{Errors, FieldError, Fields};

use super::MOST_ERRORS;
use crate::lists::{Ask, Filters, Seen, Selection};

/// Reads which tasks are meant.
///
/// # Errors
/// Everything that is wrong with it.
pub fn selection(ask: Ask, query: &str, body: Option<Value<'_>>) -> Result<Selection, Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let mut given = read(ask, query, body, &mut errors);
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
    settle(ask, given, errors)
}

/// Reads how far a call goes that purges this queue.
///
/// # Errors
/// Everything that is wrong with it.
pub fn purge(queue: &str, query: &str, body: Option<Value<'_>>) -> Result<Selection, Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let given = Given { queue: Some(queue.into()), ..read(Ask::Purge, query, body, &mut errors) };
    settle(Ask::Purge, given, errors)
}

fn read(ask: Ask, query: &str, body: Option<Value<'_>>, errors: &mut Errors) -> Given {
    let mut given = query::read(query, ask, errors);
    if let Some(body) = body {
        let more = Fields::of(body, Pointer::BODY, errors, |fields| Some(body::read(fields, ask)));
        given.add(more.unwrap_or_default(), errors);
    }
    given
}

fn settle(ask: Ask, given: Given, mut errors: Errors) -> Result<Selection, Vec<FieldError>> {
    let Given { queue, state, labels, parent, ids, limit, cursor, .. } = given;
    let filters = Filters { ask, queue, state, labels: labels.unwrap_or_default(), parent, ids };
    let seen = match cursor {
        Some((cursor, place)) if errors.are_none() => {
            let fits = matches!(cursor.seen, Seen::Ids(_)) == (filters.ids.is_some() || filters.parent.is_some());
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

#[cfg(test)]
mod tests;
