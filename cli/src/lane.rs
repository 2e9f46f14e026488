//! Lanes on the command line.

use clap::ValueEnum;
use taskway_protocol::Priority;

/// A lane to take tasks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lane {
    High,
    Normal,
    Low,
}

impl Lane {
    /// As the domain has it.
    pub(crate) fn priority(self) -> Priority {
        match self {
            Self::High => Priority::High,
            Self::Normal => Priority::Normal,
            Self::Low => Priority::Low,
        }
    }
}
