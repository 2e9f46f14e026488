//! Writing down how an attempt ended.

use std::time::Duration;

use taskway::attempt::Outcome;
use taskway_cloud::dynamo::{StoreError, room};
use taskway_protocol::{AttemptError, Count, ErrorKind, LONGEST_MESSAGE_DELAY, Step, Stored, Task, Time};

use crate::{Executor, heartbeat::Unwritten};

/// A result is at most this long.
const LONGEST_RESULT: usize = 256 * 1024;

/// What a result or a checkpoint leaves free in the record for what is written with it.
const MARGIN: usize = 96;

/// An error's message is kept at least so far, even if the record then costs a unit more.
const SHORTEST_MESSAGE: usize = 256;

/// And at most so far.
const LONGEST_MESSAGE: usize = 1_000;

/// Between two tries to write an outcome, each of which the SDK has tried again by itself.
const PAUSE: Duration = Duration::from_millis(500);

/// Nobody waits longer than that for another attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(366 * 86_400);

impl Executor {
    /// Writes the outcome under the fence, trying until `trusted_until`. The record as it stands then; nothing when it is
    /// not the attempt's any more, or the table does not answer.
    pub(crate) async fn record(
        &self,
        task: &Task,
        outcome: Outcome,
        unwritten: Unwritten,
        trusted_until: Time,
    ) -> Option<Task> {
        loop {
            let written = match self.step(task, &outcome, &unwritten).await {
                Ok(step) => self.services.apply(task.id, step).await,
                Err(error) => Err(error),
            };
            match written {
                Ok(task) => return Some(task),
                Err(StoreError::Conflict(conflict)) => {
                    tracing::info!(task.id = %task.id, reason = %conflict.refusal, "outcome refused");
                    return None;
                }
                Err(StoreError::NotFound | StoreError::Malformed(_)) => return None,
                Err(error @ StoreError::Unavailable { .. }) => {
                    tracing::warn!(task.id = %task.id, error = %taskway_runtime::log::causes(&error), "cannot write the outcome");
                    self.services.clock.sleep(PAUSE).await;
                    if self.services.clock.now() >= trusted_until {
                        return None;
                    }
                }
            }
        }
    }

    async fn step(&self, task: &Task, outcome: &Outcome, unwritten: &Unwritten) -> Result<Step, StoreError> {
        let now = self.services.clock.now();
        let retained_until = task.retained_until(now);
        let space = || room(task).saturating_sub(MARGIN);
        let error = |kind, message: &str| AttemptError {
            kind,
            message: shortened(message, space()),
            attempt: task.attempts,
            at: now,
        };
        let fail = |kind, message: &str| Step::Fail {
            fence: task.fence,
            at: now,
            retained_until,
            error: error(kind, message),
        };
        let (progress, checkpoint) = unwritten;
        Ok(match outcome {
            Outcome::Done(result) if result.len() > LONGEST_RESULT => {
                let limit = format!("the result has {} bytes, the limit is {LONGEST_RESULT}", result.len());
                fail(ErrorKind::Handler, &limit)
            }
            Outcome::Done(result) => {
                let keep_until = retained_until.after(Duration::from_secs(86_400));
                let result = match &**result {
                    "null" => None,
                    text => Some(self.store_text(&task.id, text, space(), keep_until).await?),
                };
                Step::Succeed { fence: task.fence, at: now, retained_until, result, progress: *progress }
            }
            Outcome::Fatal { kind, message } => fail(*kind, message),
            Outcome::Retry { kind, message, .. } if task.attempts >= task.spec.retry.max_attempts => {
                fail(*kind, message)
            }
            Outcome::Retry { kind, message, after } => {
                let wait =
                    after.unwrap_or_else(|| task.spec.retry.backoff(task.attempts, self.services.random.fraction()));
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                again(task, now, wait, Count::Keep, Some(error(*kind, message)), checkpoint)
            }
            Outcome::Snooze(wait) => {
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                again(task, now, *wait, Count::TakeBack, None, checkpoint)
            }
            Outcome::Continue(wait) => {
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                again(task, now, *wait, Count::Reset, None, checkpoint)
            }
        })
    }

    async fn checkpoint(
        &self,
        task: &Task,
        text: &Option<Box<str>>,
        retained_until: Time,
    ) -> Result<Option<Stored>, StoreError> {
        let Some(text) = text else { return Ok(None) };
        // An error message may be written beside it.
        let space = room(task).saturating_sub(MARGIN + SHORTEST_MESSAGE);
        self.store_text(&task.id, text, space, retained_until.after(LONGEST_WAIT)).await.map(Some)
    }
}

fn again(
    task: &Task,
    now: Time,
    wait: Duration,
    count: Count,
    error: Option<AttemptError>,
    checkpoint: Option<Stored>,
) -> Step {
    let (fence, due) = (task.fence, now.after(wait.min(LONGEST_WAIT)));
    if due.since(now) <= LONGEST_MESSAGE_DELAY {
        Step::Again { fence, due, count, error, checkpoint }
    } else {
        Step::AgainLater { fence, due, count, error, checkpoint }
    }
}

/// A message that fits into the record.
fn shortened(message: &str, space: usize) -> Box<str> {
    let most = space.clamp(SHORTEST_MESSAGE, LONGEST_MESSAGE);
    if message.len() <= most {
        return message.into();
    }
    let end = message.floor_char_boundary(most - '…'.len_utf8());
    format!("{}…", &message[..end]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let long = "ä".repeat(2_000);
        let cut = shortened(&long, 0);
        assert!(cut.len() <= SHORTEST_MESSAGE && cut.ends_with("ä…"), "{cut}");
        assert_eq!(&*shortened("short", 0), "short");
    }
}
