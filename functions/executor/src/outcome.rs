//! Writing how an attempt ended.

use std::time::Duration;

use taskway::attempt::{Outcome, Wait};
use taskway_cloud::dynamo::{StoreError, room};
use taskway_protocol::{
    AttemptError, Count, End, ErrorKind, LARGEST_OBJECT, LONGEST_MESSAGE_DELAY, MOST_GIVEN_BACK, PastAttempt,
    RetryPolicy, Step, Stored, Task, Time,
};
use taskway_runtime::log::causes;

use crate::{
    executor::Executor,
    heartbeat::{LARGEST_PART, Unwritten},
};

/// How many bytes of the record a result or a checkpoint leaves free for what is written with it.
const MARGIN: usize = 96;

/// An error's message keeps at least this many bytes, even if the record then costs another write unit.
const SHORTEST_MESSAGE: usize = 256;

/// An error's message keeps at most this many bytes.
const LONGEST_MESSAGE: usize = 1_000;

/// The pause between two tries to write an outcome. The SDK has already retried each of them.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest wait for another attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(366 * 86_400);

/// The waits of a task whose target was not started. The task's own policy is for failures of the target, and may have waits
/// so short that they would keep a busy service busy.
const TURNED_AWAY: RetryPolicy =
    RetryPolicy { max_attempts: 1, min_backoff_seconds: 1, max_backoff_seconds: 300, multiplier: 2.0 };

/// The waits of a task whose host gets no requests now, on top of the time for which it gets none. Short, so that the tasks of a
/// host that is back do not wait for long, and drawn, so that they do not come at once.
const HOST_AWAY: RetryPolicy =
    RetryPolicy { max_attempts: 1, min_backoff_seconds: 1, max_backoff_seconds: 30, multiplier: 2.0 };

/// How many claims of a task may not count because its target was not started. At the longest waits that is more than a week for
/// a function, which waits 150 s on average, and some four days for a host. Then the attempts count, so that the task ends. Claims
/// that do not count for another reason are among them.
const MOST_TURNED_AWAY: u32 = 5_000;

/// How long a large result stays in the table after its record is gone.
const DAY: Duration = Duration::from_secs(86_400);

impl Executor {
    /// Writes the outcome under the attempt's fence, and returns the record as it stands then. Tries again until
    /// `trusted_until` while the table does not answer. `None` if it never answers, or if the attempt does not hold the
    /// task any more.
    pub(crate) async fn record(
        &self,
        task: &Task,
        outcome: Outcome,
        unwritten: Unwritten,
        trusted_until: Time,
    ) -> Option<Task> {
        let mut step = None;
        loop {
            match self.try_record(task, &outcome, &unwritten, &mut step).await {
                Ok(task) => return Some(task),
                Err(StoreError::Conflict(conflict)) => {
                    let (id, reason) = (task.id, conflict.refusal);
                    tracing::info!(task.id = %id, task.refusal = reason.name(), "outcome of task {id} refused: {reason}");
                    return None;
                }
                Err(StoreError::NotFound | StoreError::Malformed(_)) => return None,
                Err(error @ StoreError::Unavailable { .. }) => {
                    let id = task.id;
                    tracing::warn!(task.id = %id, error = %causes(&error), "cannot write the outcome of task {id}");
                    self.services.clock.sleep(PAUSE).await;
                    if self.services.clock.now() >= trusted_until {
                        return None;
                    }
                }
            }
        }
    }

