//! What a client changes of a task before it starts.

use serde::Serialize;
use taskway_protocol::{Priority, Time};
use taskway_strict::{FieldError, Fields, json::Value, object, read, words::choice};

use crate::{
    Instant,
    times::{not_after, within_a_year},
};

/// The faults that are told of one request.
const MOST_ERRORS: usize = 100;

object! {
    default
    /// A change, `PATCH /v1/tasks/{id}`. At least one part is there.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    pub struct TaskChange reads (now: Time) {
        /// A new time to start at, to 366 days ahead; one that has passed means now.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub run_at: Option<Instant> = given(within_a_year(now)),
        /// Another lane.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub priority: Option<Priority> = given(choice(Priority::NAMES, Priority::parse)),
        /// Another deadline, after the start and to 366 days ahead; `null` takes it away.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub deadline: Option<Option<Instant>> = nullable(within_a_year(now)),
    }
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
        read(body, MOST_ERRORS, |fields| judged(fields, now))
    }
}

/// Null means something here: it takes a deadline away, and is no time and no lane.
fn judged(fields: &mut Fields<'_, '_>, now: Time) -> Option<TaskChange> {
    let run_at = fields.peek("run_at", within_a_year(now).judge);
    let deadline = fields.peek("deadline", within_a_year(now).judge);
    let change = TaskChange::take(fields, now);
    if change == Some(TaskChange::default()) {
        fields.refuse_all("must have run_at, priority or deadline");
        return None;
    }
    if let Some(Instant(deadline)) = deadline {
        let start = run_at.map_or(now, |Instant(at)| at.max(now));
        if deadline <= start {
            fields.refuse("deadline", not_after(deadline, start));
        }
    }
    change
}
