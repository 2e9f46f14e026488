//! Batches of tasks: how they are cut, and what became of each task.

use std::{ops::Range, sync::OnceLock};

use futures::stream::{self, StreamExt};
use http::StatusCode;
use taskway_api::{BatchItem, BatchResults, LONGEST_BATCH_BODY, MOST_OF_A_BATCH, Task};

use crate::{
    answer::Answer,
    call::Call,
    client::Client,
    error::{Error, NotAnswered},
    new_task::NewTask,
    refusal::Refusal,
};

/// What became of one task of [`submit_many`](Client::submit_many).
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The key of this task. With it the task can be submitted again safely.
    pub idempotency_key: Box<str>,
    /// The accepted task, or why there is none. [`Error::NotAnswered`] leaves open whether it was accepted.
    pub task: Result<Task, Error>,
    /// Whether the API had this task already, under its key.
    pub replayed: bool,
}

/// The accepted task, or why there is none, and whether the API had it already.
type Outcome = (Result<Task, Error>, bool);

/// So the stack has something to do while an answer is read and the next batch is sent.
const BATCHES_AT_ONCE: usize = 3;

/// What stands around the tasks of a batch.
const AROUND: usize = r#"{"tasks":[]}"#.len();

impl Client {
    /// Submits tasks in batches, and returns an answer for each, in order.
    ///
    /// A batch has at most 500 tasks and 5 MiB, and three are sent at the same time. A refused task does not keep the others from
    /// being accepted. If a batch gets no answer within the client's timeout, its tasks and those of the batches that were not sent
    /// yet have the error in their answers. Submit these again with the keys of their answers: then those that were accepted are
    /// not made twice.
    ///
    /// # Errors
    /// If a task has a value without a meaning. Nothing is sent then.
    pub async fn submit_many(&self, tasks: impl IntoIterator<Item = NewTask>) -> Result<Vec<Submitted>, Error> {
        let keyed: Vec<_> = tasks.into_iter().map(NewTask::keyed).collect::<Result<_, _>>()?;
        Ok(self.submit_texts(keyed, |_| {}).await)
    }

    /// [`submit_many`](Client::submit_many) for tasks that are JSON already, each with the idempotency key that it has.
    /// `told` hears how many have an answer, after each batch.
    pub async fn submit_texts(&self, tasks: Vec<(Box<str>, String)>, told: impl Fn(usize)) -> Vec<Submitted> {
        let (keys, texts): (Vec<_>, Vec<_>) = tasks.into_iter().unzip();
        let failure = OnceLock::new();
        let sent = cut(&texts).into_iter().map(|batch| self.submit_cut(&texts[batch], &failure));
        let mut sent = stream::iter(sent).buffered(BATCHES_AT_ONCE);
        let mut answers = Vec::with_capacity(keys.len());
        while let Some(outcomes) = sent.next().await {
            answers.extend(outcomes);
            told(answers.len());
        }
        let submitted = |(idempotency_key, (task, replayed))| Submitted { idempotency_key, task, replayed };
        keys.into_iter().zip(answers).map(submitted).collect()
    }

    /// Submits a batch, in parts if the API cannot read it. Nothing is sent after a failure, which is noted.
    async fn submit_cut(&self, texts: &[String], failure: &OnceLock<Error>) -> Vec<Outcome> {
        let mut open = vec![texts];
        let mut answers = Vec::with_capacity(texts.len());
        while let Some(part) = open.pop() {
            let outcome = match failure.get() {
                Some(failure) => Err(failure.clone()),
                None => self.submit_batch(part).await,
            };
            match outcome {
                Ok(outcomes) => answers.extend(outcomes),
                // One task can make the whole batch unreadable, such as by a payload that is nested too deep.
                Err(error) if is_of_one(&error) && part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    open.extend([second, first]);
                }
                Err(error) => {
                    answers.extend(part.iter().map(|_| (Err(error.clone()), false)));
                    if !is_of_one(&error) {
                        failure.get_or_init(|| error);
                    }
                }
            }
        }
        answers
    }

    async fn submit_batch(&self, texts: &[String]) -> Result<Vec<Outcome>, Error> {
        let call = Call::submit_batch(format!(r#"{{"tasks":[{}]}}"#, texts.join(",")).into());
        let answer = self.send(&call).await?;
        let BatchResults { results } = answer.read(&call)?;
        if results.len() != texts.len() {
            return Err(NotAnswered::of(&call, Incomplete { got: results.len(), of: texts.len() }).into());
        }
        Ok(results.into_iter().map(|item| outcome(item, &answer)).collect())
    }
}

/// The API answered another number of tasks than it was given.
#[derive(Debug, thiserror::Error)]
#[error("the api answered {got} of {of} tasks")]
struct Incomplete {
    got: usize,
    of: usize,
}

fn outcome(item: BatchItem, answer: &Answer) -> Outcome {
    match item {
        BatchItem::Accepted { status, task } => (Ok(*task), status == StatusCode::OK.as_u16()),
        BatchItem::Refused { status, problem } => {
            (Err(Refusal::within(status, *problem, answer.sender.clone()).into()), false)
        }
    }
}

/// Whether one task may have made the API refuse its batch.
fn is_of_one(error: &Error) -> bool {
    error
        .refusal()
        .is_some_and(|refusal| matches!(refusal.status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE))
}

/// The tasks in order, in batches that the API takes. A task that is too large alone is a batch, and will be refused.
///
/// AWS hands a request to its function as a string within JSON, 6 MB at most. There a quote or a backslash takes two bytes.
fn cut(texts: &[String]) -> Vec<Range<usize>> {
    let (mut batches, mut start, mut size) = (Vec::new(), 0, AROUND);
    for (at, text) in texts.iter().enumerate() {
        let escaped = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        let weight = text.len() + escaped + 1;
        if at > start && (at - start == MOST_OF_A_BATCH || size + weight > LONGEST_BATCH_BODY) {
            batches.push(start..at);
            (start, size) = (at, AROUND);
        }
        size += weight;
    }
    if start < texts.len() {
        batches.push(start..texts.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(texts: &[String]) -> Vec<usize> {
        cut(texts).iter().map(Range::len).collect()
    }

    #[test]
    fn a_batch_has_at_most_what_the_api_takes() {
        assert!(cut(&[]).is_empty());
        assert_eq!(lengths(&vec!["{}".to_owned(); 1101]), [500, 500, 101]);
        let large = "x".repeat(LONGEST_BATCH_BODY / 2 - 100);
        assert_eq!(lengths(&[large.clone(), large.clone(), large]), [2, 1]);
        // A quote counts twice, and what is too large alone stands alone.
        let quotes = "\"".repeat(LONGEST_BATCH_BODY);
        assert_eq!(lengths(&["{}".to_owned(), quotes, "{}".to_owned()]), [1, 1, 1]);
    }
}
