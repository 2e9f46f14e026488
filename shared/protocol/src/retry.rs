//! How long a task waits after a failed attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use taskway_strict::{
    Fields,
    numbers::{real, whole},
    object,
};

/// The longest wait that a client may ask for: a day. A longer pause needs another task.
const LONGEST_BACKOFF_SECONDS: u32 = 86_400;

object! {
    default
    /// How many attempts a task has, and how long it waits between them.
    #[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(default)]
    pub struct RetryPolicy reads () {
        /// The number of attempts, including the first: 1 to 100.
        pub max_attempts: u32 = or(5, whole(1..=100)),
        /// The shortest wait, in seconds: 0 to 86,400.
        pub min_backoff_seconds: u32 = or(1, whole(0..=LONGEST_BACKOFF_SECONDS)),
        /// The longest wait, in seconds: 0 to 86,400, and at least the shortest.
        pub max_backoff_seconds: u32 = or(600, whole(0..=LONGEST_BACKOFF_SECONDS)),
        /// The factor by which the longest possible wait grows with each attempt: 1 to 10.
        pub multiplier: f64 = or(2.0, real(1.0..=10.0)),
    }
}

impl RetryPolicy {
    /// Reads a policy, and checks that its shortest wait is not longer than its longest.
    pub fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        const MIN: &str = "min_backoff_seconds";
        const MAX: &str = "max_backoff_seconds";
        let given = [MIN, MAX].map(|name| fields.has(name));
        let policy = RetryPolicy::take(fields)?;
        let (min, max) = (policy.min_backoff_seconds, policy.max_backoff_seconds);
        if min <= max {
            return Some(policy);
        }
        let by_default = |given| if given { "" } else { " by default" };
        // Name only a field that the client has set, because the client cannot change a default.
        if given[0] {
            fields.refuse(MIN, format!("must be at most {MAX}, {max}{}, got {min}", by_default(given[1])));
        }
        if given[1] {
            fields.refuse(MAX, format!("must be at least {MIN}, {min}{}, got {max}", by_default(given[0])));
        }
        None
    }

    /// How long to wait after `attempt` (from 1) has failed. `jitter` is a random draw from 0 to 1.
    ///
    /// The wait lies between the shortest wait and `min × multiplier^attempt`, which is capped at the longest wait. The
    /// jitter spreads evenly over that range, so tasks that failed together do not come back together. A shortest wait
    /// of 0 grows as one of a second does; otherwise it would never grow.
    pub fn backoff(&self, attempt: u32, jitter: f64) -> Duration {
        let min = f64::from(self.min_backoff_seconds);
        let max = f64::from(self.max_backoff_seconds);
        let exponent = i32::try_from(attempt.min(1_000)).unwrap_or(i32::MAX);
        let ceiling = (min.max(1.0) * self.multiplier.powi(exponent)).clamp(min, max.max(min));
        let drawn = min + (ceiling - min) * jitter.clamp(0.0, 1.0);
        Duration::from_millis((drawn * 1000.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_within_its_bounds() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.backoff(1, 0.0), Duration::from_secs(1));
        assert_eq!(policy.backoff(1, 1.0), Duration::from_secs(2));
        assert_eq!(policy.backoff(3, 1.0), Duration::from_secs(8));
        assert_eq!(policy.backoff(3, 0.5), Duration::from_millis(4_500));
        assert_eq!(policy.backoff(100, 1.0), Duration::from_secs(600));
        assert_eq!(policy.backoff(u32::MAX, 1.0), Duration::from_secs(600));
    }

    #[test]
    fn without_a_backoff_the_task_does_not_wait() {
        let policy = RetryPolicy { min_backoff_seconds: 0, max_backoff_seconds: 0, ..RetryPolicy::default() };
        assert_eq!(policy.backoff(7, 1.0), Duration::ZERO);
        let growing = RetryPolicy { max_backoff_seconds: 600, ..policy };
        assert_eq!((growing.backoff(3, 0.0), growing.backoff(3, 1.0)), (Duration::ZERO, Duration::from_secs(8)));
    }
}
