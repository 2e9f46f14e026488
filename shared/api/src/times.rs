//! When a task starts, and when it is too late for it.

use std::time::Duration;

use taskway_protocol::{FARTHEST_SECONDS, Time};
use taskway_strict::{
    Check, FieldError, PlainCheck, Schema,
    json::{Json, Value},
    words::got,
};

use crate::{Instant, instant};

/// Any point in time.
pub(crate) fn any() -> PlainCheck<Instant> {
    Check::new(read, Instant::schema)
}

fn read(value: Value<'_>) -> Result<Instant, String> {
    let Json::String(text) = value.read() else {
        return Err(format!("must be a time in a string, got {}", value.kind()));
    };
    instant::parse(&text).map(Instant).map_err(|error| format!("{error}, got {}", got(value)))
}

/// A time, not farther ahead of `now` than a task may be planned.
pub(crate) fn within_a_year(now: Time) -> Check<impl Fn(Value<'_>) -> Result<Instant, String>, impl Fn() -> Schema> {
    let judge = move |value: Value<'_>| {
        let at = read(value)?;
        if at.0 > now.after(Duration::from_secs(FARTHEST_SECONDS.into())) {
            return Err(format!("must be within 366 days of now, got {}", got(value)));
        }
        Ok(at)
    };
    Check::new(judge, Instant::schema)
}

/// The fault of a deadline that is not after the task's start, for a change that names one of the two and finds the other
/// in the record.
pub fn deadline_fault(deadline: Time, start: Time) -> Option<FieldError> {
    (deadline <= start).then(|| FieldError::pointer("/deadline", not_after(deadline, start)))
}

/// What is wrong with such a deadline.
pub fn not_after(deadline: Time, start: Time) -> String {
    format!("must be after the task's start, {}, got {}", instant::text(start), instant::text(deadline))
}
