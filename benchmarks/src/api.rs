//! The API without a server. Requests go directly to the router, as in the submit function.

use axum::{Router, body::Body};
use http::{Request, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use serde::Deserialize;
use taskway_submit::Submit;
use tower::ServiceExt;

/// The API of a submit function.
#[derive(Clone, Debug)]
pub(crate) struct Api(Router);

/// What is looked at of a batch's answer. To read all of it would be a fifth of the client's measured time.
#[derive(Deserialize)]
struct Batch {
    results: Vec<Accepted>,
}

#[derive(Deserialize)]
struct Accepted {
    status: u16,
}

/// The smallest task.
pub(crate) const NO_OP: &str = r#"{"target":{"handler":"echo"}}"#;

impl Api {
    pub(crate) fn new(submit: Submit) -> Self {
        Api(taskway_submit::router(submit))
    }

    /// Sends a POST request and returns the answer's body.
    ///
    /// # Errors
    /// If the API refuses the request. The error has the API's answer.
    pub(crate) async fn post(&self, path: &str, body: String) -> anyhow::Result<Vec<u8>> {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json").body(Body::from(body))?;
        self.answer(path, request).await
    }

    /// Sends a PATCH request and returns the answer's body.
    ///
    /// # Errors
    /// If the API refuses the request. The error has the API's answer.
    pub(crate) async fn patch(&self, path: &str, body: String) -> anyhow::Result<Vec<u8>> {
        let request = Request::patch(path).header(CONTENT_TYPE, "application/json").body(Body::from(body))?;
        self.answer(path, request).await
    }

    /// Sends a GET request and returns the answer's body.
    ///
    /// # Errors
    /// If the API refuses the request. The error has the API's answer.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.answer(path, Request::get(path).body(Body::empty())?).await
    }

    async fn answer(&self, path: &str, request: Request<Body>) -> anyhow::Result<Vec<u8>> {
        let answer = self.0.clone().oneshot(request).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        anyhow::ensure!(status.is_success(), "{path} answered {status}: {}", String::from_utf8_lossy(&bytes));
        Ok(bytes.into())
    }

    /// Submits one task.
    pub(crate) async fn submit(&self, task: &str) -> anyhow::Result<()> {
        self.post("/v1/tasks", task.to_owned()).await.map(drop)
    }

    /// Submits `count` equal tasks in one request.
    pub(crate) async fn submit_batch(&self, task: &str, count: usize) -> anyhow::Result<()> {
        let answer = self.post("/v1/tasks/batch", batch(task, count)).await?;
        let answer: Batch = serde_json::from_slice(&answer)?;
        let accepted = answer.results.iter().filter(|result| result.status == 202).count();
        anyhow::ensure!(accepted == count, "the API accepted {accepted} of the {count} tasks of a batch");
        Ok(())
    }
}

/// The request body for `count` equal tasks.
pub(crate) fn batch(task: &str, count: usize) -> String {
    format!(r#"{{"tasks":[{}]}}"#, vec![task; count].join(","))
}
