//! Which tasks start first: lanes by priority, and within a batch or a hold list one number, the rank.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::Time;

/// A task's lane. Each lane has its own SQS queue and its own share of the executors' concurrency.
///
/// The names in the API and in the table are the variants' in lower case.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Priority {
    /// The lane for urgent tasks.
    High,
    /// The lane of a task that names none.
    #[default]
    Normal,
    /// The lane for tasks that can wait. They do not starve, because their lane has its own share.
    Low,
}

impl Priority {
    /// Every lane, the most urgent first.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The name of every lane, in the order of [`ALL`](Self::ALL).
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The lane with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// The assumed duration of a task without an expected duration, in milliseconds.
const UNKNOWN_MS: u32 = 1_000;

/// By how much a task of lane `high` goes before a task of lane `normal`, and that before one of lane `low`.
const LANE_STEP: Duration = Duration::from_secs(60);

/// The place of a task among those that could start: the smallest starts first.
///
/// It is the time at which the task would have ended if it had started when it was due, a minute earlier in lane `high`
/// and a minute later in lane `low`. So a shorter task goes first, but a longer one is overtaken only by tasks that were
/// due less than the difference later.
pub fn rank(due: Time, lane: Priority, expected_ms: Option<u32>) -> Time {
    let end = due.after(Duration::from_millis(u64::from(expected_ms.unwrap_or(UNKNOWN_MS))));
    match lane {
        Priority::High => end.before(LANE_STEP),
        Priority::Normal => end,
        Priority::Low => end.after(LANE_STEP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_tasks_go_first_until_a_longer_one_has_waited() {
        let rank = |at, expected| rank(Time::from_millis(at), Priority::Normal, Some(expected));
        assert!(rank(0, 10) < rank(0, 900));
        assert!(rank(0, 900) < rank(1_000, 10));
    }

    #[test]
    fn urgent_tasks_go_first_until_others_have_waited() {
        let rank = |at, lane| rank(Time::from_millis(at), lane, None);
        assert!(rank(100_000, Priority::High) < rank(99_000, Priority::Normal));
        assert!(rank(99_000, Priority::Normal) < rank(98_000, Priority::Low));
        assert!(rank(100_000, Priority::Low) < rank(221_000, Priority::High));
    }
}
