//! What a client changes of a task before it starts.

use taskway_protocol::{Priority, Time};

use super::{
    LANES, MOST_ERRORS,
    errors::Errors,
    fields::Fields,
    times::not_after,
    words::{choice, time},
};
use crate::{
    json::{Pointer, Value},
    problem::FieldError,
    submission::Change,
};

/// Reads the body of a `PATCH`.
///
/// Of `run_at` and `deadline` one may be in the record; then it is for the caller to hold them against each other, with
/// [`deadline_fault`](super::deadline_fault).
///
/// # Errors
/// Everything that is wrong with it.
pub fn change(json: Value<'_>, now: Time) -> Result<Change, Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let change = Fields::of(json, Pointer::BODY, &mut errors, |fields| read(fields, now));
    errors.settle(change)
}

/// Null means something here: it takes a deadline away, and is no time and no lane.
fn read<'v>(fields: &mut Fields<'v, '_>, now: Time) -> Option<Change> {
    let given = ["run_at", "priority", "deadline"].map(|name| (name, fields.take(name)));
    if given.iter().all(|(_, value)| value.is_none()) {
        fields.refuse_all("must have run_at, priority or deadline");
        return None;
    }
    let [run_at, priority, deadline] = given;
    let mut at = |(name, value): (&str, Option<Value<'v>>)| match value {
        Some(value) => fields.check(name, value, time(now)).map(Some),
        None => Some(None),
    };
    let run_at = at(run_at);
    let deadline = match deadline {
        (_, Some(value)) if value.is_null() => Some(Some(None)),
        given => at(given).map(|deadline| deadline.map(Some)),
    };
    let priority = match priority {
        (name, Some(value)) => fields.check(name, value, choice(LANES, Priority::parse)).map(Some),
        (_, None) => Some(None),
    };
    if let Some(Some(Some(deadline))) = deadline {
        let start = run_at.flatten().map_or(now, |at: Time| at.max(now));
        if deadline <= start {
            fields.refuse("deadline", not_after(deadline, start));
        }
    }
    Some(Change { run_at: run_at?, priority: priority?, deadline: deadline? })
}
