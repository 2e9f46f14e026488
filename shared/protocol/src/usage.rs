//! What AWS bills for the calls that Taskway's processes make, by the month.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use crate::Time;

/// For how long the counts of a month are kept, after a process has last added to them.
pub const USAGE_KEPT: Duration = Duration::from_secs(400 * 86_400);

/// How many units and requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// Write units of DynamoDB, for the table and its indexes.
    pub write_units: u64,
    /// Read units of DynamoDB, in halves: an eventually consistent read takes a half for each 4 KB.
    pub half_read_units: u64,
    /// Requests to SQS.
    pub sqs_requests: u64,
}

impl Usage {
    /// Whether there is nothing.
    pub fn is_none(self) -> bool {
        self == Usage::default()
    }

    /// Adds other counts.
    pub fn add(&mut self, other: Usage) {
        let Usage { write_units, half_read_units, sqs_requests } = other;
        self.write_units += write_units;
        self.half_read_units += half_read_units;
        self.sqs_requests += sqs_requests;
    }
}

/// The month of this time in UTC, by which AWS bills: `2026-11`.
pub fn month_of(time: Time) -> String {
    let at = i64::try_from(time.as_millis()).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.unwrap_or(Timestamp::MAX).to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_at_midnight_in_utc() {
        let of = |millis| month_of(Time::from_millis(millis));
        assert_eq!([of(0), of(1_796_083_199_999), of(1_796_083_200_000)], ["1970-01", "2026-11", "2026-12"]);
        assert_eq!(of(u64::MAX), "9999-12");
    }
}
