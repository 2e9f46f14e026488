//! What goes first: lanes by priority, and the shortest first within a batch.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Time;

/// A task's lane. Each lane has a queue and a share of concurrency of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before everything else.
    High,
    /// The ordinary lane.
    #[default]
    Normal,
    /// When nothing else is to do; never starved, for its share is its own.
    Low,
}

impl Priority {
    /// All lanes, the most urgent first.
    pub const ALL: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

    /// Their names.
    pub const NAMES: &'static [&'static str] = &["high", "normal", "low"];

    /// The name that clients use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Priority::High => "high",
            Priority::Normal => "normal",
            Priority::Low => "low",
        }
    }

    /// The lane of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == name)
    }
}

/// What a task is taken to last, in milliseconds, when nobody said.
const UNKNOWN_MS: u32 = 1_000;

/// The place of a task in the order in which a batch is started: the shortest first, where time already waited counts
/// for it, so that a long task is overtaken only by tasks that were sent before it would have ended.
pub fn start_order(sent: Time, expected_ms: Option<u32>) -> Time {
    sent.after(Duration::from_millis(u64::from(expected_ms.unwrap_or(UNKNOWN_MS))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_goes_first_but_not_for_ever() {
        let at = Time::from_millis;
        assert!(start_order(at(0), Some(10)) < start_order(at(0), Some(900)));
        assert!(start_order(at(0), Some(900)) < start_order(at(1_000), Some(10)));
    }
}
