//! The client's methods about queues.

use taskway_api::{BulkResult, Queue, QueueRequest};

use crate::{call::Call, client::Client, error::Error, filter::Selection, pages::Pages};

impl Client {
    /// The queues that have tasks or settings, without their counts.
    pub fn queues(&self) -> Pages<'_, Queue> {
        Pages::new(self, Call::queues())
    }

    /// A queue's settings, and how much it holds. A queue needs no set-up: each name has one.
    ///
    /// # Errors
    /// If no queue can have this name, or the API gives no answer.
    pub async fn queue(&self, name: &str) -> Result<Queue, Error> {
        self.ask(Call::queue(name)?).await
    }

    /// Changes the settings that are given. `Some(None)` is no limit.
    ///
    /// # Errors
    /// If the API refuses a setting.
    pub async fn set_queue(&self, name: &str, request: &QueueRequest) -> Result<Queue, Error> {
        self.ask(Call::set_queue(name, request)?).await
    }

    /// From 5 s after the answer no task of the queue starts. What runs ends as usual.
    ///
    /// # Errors
    /// If no queue can have this name, or the API gives no answer.
    pub async fn pause_queue(&self, name: &str) -> Result<Queue, Error> {
        self.ask(Call::pause_queue(name)?).await
    }

    /// Lets the queue go on.
    ///
    /// # Errors
    /// If no queue can have this name, or the API gives no answer.
    pub async fn resume_queue(&self, name: &str) -> Result<Queue, Error> {
        self.ask(Call::resume_queue(name)?).await
    }

    /// Cancels the tasks of the queue that wait. Those that run go on.
    ///
    /// # Errors
    /// If no queue can have this name, or the API gives no answer.
    pub async fn purge_queue(&self, name: &str) -> Result<BulkResult, Error> {
        self.bulk(Selection::new(), |request| Call::purge_queue(name, request)).await
    }
}
