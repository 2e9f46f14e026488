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
const LONGEST_INVOCATION: u32 = 900;

/// What an invocation needs beside an attempt, in seconds: to claim before it, and to write its outcome after.
const AROUND_AN_ATTEMPT: u32 = 30;

impl ExecutorKind {
    /// The longest timeout of an attempt, in seconds. Lambda ends a function after 900 s, and the outcome wants writing;
    /// a worker can keep a message invisible for 12 hours.
    pub const fn longest_timeout_seconds(self) -> u32 {
        self.longest_timeout_within(LONGEST_INVOCATION)
    }

    /// The same where the executor function is given `invocation` seconds.
    pub const fn longest_timeout_within(self, invocation: u32) -> u32 {
        match self {
            ExecutorKind::Lambda => invocation.saturating_sub(AROUND_AN_ATTEMPT),
            ExecutorKind::Worker => 43_200,
        }
    }
}

/// Reads the timeout of the executor function, in seconds: an attempt must fit in.
pub(crate) fn invocation_seconds(text: &str) -> Result<u32, String> {
    let fits = |seconds: &u32| (AROUND_AN_ATTEMPT + 1..=LONGEST_INVOCATION).contains(seconds);
    let seconds = text.parse().ok().filter(fits);
    seconds.ok_or_else(|| format!("must be {} to {LONGEST_INVOCATION}, got {text:?}", AROUND_AN_ATTEMPT + 1))
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
        assert_eq!(ExecutorKind::Lambda.longest_timeout_within(60), 30);
        assert_eq!(ExecutorKind::Worker.longest_timeout_within(60), 43_200);
        assert_eq!(invocation_seconds("31"), Ok(31));
        for wrong in ["30", "901", "-1", "1m", ""] {
            assert_eq!(invocation_seconds(wrong), Err(format!("must be 31 to 900, got {wrong:?}")));
        }
        for wrong in ["Lambda", "WORKER", "ecs", " lambda"] {
            let error = wrong.parse::<ExecutorKind>().unwrap_err();
            assert_eq!(error, format!("must be lambda or worker, got {wrong:?}"));
        }
    }
}
