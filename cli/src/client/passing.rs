//! Requests of the dashboard, sent on as this command's own.

use std::time::SystemTime;

use http::{HeaderMap, Method, StatusCode};
use taskway_client::Call;

use super::Client;
use crate::{auth, failure::Failure};

/// A request of the page: where it goes below the API's URL, and what it carries.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) method: Method,
    /// The path's parts, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// Those of the page's headers that the API reads.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The API's answer as it came.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What to do about an answer that does not let this command in.
    pub(crate) advice: Option<String>,
}

impl Client {
    /// Sends a request on, once, and returns what came.
    pub(crate) async fn pass(&self, passed: Passed) -> Result<Answered, Failure> {
        let Passed { method, path, query, headers, body } = passed;
        let call = Call::new(method, path).map_err(|error| self.failure(error))?.query(query).headers(headers);
        let call = if body.is_empty() { call } else { call.body(body) };
        let answer = self.api.send_once(&call).await.map_err(|error| self.failure(error))?;
        let advice = auth::advice(&answer.sender, answer.status, &answer.headers, SystemTime::now());
        Ok(Answered { status: answer.status, headers: answer.headers, body: answer.body, advice })
    }
}
