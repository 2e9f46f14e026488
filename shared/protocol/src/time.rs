//! Points in time, as whole milliseconds since the Unix epoch.

use std::{fmt, time::Duration};

/// A point in time in milliseconds since 1970-01-01T00:00:00Z.
///
/// The domain never asks for the time: whoever calls it says what `now` is.
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

    /// Whole seconds since the epoch, rounded down; DynamoDB's TTL is in this unit.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// How long it is from `earlier` to `self`; zero when `earlier` is not earlier.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// `self` moved later by `by`, whose part below a millisecond is dropped.
    pub const fn after(self, by: Duration) -> Time {
        Time(self.0.saturating_add(by.as_millis() as u64))
    }

    /// `self` moved earlier by `by`, not before the epoch.
    pub const fn before(self, by: Duration) -> Time {
        Time(self.0.saturating_sub(by.as_millis() as u64))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}
