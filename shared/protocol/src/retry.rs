//! How long a task waits after a failed attempt.

use std::time::Duration;

/// How many attempts a task has, and how long it waits between them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RetryPolicy {
    /// The number of attempts, including the first: 1 to 100.
    pub max_attempts: u32,
    /// The shortest wait, in seconds: 0 to 86,400.
    pub min_backoff_seconds: u32,
    /// The longest wait, in seconds: 0 to 86,400, and at least the shortest.
    pub max_backoff_seconds: u32,
    /// The factor by which the longest possible wait grows with each attempt: 1 to 10.
    pub multiplier: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { max_attempts: 5, min_backoff_seconds: 1, max_backoff_seconds: 600, multiplier: 2.0 }
    }
}

impl RetryPolicy {
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
