//! What runs a stack's tasks, and what a task may ask for because of it.

use std::str::FromStr;

/// What consumes a stack's lanes: one kind a stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ExecutorKind {
    /// The Lambda function.
    #[default]
    Lambda,
    /// Long-running workers.
    Worker,
}

impl ExecutorKind {
    /// The longest timeout of an attempt, in seconds. Lambda ends a function after 900 s, and the outcome wants writing;
    /// a worker can keep a message invisible for 12 hours.
    pub const fn longest_timeout_seconds(self) -> u32 {
        match self {
            ExecutorKind::Lambda => 870,
            ExecutorKind::Worker => 43_200,
        }
    }
}

impl FromStr for ExecutorKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "lambda" => Ok(ExecutorKind::Lambda),
            "worker" => Ok(ExecutorKind::Worker),
            other => Err(format!("must be lambda or worker, got {other:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_kind_has_its_longest_timeout() {
        let longest = |text: &str| text.parse::<ExecutorKind>().unwrap().longest_timeout_seconds();
        assert_eq!((longest("lambda"), longest("worker")), (870, 43_200));
        for wrong in ["Lambda", "WORKER", "ecs", " lambda"] {
            let error = wrong.parse::<ExecutorKind>().unwrap_err();
            assert_eq!(error, format!("must be lambda or worker, got {wrong:?}"));
        }
    }
}
