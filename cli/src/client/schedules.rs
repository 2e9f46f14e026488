//! The calls about schedules.

use reqwest::Method;

use super::{Answer, Call, Client, Repeat};
use crate::{failure::Failure, schedule_name::ScheduleName};

impl Client {
    /// Makes a schedule of this name, or puts this one in its place.
    pub(crate) async fn put_schedule(&self, name: &ScheduleName, body: &str) -> Result<Answer, Failure> {
        self.on_schedule(Method::PUT, name, Some(body)).await
    }

    /// Reads a schedule.
    pub(crate) async fn schedule(&self, name: &ScheduleName) -> Result<Answer, Failure> {
        self.on_schedule(Method::GET, name, None).await
    }

    /// Deletes a schedule. The answer is empty.
    pub(crate) async fn delete_schedule(&self, name: &ScheduleName) -> Result<Answer, Failure> {
        self.on_schedule(Method::DELETE, name, None).await
    }

    /// Submits a schedule's task now.
    pub(crate) async fn run_schedule(&self, name: &ScheduleName) -> Result<Answer, Failure> {
        let path = &["v1", "schedules", name.as_str(), "run"];
        self.call(&Call { method: Method::POST, path, query: &[], body: None, wait: None, repeat: Repeat::Unknown })
            .await
    }

    /// Reads one page of the schedules.
    pub(crate) async fn schedules(&self, query: &[(String, String)]) -> Result<Answer, Failure> {
        let path = &["v1", "schedules"];
        self.call(&Call { method: Method::GET, path, query, body: None, wait: None, repeat: Repeat::Harmless }).await
    }

    async fn on_schedule(&self, method: Method, name: &ScheduleName, body: Option<&str>) -> Result<Answer, Failure> {
        let path = &["v1", "schedules", name.as_str()];
        self.call(&Call { method, path, query: &[], body, wait: None, repeat: Repeat::Harmless }).await
    }
}
