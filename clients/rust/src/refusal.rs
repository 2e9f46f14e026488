//! An answer that says no: a problem document (RFC 9457), or whatever stood in its place.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;
use taskway_api::Problem;
use taskway_strict::{FieldError, Place};

use crate::{answer::Answer, auth::Sender};

/// A refusal as it came.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// What the API says. `None` for a refusal of what stands before the API, such as API Gateway.
    pub problem: Option<Problem>,
    /// The answer's headers. A refusal within a batch has none.
    pub headers: HeaderMap,
    /// The answer's body.
    pub body: String,
    /// How the request said who sent it.
    pub sender: Sender,
}

/// What API Gateway says for itself.
#[derive(Deserialize)]
struct Message {
    // Either spelling occurs: which one depends on the layer that refuses.
    #[serde(alias = "Message")]
    message: String,
}

impl Refusal {
    /// The refusal of one task of a batch.
    pub(crate) fn within(status: u16, problem: Problem, sender: Sender) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        let body = serde_json::to_string(&problem).unwrap_or_default();
        Refusal { status, problem: Some(problem), headers: HeaderMap::new(), body, sender }
    }

    /// The kind of problem, such as `/problems/validation`. It never changes.
    pub fn kind(&self) -> Option<&str> {
        self.problem.as_ref().map(|problem| &*problem.kind)
    }

    /// Every fault of the request at once. Each names its field, and its limit in its `detail`.
    pub fn errors(&self) -> &[FieldError] {
        self.problem.as_ref().map_or(&[], |problem| &problem.errors)
    }

    /// More that a program can use, such as `state` of a conflict or `limit_bytes` of a body that is too large.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.problem.as_ref()?.members.get(name)
    }

    /// What API Gateway or another server before the API says.
    pub fn message(&self) -> Option<String> {
        serde_json::from_str(&self.body).ok().map(|Message { message }| message)
    }

    /// The id under which the stack's log has this call.
    pub fn request_id(&self) -> Option<&str> {
        self.headers.get("x-request-id")?.to_str().ok()
    }

    /// How long the API asks to wait before another try.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        // A date, which proxies send and Taskway does not.
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// Whether the service, rather than the request, is at fault.
    pub fn is_passing(&self) -> bool {
        let status = self.status;
        status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
    }
}

impl From<Answer> for Refusal {
    fn from(answer: Answer) -> Self {
        let problem = serde_json::from_slice(&answer.body).ok();
        let body = answer.text().into_owned();
        Refusal { status: answer.status, problem, headers: answer.headers, body, sender: answer.sender }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Some(problem) if !problem.errors.is_empty() => {
                let faults = problem.errors.iter().map(|fault| format!("{}{}", place(&fault.place), fault.detail));
                f.write_str(&faults.collect::<Vec<_>>().join("; "))?;
            }
            Some(problem) => f.write_str(problem.detail.as_deref().unwrap_or(&problem.title))?,
            None => f.write_str(&self.message().unwrap_or_else(|| "the server refused the call".to_owned()))?,
        }
        write!(f, " (HTTP {}", self.status.as_u16())?;
        if let Some(id) = self.request_id() {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

/// The place of a fault, before what it says. The whole body has none.
fn place(place: &Place) -> String {
    match place {
        Place::Pointer(place) if place.is_empty() => String::new(),
        Place::Pointer(place) => format!("{place} "),
        Place::Header(name) => format!("header {name} "),
        Place::Parameter(name) => format!("parameter {name} "),
    }
}
