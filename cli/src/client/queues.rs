//! The calls about queues.

use reqwest::Method;
use taskway_api::QueueRequest;

use super::{Answer, Call, Client, Repeat};
use crate::{failure::Failure, queue_name::QueueName};

impl Client {
    /// Reads a queue.
    pub(crate) async fn queue(&self, name: &QueueName) -> Result<Answer, Failure> {
        self.on_queues(Method::GET, &["v1", "queues", name.as_str()], &[]).await
    }

    /// Pauses a queue, or lets it go on.
    pub(crate) async fn steer(&self, name: &QueueName, paused: bool) -> Result<Answer, Failure> {
        let verb = if paused { "pause" } else { "resume" };
        self.on_queues(Method::POST, &["v1", "queues", name.as_str(), verb], &[]).await
    }

    /// Changes a queue.
    pub(crate) async fn set_queue(&self, name: &QueueName, request: &QueueRequest) -> Result<Answer, Failure> {
        let body = serde_json::to_string(request).map_err(|error| Failure::Other(error.into()))?;
        let path = ["v1", "queues", name.as_str()];
        let body = Some(body.as_str());
        self.call(&Call { method: Method::PATCH, path: &path, query: &[], body, wait: None, repeat: Repeat::Harmless })
            .await
    }

    /// Reads one page of the queues.
    pub(crate) async fn queues(&self, query: &[(String, String)]) -> Result<Answer, Failure> {
        self.on_queues(Method::GET, &["v1", "queues"], query).await
    }

    async fn on_queues(&self, method: Method, path: &[&str], query: &[(String, String)]) -> Result<Answer, Failure> {
        self.call(&Call { method, path, query, body: None, wait: None, repeat: Repeat::Harmless }).await
    }
}
