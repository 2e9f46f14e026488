//! How many tasks have ended, by the minute.

use std::time::Duration;

use crate::{End, Time};

/// For how long the counts of a minute are kept: a day, so that none is deleted while it is shown.
pub const ENDED_KEPT: Duration = Duration::from_secs(86_400);

/// How far back the counts go that are shown.
pub const ENDED_SHOWN: Duration = Duration::from_secs(3_600);

const MINUTE: u64 = 60_000;

/// How many tasks ended in each way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ended {
    /// Those that succeeded.
    pub succeeded: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// Those whose deadline passed.
    pub expired: u64,
}

impl Ended {
    /// Counts one more.
    pub fn count(&mut self, end: End) {
        *match end {
            End::Succeeded => &mut self.succeeded,
            End::Failed => &mut self.failed,
            End::Cancelled => &mut self.cancelled,
            End::Expired => &mut self.expired,
        } += 1;
    }

    /// Adds other counts.
    pub fn add(&mut self, other: Ended) {
        let Ended { succeeded, failed, cancelled, expired } = other;
        self.succeeded += succeeded;
        self.failed += failed;
        self.cancelled += cancelled;
        self.expired += expired;
    }
}

/// The beginning of the minute of this time.
pub fn minute_of(time: Time) -> Time {
    Time::from_millis(time.as_millis() / MINUTE * MINUTE)
}
