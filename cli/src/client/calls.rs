//! The calls of this command.

use std::time::Duration;

use taskway_api::{BulkRequest, LONGEST_PAYLOAD, QueueRequest, TaskRequest};
use taskway_client::{Call, Filter, Repeat};
use taskway_protocol::Object;

use super::{Answer, Client};
use crate::{failure::Failure, queue_name::QueueName, schedule_name::ScheduleName, task_id::TaskId};

/// What may be done to a task that exists.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Cancel,
    Run,
    Retry,
}

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Listing {
    Tasks,
    Dead,
}

/// What may be done to all tasks that match.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BulkAction<'a> {
    Cancel,
    Redrive,
    /// Of all that wait in this queue.
    Purge(&'a QueueName),
}

impl Client {
    /// Submits a task. `keyed`: the body has an idempotency key, so that a second try finds the first one's task.
    pub(crate) async fn submit(&self, body: String, keyed: bool, wait: Option<u8>) -> Result<Answer, Failure> {
        let repeat = if keyed { Repeat::ByKey } else { Repeat::Unknown };
        let wait = wait.map(|seconds| Duration::from_secs(seconds.into()));
        self.call(Ok(Call::submit(body, repeat, wait))).await
    }

    /// The task with its payload uploaded, if that is too large for a request.
    pub(crate) async fn uploaded(&self, task: TaskRequest) -> Result<TaskRequest, Failure> {
        let Some(payload) = task.payload.as_deref().filter(|payload| payload.get().len() > LONGEST_PAYLOAD) else {
            return Ok(task);
        };
        let payload_ref =
            self.api.upload(payload.get().as_bytes().to_vec()).await.map_err(|error| self.failure(error))?;
        Ok(TaskRequest { payload: None, payload_ref: Object::parse(&payload_ref), ..task })
    }

    /// Submits tasks, each as JSON with its idempotency key. An answer for each.
    pub(crate) async fn submit_all(
        &self,
        tasks: Vec<(Box<str>, String)>,
        told: impl Fn(usize),
    ) -> Vec<Result<taskway_client::Task, Failure>> {
        let answers = self.api.submit_texts(tasks, told).await;
        answers.into_iter().map(|answer| answer.task.map_err(|error| self.failure(error))).collect()
    }

    /// Reads a task.
    pub(crate) async fn get(&self, id: &TaskId) -> Result<Answer, Failure> {
        self.call(Call::get(id.as_str())).await
    }

    /// Cancels a task, or starts it now, or again.
    pub(crate) async fn act(&self, id: &TaskId, action: Action) -> Result<Answer, Failure> {
        let call = match action {
            Action::Cancel => Call::cancel(id.as_str()),
            Action::Run => Call::run(id.as_str()),
            Action::Retry => Call::retry(id.as_str()),
        };
        // A person who acts on one task decides whether to do it again.
        self.call(call.map(|call| call.repeated(Repeat::Unknown))).await
    }

    /// Reads one page of a list.
    pub(crate) async fn list(
        &self,
        listing: Listing,
        filter: &Filter,
        limit: u32,
        cursor: Option<String>,
    ) -> Result<Answer, Failure> {
        let call = match listing {
            Listing::Tasks => Call::tasks(filter),
            Listing::Dead => Call::dead(filter),
        };
        self.call(Ok(call.page(Some(limit), cursor))).await
    }

    /// Changes the tasks that are selected, as many as one call does.
    pub(crate) async fn change(&self, action: BulkAction<'_>, selection: &BulkRequest) -> Result<Answer, Failure> {
        self.call(match action {
            BulkAction::Cancel => Call::cancel_many(selection),
            BulkAction::Redrive => Call::redrive(selection),
            BulkAction::Purge(queue) => Call::purge_queue(queue.as_str(), selection),
        })
        .await
    }

    /// Reads how much is in the stack.
    pub(crate) async fn stats(&self) -> Result<Answer, Failure> {
        self.call(Ok(Call::stats())).await
    }

    /// Reads a queue.
    pub(crate) async fn queue(&self, name: &QueueName) -> Result<Answer, Failure> {
        self.call(Call::queue(name.as_str())).await
    }

    /// Pauses a queue, or lets it go on.
    pub(crate) async fn steer(&self, name: &QueueName, paused: bool) -> Result<Answer, Failure> {
        self.call(if paused { Call::pause_queue(name.as_str()) } else { Call::resume_queue(name.as_str()) }).await
    }

    /// Changes a queue.
    pub(crate) async fn set_queue(&self, name: &QueueName, request: &QueueRequest) -> Result<Answer, Failure> {
        self.call(Call::set_queue(name.as_str(), request)).await
    }

    /// Reads one page of the queues.
    pub(crate) async fn queues(&self, limit: u32, cursor: Option<String>) -> Result<Answer, Failure> {
        self.call(Ok(Call::queues().page(Some(limit), cursor))).await
    }

    /// Makes a schedule of this name, or puts this one in its place.
    pub(crate) async fn put_schedule(&self, name: &ScheduleName, body: String) -> Result<Answer, Failure> {
        self.call(Call::put_schedule(name.as_str(), body)).await
    }

    /// Reads a schedule.
    pub(crate) async fn schedule(&self, name: &ScheduleName) -> Result<Answer, Failure> {
        self.call(Call::schedule(name.as_str())).await
    }

    /// Deletes a schedule. The answer is empty.
    pub(crate) async fn delete_schedule(&self, name: &ScheduleName) -> Result<Answer, Failure> {
        self.call(Call::delete_schedule(name.as_str())).await
    }

    /// Submits a schedule's task now.
    pub(crate) async fn run_schedule(&self, name: &ScheduleName) -> Result<Answer, Failure> {
        self.call(Call::run_schedule(name.as_str())).await
    }

    /// Reads one page of the schedules.
    pub(crate) async fn schedules(&self, limit: u32, cursor: Option<String>) -> Result<Answer, Failure> {
        self.call(Ok(Call::schedules().page(Some(limit), cursor))).await
    }
}
