//! How an attempt ends.

use std::{error::Error, time::Duration};

use taskway_protocol::ErrorKind;
use taskway_runtime::log::causes;

/// Why a handler returns no result, and what happens next.
///
/// `?` on any [`std::error::Error`] means [`retry`](Failure::retry). Types that do not implement it, such as
/// `anyhow::Error` and `Box<dyn Error>`, need `.map_err(Failure::retry)?`.
///
/// The API shows the error's text with its causes, cut at 1,000 bytes.
#[derive(Debug)]
pub struct Failure(Outcome);

/// For executors: how an attempt ended.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// The attempt succeeded. The result is a JSON text.
    Done(Box<str>),
    /// The attempt failed, and another may follow.
    Retry {
        /// The kind of failure.
        kind: ErrorKind,
        /// What went wrong, for a person to read.
        message: String,
        /// How long to wait for the next attempt.
        wait: Wait,
    },
    /// The attempt failed, and no other may follow.
    Fatal {
        /// The kind of failure.
        kind: ErrorKind,
        /// What went wrong, for a person to read.
        message: String,
    },
    /// The target was not started, because what runs it is busy or cannot be reached. The attempt does not count, unless that
    /// has happened too often.
    NotStarted {
        /// The kind of failure.
        kind: ErrorKind,
        /// What is in the way, for a person to read.
        message: String,
        /// The least time to wait, zero if there is none.
        at_least: Duration,
    },
    /// The handler could not work now and wants to start again after this wait. The attempt does not count.
    Snooze(Duration),
    /// The executor stopped before the handler had ended. The attempt does not count, unless that has happened too often in
    /// a row: then it counts as one that ran for too long.
    Stopped,
    /// The handler did a part of the work and wants to continue after this wait. Attempts are counted from 0 again.
    Continue(Duration),
}

/// For executors: how long a task waits for another attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// As long as the task's retry policy says.
    Policy,
    /// This long, whatever the policy says. Only a handler may ask for it: it belongs to the submitter.
    Exactly(Duration),
    /// As long as the policy says, and at least this long. A receiver may ask for it: it can lengthen a wait and never
    /// shorten it.
    AtLeast(Duration),
}

impl Wait {
    /// The wait, where `policy` gives what the policy says.
    pub fn or_by(self, policy: impl FnOnce() -> Duration) -> Duration {
        match self {
            Wait::Policy => policy(),
            Wait::Exactly(wait) => wait,
            Wait::AtLeast(wait) => wait.max(policy()),
        }
    }
}

impl Failure {
    /// Asks for another attempt, after the wait that the task's retry policy says. The task fails if no attempt is left.
    pub fn retry(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Failure(Outcome::Retry {
            kind: ErrorKind::Handler,
            message: causes(&*error.into()).to_string(),
            wait: Wait::Policy,
        })
    }

    /// Asks for another attempt after `after`, whatever the task's retry policy says. The task fails if no attempt is left.
    pub fn retry_after(error: impl Into<Box<dyn Error + Send + Sync>>, after: Duration) -> Self {
        Failure(Outcome::Retry {
            kind: ErrorKind::Handler,
            message: causes(&*error.into()).to_string(),
            wait: Wait::Exactly(after),
        })
    }

    /// Ends the task as failed, however many attempts are left.
    pub fn fatal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Failure(Outcome::Fatal { kind: ErrorKind::Handler, message: causes(&*error.into()).to_string() })
    }

    /// Asks to start again after `after`, because the handler could not work now. This attempt does not count.
    pub fn snooze(after: Duration) -> Self {
        Failure(Outcome::Snooze(after))
    }

    /// Asks to continue from the [checkpoint](crate::Context::checkpoint) after `after`, because part of the work is done.
    /// Attempts are counted from 0 again.
    pub fn continue_after(after: Duration) -> Self {
        Failure(Outcome::Continue(after))
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::retry(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<u8, Failure> {
        Ok(text.parse()?)
    }

    #[test]
    fn an_error_of_any_type_asks_for_another_attempt() {
        let failure = parse("x").map_err(Outcome::from);
        let message = "invalid digit found in string".to_owned();
        assert_eq!(failure, Err(Outcome::Retry { kind: ErrorKind::Handler, message, wait: Wait::Policy }));
    }
}
