//! The calls about tasks.

use std::time::Duration;

use http::Method;
use taskway_api::{BulkRequest, TaskChange};

use super::{Call, Repeat};
use crate::{error::Error, filter::Filter};

impl Call {
    /// Submits a task: `body` is its JSON. The API may hold its answer back for `wait`, 25 s at most, until the task has ended.
    /// Say [`Repeat::Unknown`] of a body without an idempotency key.
    pub fn submit(body: String, repeat: Repeat, wait: Option<Duration>) -> Self {
        Call::fixed(Method::POST, &["v1", "tasks"]).json(body).repeated(repeat).waiting(wait)
    }

    /// Submits a batch, whose tasks all have their idempotency keys.
    pub(crate) fn submit_batch(body: Vec<u8>) -> Self {
        Call::fixed(Method::POST, &["v1", "tasks", "batch"]).json(body).repeated(Repeat::ByKey)
    }

    /// Reads a task.
    ///
    /// # Errors
    /// If no task can have this id.
    pub fn get(id: &str) -> Result<Self, Error> {
        Call::new(Method::GET, ["v1", "tasks", id])
    }

    /// Reads a page of the tasks that match, the newest first.
    pub fn tasks(filter: &Filter) -> Self {
        Call::fixed(Method::GET, &["v1", "tasks"]).query(filter.parameters())
    }

    /// Reads a page of the tasks that failed and match, the latest failure first.
    pub fn dead(filter: &Filter) -> Self {
        Call::fixed(Method::GET, &["v1", "dead"]).query(filter.parameters())
    }

    /// Changes a task that has not started.
    ///
    /// # Errors
    /// If no task can have this id.
    pub fn update(id: &str, change: &TaskChange) -> Result<Self, Error> {
        Call::new(Method::PATCH, ["v1", "tasks", id])?.of(change)
    }

    /// Stops a task.
    ///
    /// # Errors
    /// If no task can have this id.
    pub fn cancel(id: &str) -> Result<Self, Error> {
        Ok(Call::new(Method::POST, ["v1", "tasks", id, "cancel"])?.repeated(Repeat::Harmless))
    }

    /// Starts a waiting task now. The second of two such calls would be refused.
    ///
    /// # Errors
    /// If no task can have this id.
    pub fn run(id: &str) -> Result<Self, Error> {
        Call::new(Method::POST, ["v1", "tasks", id, "run"])
    }

    /// Starts an ended task again. By two such calls it could run twice.
    ///
    /// # Errors
    /// If no task can have this id.
    pub fn retry(id: &str) -> Result<Self, Error> {
        Call::new(Method::POST, ["v1", "tasks", id, "retry"])
    }

    /// Stops the tasks that the body selects, as many as one call does.
    ///
    /// # Errors
    /// If the selection cannot be written as JSON.
    pub fn cancel_many(selection: &BulkRequest) -> Result<Self, Error> {
        Call::fixed(Method::POST, &["v1", "tasks", "cancel"]).repeated(Repeat::Harmless).of(selection)
    }

    /// Starts the failed tasks again that the body selects, as many as one call does.
    ///
    /// # Errors
    /// If the selection cannot be written as JSON.
    pub fn redrive(selection: &BulkRequest) -> Result<Self, Error> {
        Call::fixed(Method::POST, &["v1", "dead", "redrive"]).repeated(Repeat::Harmless).of(selection)
    }

    /// Reads how much is in the stack.
    pub fn stats() -> Self {
        Call::fixed(Method::GET, &["v1", "stats"])
    }
}
