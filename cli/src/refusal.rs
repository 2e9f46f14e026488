//! An answer that says no: a problem document (RFC 9457), or whatever stood in its place.

use std::{fmt, time::SystemTime};

use http::StatusCode;
use serde_json::value::RawValue;
use taskway_api::Problem;
use taskway_strict::Place;

use crate::{
    auth,
    output::{clipped, plain},
};

/// A refusal as it came.
#[derive(Debug)]
pub(crate) struct Refusal {
    refusal: taskway_client::Refusal,
    advice: Option<String>,
}

impl Refusal {
    /// The refusal with what its receiver can do about it.
    pub(crate) fn of(refusal: taskway_client::Refusal) -> Self {
        let advice = auth::advice(&refusal.sender, refusal.status, &refusal.headers, SystemTime::now());
        Self { refusal, advice }
    }

    /// What can be done about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    pub(crate) fn body(&self) -> &str {
        &self.refusal.body
    }

    /// Whether a program can read the body; a proxy's web page would only break its parser.
    pub(crate) fn is_json(&self) -> bool {
        serde_json::from_str::<&RawValue>(self.body()).is_ok()
    }

    /// Whether the service, rather than the request, is at fault.
    pub(crate) fn is_passing(&self) -> bool {
        self.refusal.status.is_server_error() || self.refusal.status == StatusCode::TOO_MANY_REQUESTS
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refusal = &self.refusal;
        match &refusal.problem {
            Some(problem) => f.write_str(&shown(problem))?,
            // API Gateway's own refusals are `{"message":…}`, and anything may sit between it and us.
            None => {
                let message = refusal.message();
                let said = message.as_deref().unwrap_or(&refusal.body).trim();
                write!(f, "the server answered {}", refusal.status)?;
                if !said.is_empty() && Some(said) != refusal.status.canonical_reason() {
                    write!(f, "\n  {}", clipped(said))?;
                }
            }
        }
        if let Some(advice) = &self.advice {
            write!(f, "\n  {advice}")?;
        }
        // The operator's logs have the rest of the story under this id.
        match refusal.request_id() {
            Some(id) if refusal.status.is_server_error() => write!(f, "\n  request {}", plain(id)),
            Some(_) | None => Ok(()),
        }
    }
}

/// What people are shown of a problem.
fn shown(problem: &Problem) -> String {
    let mut text = plain(&problem.title);
    // The detail of a single fault says the same once more.
    if let Some(detail) = problem.detail.as_ref().filter(|_| problem.errors.len() != 1) {
        text.push_str(&format!("\n  {}", plain(detail)));
    }
    for fault in &problem.errors {
        text.push_str(&format!("\n  {}: {}", plain(&place(&fault.place)), plain(&fault.detail)));
    }
    text
}

fn place(place: &Place) -> String {
    match place {
        Place::Pointer(pointer) if pointer.is_empty() => "the body".to_owned(),
        Place::Pointer(pointer) => pointer.clone(),
        Place::Header(header) => format!("header {header}"),
        Place::Parameter(parameter) => format!("parameter {parameter}"),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use taskway_client::{Answer, Sender};

    use super::*;

    fn refusal(status: StatusCode, body: &str) -> Refusal {
        let headers =
            HeaderMap::from_iter([(HeaderName::from_static("x-request-id"), HeaderValue::from_static("r-1"))]);
        let answer = Answer { status, headers, body: body.into(), sender: Sender::Nobody };
        Refusal { refusal: answer.into(), advice: None }
    }

    fn shown(status: StatusCode, body: &str) -> String {
        refusal(status, body).to_string()
    }

    #[test]
    fn each_fault_names_its_place() {
        let body = r#"{"type":"/problems/validation","title":"the request is not valid","status":422,"detail":"4 faults",
            "errors":[{"pointer":"/retry/max_attempts","detail":"must be 1 to 100, got 0"},{"pointer":"","detail":"a"},
            {"header":"idempotency-key","detail":"b"},{"parameter":"limit","detail":"c"}],"new":1}"#;
        let expected = "the request is not valid\n  4 faults\n  /retry/max_attempts: must be 1 to 100, got 0\n  \
                        the body: a\n  header idempotency-key: b\n  parameter limit: c";
        assert_eq!(shown(StatusCode::UNPROCESSABLE_ENTITY, body), expected);
        let single =
            r#"{"title":"not valid","detail":"limit must be 1","errors":[{"parameter":"limit","detail":"must be 1"}]}"#;
        assert_eq!(shown(StatusCode::UNPROCESSABLE_ENTITY, single), "not valid\n  parameter limit: must be 1");
    }

    #[test]
    fn the_gateways_own_words_are_told_once() {
        assert_eq!(shown(StatusCode::FORBIDDEN, r#"{"message":"Forbidden"}"#), "the server answered 403 Forbidden");
        let expired = r#"{"Message":"Signature expired: 20261122T120000Z\u001b"}"#;
        let expected = "the server answered 403 Forbidden\n  Signature expired: 20261122T120000Z\\u{1b}";
        assert_eq!(shown(StatusCode::FORBIDDEN, expired), expected);
        let refusal = Refusal { advice: Some("do this".to_owned()), ..refusal(StatusCode::FORBIDDEN, "") };
        assert_eq!(refusal.to_string(), "the server answered 403 Forbidden\n  do this");
    }

    #[test]
    fn what_is_no_problem_document_is_shown_as_it_is() {
        let page = "<html>go away</html>";
        assert_eq!(shown(StatusCode::FORBIDDEN, page), format!("the server answered 403 Forbidden\n  {page}"));
        assert_eq!(shown(StatusCode::BAD_GATEWAY, ""), "the server answered 502 Bad Gateway\n  request r-1");
    }
}
