//! An answer that says no: a problem document (RFC 9457), or whatever stood in its place.

use std::fmt;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::output::{clipped, plain};

/// A refusal as it came.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    request_id: Option<String>,
    body: String,
}

/// What people are shown of a problem. Members that it lacks, and those that it has besides, do no harm.
#[derive(Debug, Deserialize)]
struct Problem {
    title: String,
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Fault>,
}

/// One fault of a request, and where it is: `pointer`, `header` or `parameter`.
#[derive(Debug, Deserialize)]
struct Fault {
    pointer: Option<String>,
    header: Option<String>,
    parameter: Option<String>,
    detail: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, request_id: Option<String>, body: String) -> Self {
        Self { status, request_id, body }
    }

    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// Whether a program can read the body; a proxy's web page would only break its parser.
    pub(crate) fn is_json(&self) -> bool {
        serde_json::from_str::<&RawValue>(&self.body).is_ok()
    }

    /// Whether the service, rather than the request, is at fault.
    pub(crate) fn is_passing(&self) -> bool {
        self.status.is_server_error() || self.status == StatusCode::TOO_MANY_REQUESTS
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match serde_json::from_str::<Problem>(&self.body) {
            Ok(problem) => write!(f, "{problem}")?,
            // API Gateway's own refusals are `{"message":…}`, and anything may sit between it and us.
            Err(_) => {
                write!(f, "the server answered {}", self.status)?;
                if !self.body.trim().is_empty() {
                    write!(f, "\n  {}", clipped(self.body.trim()))?;
                }
            }
        }
        // The operator's logs have the rest of the story under this id.
        match &self.request_id {
            Some(id) if self.status.is_server_error() => write!(f, "\n  request {}", plain(id)),
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(&self.title))?;
        if let Some(detail) = &self.detail {
            write!(f, "\n  {}", plain(detail))?;
        }
        for fault in &self.errors {
            write!(f, "\n  {}: {}", plain(&fault.place()), plain(&fault.detail))?;
        }
        Ok(())
    }
}

impl Fault {
    fn place(&self) -> String {
        match (&self.pointer, &self.header, &self.parameter) {
            (Some(pointer), ..) if pointer.is_empty() => "the body".to_owned(),
            (Some(pointer), ..) => pointer.clone(),
            (None, Some(header), _) => format!("header {header}"),
            (None, None, Some(parameter)) => format!("parameter {parameter}"),
            (None, None, None) => "the request".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(status: StatusCode, body: &str) -> String {
        Refusal::new(status, Some("r-1".to_owned()), body.to_owned()).to_string()
    }

    #[test]
    fn each_fault_names_its_place() {
        let body = r#"{"type":"/problems/validation","title":"the request is not valid","status":422,"detail":"4 faults",
            "errors":[{"pointer":"/retry/max_attempts","detail":"must be 1 to 100, got 0"},{"pointer":"","detail":"a"},
            {"header":"idempotency-key","detail":"b"},{"parameter":"limit","detail":"c"}],"new":1}"#;
        let expected = "the request is not valid\n  4 faults\n  /retry/max_attempts: must be 1 to 100, got 0\n  \
                        the body: a\n  header idempotency-key: b\n  parameter limit: c";
        assert_eq!(shown(StatusCode::UNPROCESSABLE_ENTITY, body), expected);
    }

    #[test]
    fn what_is_no_problem_document_is_shown_as_it_is() {
        let forbidden = r#"{"message":"Forbidden"}"#;
        let expected = "the server answered 403 Forbidden\n  {\"message\":\"Forbidden\"}";
        assert_eq!(shown(StatusCode::FORBIDDEN, forbidden), expected);
        assert_eq!(shown(StatusCode::BAD_GATEWAY, ""), "the server answered 502 Bad Gateway\n  request r-1");
    }
}