    /// `made` keeps the step from try to try. The same step is recognised in the record if an earlier try was written and
    /// its answer was lost.
    async fn try_record(
        &self,
        task: &Task,
        outcome: &Outcome,
        unwritten: &Unwritten,
        made: &mut Option<Step>,
    ) -> Result<Task, StoreError> {
        let step = match made {
            Some(step) => step.clone(),
            None => made.insert(self.step(task, outcome, unwritten).await?).clone(),
        };
        self.services.apply(task.id, step).await
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
            owes: task.is_followed(End::Failed),
        };
        let (progress, checkpoint) = unwritten;
        Ok(match outcome {
            Outcome::Done(result) if result.len() > self.longest_result() => {
                let (limit, bytes) = (self.longest_result(), result.len());
                fail(ErrorKind::Handler, &format!("the result has {bytes} bytes, the limit is {limit}"))
            }
            Outcome::Done(result) => {
                let keep_until = retained_until.after(DAY);
                let result = match &**result {
                    "null" => None,
                    text => Some(self.store_text(&task.id, text, space(), keep_until).await?),
                };
                let owes = task.is_followed(End::Succeeded);
                Step::Succeed { fence: task.fence, at: now, retained_until, result, progress: *progress, owes }
            }
            Outcome::Fatal { kind, message } => fail(*kind, message),
            Outcome::Stopped if task.may_be_given_back() => {
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                Step::GiveBack { fence: task.fence, now, checkpoint }
            }
            Outcome::Stopped => {
                let message = format!("the executor stopped during the attempt, as {MOST_GIVEN_BACK} did before it");
                let counts = Outcome::Retry { kind: ErrorKind::Timeout, message, wait: Wait::Policy };
                return Box::pin(self.step(task, &counts, unwritten)).await;
            }
            Outcome::Retry { kind, message, .. } if task.attempts >= task.spec.options.retry.max_attempts => {
                fail(*kind, message)
            }
            Outcome::Retry { kind, message, wait } => {
                let policy = || task.spec.options.retry.backoff(task.attempts, self.services.random.fraction());
                let wait = wait.or_by(policy);
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                let failure = Failure::of(task, *kind, message, now, &checkpoint);
                again(task, now, wait, Count::Keep, failure, checkpoint)
            }
            Outcome::NotStarted { kind, message, at_least } => {
                let uncounted = task.fence.0.saturating_sub(task.attempts);
                if uncounted >= MOST_TURNED_AWAY {
                    let counts =
                        Outcome::Retry { kind: *kind, message: message.clone(), wait: Wait::AtLeast(*at_least) };
                    return Box::pin(self.step(task, &counts, unwritten)).await;
                }
                let drawn = |policy: RetryPolicy| policy.backoff(uncounted + 1, self.services.random.fraction());
                let is_host = *kind == ErrorKind::Http;
                let wait = if is_host { *at_least + drawn(HOST_AWAY) } else { drawn(TURNED_AWAY).max(*at_least) };
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                again(task, now, wait, Count::TakeBack, Failure::uncounted(error(*kind, message)), checkpoint)
            }
            Outcome::Snooze(wait) => {
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                again(task, now, *wait, Count::TakeBack, Failure::default(), checkpoint)
            }
            Outcome::Continue(wait) => {
                let checkpoint = self.checkpoint(task, checkpoint, retained_until).await?;
                // The attempts are counted anew.
                let past = (!task.past.is_empty()).then(Vec::new);
                again(task, now, *wait, Count::Reset, Failure { error: None, past }, checkpoint)
            }
        })
    }

    fn longest_result(&self) -> usize {
        match self.services.objects {
            Some(_) => usize::try_from(LARGEST_OBJECT).unwrap_or(usize::MAX),
            None => LARGEST_PART,
        }
    }

    async fn checkpoint(
        &self,
        task: &Task,
        text: &Option<Box<str>>,
        retained_until: Time,
    ) -> Result<Option<Stored>, StoreError> {
        let Some(text) = text else { return Ok(None) };
        // An error's message may be written beside it.
        let space = room(task).saturating_sub(MARGIN + SHORTEST_MESSAGE);
        self.store_text(&task.id, text, space, retained_until.after(LONGEST_WAIT)).await.map(Some)
    }
}

/// What the record keeps of an attempt's failure when another attempt follows. By default the attempt did not fail.
#[derive(Default)]
struct Failure {
    error: Option<AttemptError>,
    past: Option<Vec<PastAttempt>>,
}

impl Failure {
    /// Error and past attempts, cut to what the record has room for beside the checkpoint.
    fn of(task: &Task, kind: ErrorKind, message: &str, now: Time, checkpoint: &Option<Stored>) -> Self {
        // A clock may have been put back since the claim.
        let at = task.started_at.map_or(now, |began| now.max(began));
        let checkpoint = checkpoint.clone().or_else(|| task.checkpoint.clone());
        let bare = Task { error: None, past: Vec::new(), checkpoint, ..task.clone() };
        let space = room(&bare).saturating_sub(MARGIN);
        let mut error = AttemptError { kind, message: message.into(), attempt: task.attempts, at };
        let past = task.past_with(&error, space.saturating_sub(message.len().min(SHORTEST_MESSAGE)));
        let taken: usize = past.iter().map(PastAttempt::bytes).sum();
        error.message = shortened(message, space.saturating_sub(taken));
        Failure { error: Some(error), past: Some(past) }
    }

    /// Of an attempt that does not count. The past attempts stay as they are.
    fn uncounted(error: AttemptError) -> Self {
        Failure { error: Some(error), past: None }
    }
}

/// The step to another attempt: a message carries a short wait, the agenda a longer one. A task whose deadline comes first is due
/// then, so that its end is written and its callback follows.
fn again(
    task: &Task,
    now: Time,
    wait: Duration,
    count: Count,
    Failure { error, past }: Failure,
    checkpoint: Option<Stored>,
) -> Step {
    let (fence, due) = (task.fence, now.after(wait.min(LONGEST_WAIT)));
    let due = task.spec.deadline.map_or(due, |deadline| due.min(deadline.max(now)));
    if due.since(now) <= LONGEST_MESSAGE_DELAY {
        Step::Again { fence, due, count, error, past, checkpoint }
    } else {
        Step::AgainLater { fence, due, count, error, past, checkpoint }
    }
}

/// The message, cut to fit into `space` bytes of the record as far as the limits allow.
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
