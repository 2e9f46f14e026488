//! How long a lease lasts, for the executor that holds it and for all other processes.
//!
//! An executor stops trusting its lease [`GUARD`] before it ends. Other processes treat it as over [`SKEW`] after it
//! ends. So clocks may differ by the sum of the two. Beyond that, only the fence protects a task.

use std::time::Duration;

use crate::Time;
#[cfg(feature = "mutations")]
use crate::transition::mutation;

/// How long after its end other processes treat a lease as over.
pub const SKEW: Duration = Duration::from_secs(5);

/// How long before its lease ends an executor stops trusting it.
pub const GUARD: Duration = Duration::from_secs(5);

/// How often an attempt sends a heartbeat, which renews its lease.
pub const BEAT: Duration = Duration::from_secs(30);

/// The longest lease: two heartbeats plus the guard, so that one heartbeat may fail.
pub const LONGEST_LEASE: Duration = Duration::from_secs(65);

/// The length of the lease for an attempt with this timeout: the timeout plus the guard, and at most [`LONGEST_LEASE`].
pub fn lease(timeout_seconds: u32) -> Duration {
    (Duration::from_secs(u64::from(timeout_seconds)) + GUARD).min(LONGEST_LEASE)
}

/// Whether an attempt may start at `now` under a lease that ends at `lease_end`: its executor still trusts the lease.
///
/// A claim's answer can come late, and so can the task's input. Another attempt may hold the task by then.
pub fn may_start(now: Time, lease_end: Time) -> bool {
    #[cfg(feature = "mutations")]
    if mutation::starts_late() {
        return true;
    }
    now < lease_end.before(GUARD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_for_the_attempt_or_for_two_heartbeats() {
        assert_eq!(lease(1), Duration::from_secs(6));
        assert_eq!(lease(60), LONGEST_LEASE);
        assert_eq!(lease(43_200), 2 * BEAT + GUARD);
    }

    #[test]
    fn an_attempt_starts_only_while_its_executor_trusts_the_lease() {
        let end = Time::from_millis(100_000);
        let last = end.before(GUARD);
        assert!(may_start(last.before(Duration::from_millis(1)), end));
        assert!(!may_start(last, end));
        assert!(!may_start(end, end));
    }
}
