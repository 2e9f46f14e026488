//! How an attempt ends.

use std::{error::Error, time::Duration};

use taskway_protocol::ErrorKind;
use taskway_runtime::log::causes;

/// Why a handler did not return a result. It says what is to happen; nothing is implied.
///
/// `?` on any [`std::error::Error`] means [`retry`](Failure::retry). What is none, such as `anyhow::Error` or
/// `Box<dyn Error>`, takes one word more: `.map_err(Failure::retry)?`.
#[derive(Debug)]
pub struct Failure(Outcome);

/// How an attempt ended, as the executor takes it.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It succeeded; the result is a JSON text.
    Done(Box<str>),
    /// It failed, and may be tried again.
    Retry {
        /// The kind of failure.
        kind: ErrorKind,
        /// For a person.
        message: String,
        /// Not before this; else as the task's policy says.
        after: Option<Duration>,
    },
    /// It failed, and trying again is no use.
    Fatal {
        /// The kind of failure.
        kind: ErrorKind,
        /// For a person.
        message: String,
    },
    /// It could not begin now. Does not count as an attempt.
    Snooze(Duration),
    /// It did a part, and goes on later from its checkpoint. Counting of attempts begins anew.
    Continue(Duration),
}

impl Failure {
    /// Try again, after the wait that the task's policy says.
    pub fn retry(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Failure(Outcome::Retry { kind: ErrorKind::Handler, message: causes(&*error.into()).to_string(), after: None })
    }

    /// Try again, but not before `after`.
    pub fn retry_after(error: impl Into<Box<dyn Error + Send + Sync>>, after: Duration) -> Self {
        Failure(Outcome::Retry {
            kind: ErrorKind::Handler,
            message: causes(&*error.into()).to_string(),
            after: Some(after),
        })
    }

    /// The task has failed for good.
    pub fn fatal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Failure(Outcome::Fatal { kind: ErrorKind::Handler, message: causes(&*error.into()).to_string() })
    }

    /// Not now: come back after `after`. Does not count as an attempt.
    pub fn snooze(after: Duration) -> Self {
        Failure(Outcome::Snooze(after))
    }

    /// Part of the work is done: go on after `after`, from the checkpoint. Does not count as an attempt.
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
    fn any_error_means_retry() {
        let failure = parse("x").map_err(Outcome::from);
        let message = "invalid digit found in string".to_owned();
        assert_eq!(failure, Err(Outcome::Retry { kind: ErrorKind::Handler, message, after: None }));
    }
}
