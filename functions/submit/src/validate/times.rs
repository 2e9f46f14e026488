//! When a task starts, and when it is too late for it.

use taskway_protocol::Time;

use super::{
    fields::Fields,
    numbers::whole,
    words::{FARTHEST_SECONDS, time},
};
use crate::{instant, problem::FieldError, submission::Start};

/// Reads `run_at` or `delay_seconds`. No delay is the same as none given.
pub(super) fn start(fields: &mut Fields<'_, '_>, now: Time) -> Option<Start> {
    let both = fields.has("run_at") && fields.has("delay_seconds");
    let at = fields.optional("run_at", time(now));
    let delay = fields.optional("delay_seconds", whole(0..=FARTHEST_SECONDS));
    if both {
        fields.refuse("run_at", "must not be given together with delay_seconds");
        return None;
    }
    Some(match (at?, delay?) {
        (Some(at), _) => Start::At(at),
        (None, None | Some(0)) => Start::Now,
        (None, Some(seconds)) => Start::In(seconds),
    })
}

/// The fault of a deadline that is not after the task's start. For a change that names only one of the two: the
/// other is in the record.
pub fn deadline_fault(deadline: Time, start: Time) -> Option<FieldError> {
    (deadline <= start).then(|| FieldError::pointer("/deadline", not_after(deadline, start)))
}

pub(super) fn not_after(deadline: Time, start: Time) -> String {
    format!("must be after the task's start, {}, got {}", instant::text(start), instant::text(deadline))
}
