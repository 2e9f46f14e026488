//! Which tasks start first: lanes by priority, and shorter tasks within a batch.

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

/// The position of a task in its batch: tasks with an earlier value start first.
///
/// The value is the time at which the task would have ended if it had started when its message was sent. So a shorter
/// task goes first, but no task that was sent after that time overtakes a longer one.
pub fn start_order(sent: Time, expected_ms: Option<u32>) -> Time {
    sent.after(Duration::from_millis(u64::from(expected_ms.unwrap_or(UNKNOWN_MS))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_tasks_go_first_until_a_longer_one_has_waited() {
        let at = Time::from_millis;
        assert!(start_order(at(0), Some(10)) < start_order(at(0), Some(900)));
        assert!(start_order(at(0), Some(900)) < start_order(at(1_000), Some(10)));
    }
}
