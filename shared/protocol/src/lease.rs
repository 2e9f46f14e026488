//! How long a claim holds, for the one that made it and for everybody else.
//!
//! An executor stops trusting its lease [`GUARD`] before the end; others take it as over [`SKEW`] after. So clocks may
//! differ by the two together. Beyond that the fence alone protects.

use std::time::Duration;

/// A lease is over for others only this long after its end.
pub const SKEW: Duration = Duration::from_secs(5);

/// How long before its lease ends an executor stops trusting it.
pub const GUARD: Duration = Duration::from_secs(5);

/// How often an attempt says that it is alive, and renews its lease.
pub const BEAT: Duration = Duration::from_secs(30);

/// The longest lease, two beats and the guard: one beat may fail.
pub const LONGEST_LEASE: Duration = Duration::from_secs(65);

/// The lease of a claim whose attempt may take so many seconds: as long as that and the guard, or the longest.
pub fn lease(timeout_seconds: u32) -> Duration {
    (Duration::from_secs(u64::from(timeout_seconds)) + GUARD).min(LONGEST_LEASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_as_long_as_the_attempt_or_as_two_beats() {
        assert_eq!(lease(1), Duration::from_secs(6));
        assert_eq!(lease(60), LONGEST_LEASE);
        assert_eq!(lease(43_200), 2 * BEAT + GUARD);
    }
}
