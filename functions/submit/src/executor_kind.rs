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

/// What Lambda gives a function at most, in seconds; the template's default for the executor.
pub const LONGEST_INVOCATION: u32 = 900;

/// The least that the executor may be given, in seconds: a task that does not say otherwise has 60.
const SHORTEST_INVOCATION: u32 = 90;

/// What an invocation needs beside an attempt, in seconds: to claim before it, and to write its outcome after.
const AROUND_AN_ATTEMPT: u32 = 30;

impl ExecutorKind {
    /// The longest timeout of an attempt, in seconds, where the executor function is given `invocation` seconds. The
    /// outcome wants writing before that ends; a worker can keep a message invisible for 12 hours.
    pub const fn longest_timeout_seconds(self, invocation: u32) -> u32 {
        match self {
            ExecutorKind::Lambda => invocation.saturating_sub(AROUND_AN_ATTEMPT),
            ExecutorKind::Worker => 43_200,
        }
    }
}

/// Reads the timeout of the executor function, in seconds: an attempt must fit in.
pub(crate) fn invocation_seconds(text: &str) -> Result<u32, String> {
    let fits = |seconds: &u32| (SHORTEST_INVOCATION..=LONGEST_INVOCATION).contains(seconds);
    let seconds = text.parse().ok().filter(fits);
    seconds.ok_or_else(|| format!("must be {SHORTEST_INVOCATION} to {LONGEST_INVOCATION}, got {text:?}"))
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
        let longest =
            |text: &str, invocation| text.parse::<ExecutorKind>().unwrap().longest_timeout_seconds(invocation);
        assert_eq!((longest("lambda", 900), longest("worker", 900)), (870, 43_200));
        assert_eq!((longest("lambda", 90), longest("worker", 90)), (60, 43_200));
        assert_eq!(invocation_seconds("90"), Ok(90));
        for wrong in ["89", "901", "-1", "1m", ""] {
            assert_eq!(invocation_seconds(wrong), Err(format!("must be 90 to 900, got {wrong:?}")));
        }
        for wrong in ["Lambda", "WORKER", "ecs", " lambda"] {
            let error = wrong.parse::<ExecutorKind>().unwrap_err();
            assert_eq!(error, format!("must be lambda or worker, got {wrong:?}"));
        }
    }
}
