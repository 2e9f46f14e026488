//! What a client changes of a task before it starts.

use taskway_protocol::{Priority, Time};
use taskway_strict::{FieldError, Fields, json::Value, read, words::choice};

use crate::{
    Instant,
    times::{not_after, within_a_year},
};

/// The faults that are told of one request.
const MOST_ERRORS: usize = 100;

/// A change, `PATCH /v1/tasks/{id}`. At least one part is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TaskChange {
    /// A new time to start at; one that has passed means now.
    pub run_at: Option<Instant>,
    /// Another lane.
    pub priority: Option<Priority>,
    /// Another deadline, or `Some(None)` for none any more: `null` in the body.
    pub deadline: Option<Option<Instant>>,
}

impl TaskChange {
    /// Reads the body of a `PATCH`.
    ///
    /// Of `run_at` and `deadline` one may be in the record; the caller holds them against each other, with
    /// [`deadline_fault`](crate::deadline_fault).
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(body: Value<'_>, now: Time) -> Result<Self, Vec<FieldError>> {
        read(body, MOST_ERRORS, |fields| take(fields, now))
    }
}

/// Null means something here: it takes a deadline away, and is no time and no lane.
fn take<'v>(fields: &mut Fields<'v, '_>, now: Time) -> Option<TaskChange> {
    let given = ["run_at", "priority", "deadline"].map(|name| (name, fields.take(name)));
    if given.iter().all(|(_, value)| value.is_none()) {
        fields.refuse_all("must have run_at, priority or deadline");
        return None;
    }
    let [run_at, priority, deadline] = given;
    let mut at = |(name, value): (&str, Option<Value<'v>>)| match value {
        Some(value) => fields.check(name, value, within_a_year(now)).map(Some),
        None => Some(None),
    };
    let run_at = at(run_at);
    let deadline = match deadline {
        (_, Some(value)) if value.is_null() => Some(Some(None)),
        given => at(given).map(|deadline| deadline.map(Some)),
    };
    let priority = match priority {
        (name, Some(value)) => fields.check(name, value, choice(Priority::NAMES, Priority::parse)).map(Some),
        (_, None) => Some(None),
    };
    if let Some(Some(Some(Instant(deadline)))) = deadline {
        let start = run_at.flatten().map_or(now, |Instant(at)| at.max(now));
        if deadline <= start {
            fields.refuse("deadline", not_after(deadline, start));
        }
    }
    Some(TaskChange { run_at: run_at?, priority: priority?, deadline: deadline? })
}
