//! Points in time, as whole milliseconds since the Unix epoch.

use std::{fmt, time::Duration};

/// A point in time in milliseconds since 1970-01-01T00:00:00Z.
///
/// This crate reads no clock. Callers pass the current time as `now`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// The time that is `ms` milliseconds after the epoch.
    pub const fn from_millis(ms: u64) -> Self {
        Time(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down. DynamoDB's TTL has this unit.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The duration from `earlier` to `self`; zero if `earlier` is later.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The time `by` after this one. The part of `by` below a millisecond is dropped.
    pub const fn after(self, by: Duration) -> Time {
        Time(self.0.saturating_add(by.as_millis() as u64))
    }

    /// The time `by` before this one, or the epoch if that would be earlier.
    pub const fn before(self, by: Duration) -> Time {
        Time(self.0.saturating_sub(by.as_millis() as u64))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}
