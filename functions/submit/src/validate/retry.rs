//! The retry policy.

use taskway_protocol::RetryPolicy;

use super::{
    fields::Fields,
    numbers::{real, whole},
};

const MIN: &str = "min_backoff_seconds";
const MAX: &str = "max_backoff_seconds";

/// A day: whoever wants a task tried again later than that wants another task.
const LONGEST_BACKOFF_SECONDS: u32 = 86_400;

/// Reads the policy; what is left out has its default.
pub(super) fn retry(fields: &mut Fields<'_, '_>) -> Option<RetryPolicy> {
    let default = RetryPolicy::default();
    let given = [MIN, MAX].map(|name| fields.has(name));
    let max_attempts = fields.or("max_attempts", whole(1..=100), default.max_attempts);
    let min = fields.or(MIN, whole(0..=LONGEST_BACKOFF_SECONDS), default.min_backoff_seconds);
    let max = fields.or(MAX, whole(0..=LONGEST_BACKOFF_SECONDS), default.max_backoff_seconds);
    let multiplier = fields.or("multiplier", real(1.0..=10.0), default.multiplier);
    let (min_backoff_seconds, max_backoff_seconds) = (min?, max?);
    if min_backoff_seconds > max_backoff_seconds {
        let by_default = |given| if given { "" } else { " by default" };
        // Whoever gave one alone has only that to change; whoever gave both can change either.
        if given[0] {
            let default = by_default(given[1]);
            fields.refuse(
                MIN,
                format!("must be at most {MAX}, {max_backoff_seconds}{default}, got {min_backoff_seconds}"),
            );
        }
        if given[1] {
            let default = by_default(given[0]);
            fields.refuse(
                MAX,
                format!("must be at least {MIN}, {min_backoff_seconds}{default}, got {max_backoff_seconds}"),
            );
        }
        return None;
    }
    Some(RetryPolicy { max_attempts: max_attempts?, min_backoff_seconds, max_backoff_seconds, multiplier: multiplier? })
}
