//! The client's methods about tasks.

use std::time::Duration;

use taskway_api::{BulkRequest, BulkResult, Stats, Task, TaskChange};
use tokio::time::Instant;

use crate::{
    call::{Call, Repeat},
    client::Client,
    error::Error,
    filter::{Filter, Selection},
    new_task::NewTask,
    pages::Pages,
};

/// [`Client::wait`] looks soon after the submit, then ever more rarely.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LONGEST_LOOK: Duration = Duration::from_secs(2);

impl Client {
    /// Submits a task, and returns it as the API accepted it. Its idempotency key is made before the first try if none is given, so
    /// the task is made once, however often the request is sent.
    ///
    /// # Errors
    /// If a value has no meaning, or the API refuses the task or gives no answer.
    pub async fn submit(&self, task: NewTask) -> Result<Task, Error> {
        self.submitted(task, None).await
    }

    /// Submits a task. The API answers when the task has ended, or after `wait`, 25 s at most.
    ///
    /// # Errors
    /// As [`submit`](Client::submit).
    pub async fn submit_and_wait(&self, task: NewTask, wait: Duration) -> Result<Task, Error> {
        self.submitted(task, Some(wait)).await
    }

    async fn submitted(&self, task: NewTask, wait: Option<Duration>) -> Result<Task, Error> {
        let (_, body) = task.keyed()?;
        self.ask(Call::submit(body, Repeat::ByKey, wait)).await
    }

    /// The task as it is now, with its payload and result.
    ///
    /// # Errors
    /// If there is none, or no answer.
    pub async fn get(&self, id: &str) -> Result<Task, Error> {
        self.ask(Call::get(id)?).await
    }

    /// Waits until the task has ended, well or not, and returns it.
    ///
    /// # Errors
    /// [`Error::WaitTimeout`], which has the task, if it has not ended after `timeout`.
    pub async fn wait(&self, id: &str, timeout: Duration) -> Result<Task, Error> {
        let started = Instant::now();
        let mut pause = FIRST_LOOK;
        loop {
            let task = self.get(id).await?;
            if task.has_ended() {
                return Ok(task);
            }
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(Error::WaitTimeout(Box::new(task)));
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.mul_f64(1.5).min(LONGEST_LOOK);
        }
    }

    /// The tasks that match, the newest first, without payloads and results.
    pub fn tasks(&self, filter: &Filter) -> Pages<'_, Task> {
        Pages::new(self, Call::tasks(filter))
    }

    /// The tasks that ended as failed and match, the latest failure first, without payloads and results.
    pub fn dead(&self, filter: &Filter) -> Pages<'_, Task> {
        Pages::new(self, Call::dead(filter))
    }

    /// Changes a task that has not started.
    ///
    /// # Errors
    /// If it has started, or the API refuses the change.
    pub async fn update(&self, id: &str, change: &TaskChange) -> Result<Task, Error> {
        self.ask(Call::update(id, change)?).await
    }

    /// Stops a task. A cancelled one stays cancelled.
    ///
    /// # Errors
    /// If it has ended otherwise.
    pub async fn cancel(&self, id: &str) -> Result<Task, Error> {
        self.ask(Call::cancel(id)?).await
    }

    /// Starts a waiting task now. The request is not sent again if the first may have been carried out, because the second would
    /// then be refused.
    ///
    /// # Errors
    /// If it does not wait.
    pub async fn run(&self, id: &str) -> Result<Task, Error> {
        self.ask(Call::run(id)?).await
    }

    /// Starts an ended task again, with attempts counted from 0. The request is not sent again if the first may have been carried
    /// out, because the task could then run twice.
    ///
    /// # Errors
    /// If it has not ended.
    pub async fn retry(&self, id: &str) -> Result<Task, Error> {
        self.ask(Call::retry(id)?).await
    }

    /// Stops all tasks that are selected. If it fails half way, the same call again does the rest.
    ///
    /// # Errors
    /// If nothing selects, or the API gives no answer.
    pub async fn cancel_many(&self, selection: Selection) -> Result<BulkResult, Error> {
        self.bulk(selection, Call::cancel_many).await
    }

    /// Starts again all failed tasks that are selected. If it fails half way, the same call again does the rest.
    ///
    /// # Errors
    /// If the API gives no answer.
    pub async fn redrive(&self, selection: Selection) -> Result<BulkResult, Error> {
        self.bulk(selection, Call::redrive).await
    }

    /// How much is in the stack.
    ///
    /// # Errors
    /// If the API gives no answer.
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.ask(Call::stats()).await
    }

    /// Makes a change of many, call by call, and counts.
    pub(crate) async fn bulk(
        &self,
        selection: Selection,
        call: impl Fn(&BulkRequest) -> Result<Call, Error>,
    ) -> Result<BulkResult, Error> {
        let mut all = BulkResult::default();
        for mut request in selection.requests() {
            loop {
                let BulkResult { matched, done, next_cursor } = self.ask(call(&request)?).await?;
                all.matched += matched;
                all.done += done;
                match next_cursor {
                    Some(cursor) => request.cursor = Some(cursor.into()),
                    None => break,
                }
            }
        }
        Ok(all)
    }
}
