//! What a record keeps of attempts that failed and that another attempt followed.

use std::{fmt, time::Duration};

use crate::{AttemptError, ErrorKind, Task, Time};

/// The record keeps at most this many bytes of past attempts.
pub const MOST_PAST: usize = 400;

/// A past attempt keeps at most this many bytes of its message.
const LONGEST_MESSAGE: usize = 100;

/// An attempt that failed, and that another one followed.
///
/// As a text it is `number/start/duration/kind/message`, with times in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastAttempt {
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// When it began.
    pub started_at: Time,
    /// When it failed, or when it was found to be lost.
    pub failed_at: Time,
    /// The kind of failure.
    pub kind: ErrorKind,
    /// The beginning of the error's message, on one line. Empty if the attempt was lost.
    pub message: Box<str>,
}

impl PastAttempt {
    /// Reads what [`Display`](fmt::Display) printed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '/');
        let mut part = || parts.next();
        let (attempt, start, ms) = (part()?.parse().ok()?, part()?.parse().ok()?, part()?.parse().ok()?);
        let (kind, message) = (ErrorKind::parse(part()?)?, part()?.into());
        let started_at = Time::from_millis(start);
        Some(PastAttempt { attempt, started_at, failed_at: started_at.after(Duration::from_millis(ms)), kind, message })
    }

    /// How many bytes of the record it takes, with what divides it from the next.
    pub fn bytes(&self) -> usize {
        self.to_string().len() + 1
    }
}

impl fmt::Display for PastAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.failed_at.since(self.started_at).as_millis();
        let (attempt, start, kind) = (self.attempt, self.started_at.as_millis(), self.kind.as_str());
        write!(f, "{attempt}/{start}/{ms}/{kind}/{}", self.message)
    }
}

impl Task {
    /// The past attempts after the latest one has failed by `error` and another follows, in at most `space` bytes of the record. The
    /// earliest give way to later ones.
    pub fn past_with(&self, error: &AttemptError, space: usize) -> Vec<PastAttempt> {
        let latest = PastAttempt {
            attempt: error.attempt,
            started_at: self.started_at.unwrap_or(error.at),
            failed_at: error.at.max(self.started_at.unwrap_or(error.at)),
            kind: error.kind,
            message: one_line(&error.message),
        };
        let mut past = self.past.clone();
        past.push(latest);
        let mut left = space.min(MOST_PAST);
        let fit = past.iter().rev().take_while(|attempt| match left.checked_sub(attempt.bytes()) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        });
        let kept = fit.count();
        past.split_off(past.len() - kept)
    }
}

/// The beginning of a message, without its line breaks.
fn one_line(message: &str) -> Box<str> {
    let most = message.floor_char_boundary(LONGEST_MESSAGE);
    message[..most].replace(char::is_control, " ").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_millis(1_764_000_000_000);

    fn failed(attempt: u32, message: &str) -> (Task, AttemptError) {
        let at = START.after(Duration::from_millis(40));
        let error = AttemptError { kind: ErrorKind::Http, message: message.into(), attempt, at };
        (Task { started_at: Some(START), ..Task::example(START) }, error)
    }

    #[test]
    fn a_past_attempt_is_a_short_text() {
        let (task, error) = failed(2, "503 /\nno");
        let past = task.past_with(&error, 400);
        assert_eq!(past.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2/1764000000000/40/http/503 / no"]);
        assert_eq!(PastAttempt::parse(&past[0].to_string()).as_ref(), past.first());
    }

    #[test]
    fn the_earliest_give_way() {
        let (mut task, _) = failed(0, "");
        for attempt in 1..=100 {
            let (_, error) = failed(attempt, &"ä".repeat(200));
            task.past = task.past_with(&error, 1_000);
        }
        let kept: Vec<u32> = task.past.iter().map(|past| past.attempt).collect();
        assert_eq!(kept, [98, 99, 100]);
        let (_, error) = failed(101, "no");
        assert_eq!(task.past_with(&error, 20), []);
    }
}
