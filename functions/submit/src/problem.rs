//! Refusals, as RFC 9457 has them: one shape for every error that a client sees, alone or within a batch's answer.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use taskway_protocol::StateName;
use taskway_strict::json::Fault;
pub use taskway_strict::{FieldError, Place};

/// The kinds of refusal. Each has a `type`, a status and a title of its own that never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A field, header or parameter is not what it must be.
    Validation,
    /// The request cannot be read at all.
    BadRequest,
    /// The body is not I-JSON.
    NotJson,
    /// Nobody known asks.
    Unauthorized,
    /// There is no such thing.
    NotFound,
    /// The path is known, the method is not.
    MethodNotAllowed,
    /// The task's state does not allow it.
    StateConflict,
    /// The key stands for another request.
    IdempotencyKeyReused,
    /// The body is beyond the limit.
    TooLarge,
    /// The body is not said to be JSON in UTF-8, or is encoded.
    UnsupportedMediaType,
    /// The cloud asks for patience.
    Throttled,
    /// The cloud fails.
    Unavailable,
    /// Taskway fails.
    Internal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 13] = [
        Kind::Validation,
        Kind::BadRequest,
        Kind::NotJson,
        Kind::Unauthorized,
        Kind::NotFound,
        Kind::MethodNotAllowed,
        Kind::StateConflict,
        Kind::IdempotencyKeyReused,
        Kind::TooLarge,
        Kind::UnsupportedMediaType,
        Kind::Throttled,
        Kind::Unavailable,
        Kind::Internal,
    ];

    /// The name in `type`, the status, and the title.
    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Kind::Validation => {
                ("/problems/validation", StatusCode::UNPROCESSABLE_ENTITY, "The request has invalid fields")
            }
            Kind::BadRequest => ("/problems/bad-request", StatusCode::BAD_REQUEST, "The request cannot be read"),
            Kind::NotJson => ("/problems/not-json", StatusCode::BAD_REQUEST, "The body is not valid JSON"),
            Kind::Unauthorized => ("/problems/unauthorized", StatusCode::UNAUTHORIZED, "Unauthorized"),
            Kind::NotFound => ("/problems/not-found", StatusCode::NOT_FOUND, "Not found"),
            Kind::MethodNotAllowed => {
                ("/problems/method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
            }
            Kind::StateConflict => {
                ("/problems/state-conflict", StatusCode::CONFLICT, "The task's state does not allow it")
            }
            Kind::IdempotencyKeyReused => (
                "/problems/idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The idempotency key was used for another request",
            ),
            Kind::TooLarge => ("/problems/too-large", StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
            Kind::UnsupportedMediaType => {
                ("/problems/unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
            }
            Kind::Throttled => ("/problems/throttled", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Kind::Unavailable => ("/problems/unavailable", StatusCode::SERVICE_UNAVAILABLE, "Unavailable"),
            Kind::Internal => ("/problems/internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        }
    }

    /// The name in `type`.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// What it is in words.
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// The status that it is answered with.
    pub const fn status(self) -> StatusCode {
        self.row().1
    }
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which.
    pub kind: Kind,
    /// What happened this time, for a person to read. Never the debug form of anything.
    pub detail: String,
    /// Every fault in the request; of a 422 at least one.
    pub errors: Vec<FieldError>,
    /// More that a program can use, such as `state` or `limit_bytes`.
    pub members: BTreeMap<&'static str, serde_json::Value>,
    /// What the answer says beside its body, such as `Retry-After`.
    pub headers: HeaderMap,
}

impl Problem {
    /// A refusal with nothing but its detail.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Problem { kind, detail: detail.into(), errors: Vec::new(), members: BTreeMap::new(), headers: HeaderMap::new() }
    }

    /// 422: the request has these faults.
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [FieldError { place: Place::Pointer(pointer), detail }] if pointer.is_empty() => {
                format!("the body {detail}")
            }
            [FieldError { place: Place::Pointer(place) | Place::Header(place) | Place::Parameter(place), detail }] => {
                format!("{place} {detail}")
            }
            _ => "the request has several faults, each in errors".into(),
        };
        Problem { errors, ..Problem::new(Kind::Validation, detail) }
    }

    /// 400: the body cannot be read; with the byte and the value in which that was seen.
    pub fn not_json(fault: &Fault) -> Self {
        Problem::new(Kind::NotJson, fault.to_string())
            .with("offset", fault.offset)
            .with("pointer", fault.pointer.as_str())
    }

    /// 401: who asks is not known; with how to say it.
    pub(crate) fn unauthorized(challenge: HeaderValue) -> Self {
        let mut problem = Problem::new(Kind::Unauthorized, "the request must be authenticated");
        problem.headers.insert(WWW_AUTHENTICATE, challenge);
        problem
    }

    /// 404: there is no `what`, such as "task".
    pub fn not_found(what: &str) -> Self {
        Problem::new(Kind::NotFound, format!("there is no such {what}"))
    }

    /// 409: the task is in this state.
    pub fn state_conflict(state: StateName) -> Self {
        Problem::new(Kind::StateConflict, format!("the task is {}", state.as_str())).with("state", state.as_str())
    }

    /// 422: the idempotency key, which was given in this place, stands for another request.
    pub fn idempotency_key_reused(place: Place) -> Self {
        let detail = "was used for another request: use another key, or `replace` to take the place of its task";
        let errors = vec![FieldError { place, detail: detail.into() }];
        Problem { errors, ..Problem::new(Kind::IdempotencyKeyReused, format!("the idempotency key {detail}")) }
    }

    /// 413: `what`, such as "the body", is beyond the limit.
    pub fn too_large(what: &str, limit_bytes: usize) -> Self {
        Problem::new(Kind::TooLarge, format!("{what} must be at most {limit_bytes} bytes"))
            .with("limit_bytes", limit_bytes)
    }

    /// 415: the content type is not JSON's; `Accept` says what would be taken.
    pub fn unsupported_media_type() -> Self {
        let detail = "the content type must be application/json";
        Problem::new(Kind::UnsupportedMediaType, detail).naming(ACCEPT, "application/json")
    }

    /// 415: the body is said to be in a charset in which it is not read.
    pub fn unsupported_charset(charset: &str) -> Self {
        let charset = taskway_strict::words::shown(charset);
        let detail = format!("the charset of the content type must be utf-8 or left out, got {charset}");
        Problem::new(Kind::UnsupportedMediaType, detail).naming(ACCEPT, "application/json")
    }

    /// 415: the body is compressed or otherwise encoded; `Accept-Encoding` says what would be taken (RFC 7694).
    pub fn unsupported_encoding(encoding: &str) -> Self {
        let encoding = taskway_strict::words::shown(encoding);
        let detail = format!("the content encoding must be identity, got {encoding}; send the body as it is");
        Problem::new(Kind::UnsupportedMediaType, detail).naming(ACCEPT_ENCODING, "identity")
    }

    /// 405: the path takes these methods only.
    pub fn method_not_allowed(allow: &[Method]) -> Self {
        let allow = allow.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let mut problem = Problem::new(Kind::MethodNotAllowed, format!("the path takes {allow}"));
        problem.headers.extend(HeaderValue::try_from(allow).ok().map(|allow| (ALLOW, allow)));
        problem
    }

    /// 429: the cloud throttles; to be tried again after so many seconds.
    pub fn throttled(retry_after_seconds: u32) -> Self {
        Problem::new(Kind::Throttled, "the cloud throttles this request").after(retry_after_seconds)
    }

    /// 503: the cloud fails; to be tried again after so many seconds.
    pub fn unavailable(retry_after_seconds: u32) -> Self {
        Problem::new(Kind::Unavailable, "storage or queue cannot be reached").after(retry_after_seconds)
    }

    /// 429: so many requests replace one task that this one did not come to its turn; to be tried again after so many seconds.
    pub fn contended(retry_after_seconds: u32) -> Self {
        let detail = "too many requests replace the task of this idempotency key at this moment";
        Problem::new(Kind::Throttled, detail).after(retry_after_seconds)
    }

    /// 500: whatever it is goes to the log, not to the client.
    pub fn internal() -> Self {
        Problem::new(Kind::Internal, "something failed here; the log has it under x-request-id")
    }

    /// With one member more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.members.insert(name, value.into());
        self
    }

    /// With a header more.
    fn naming(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// A batch's answer has no headers an item, hence the member beside the header.
    fn after(mut self, seconds: u32) -> Self {
        self.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        self.with("retry_after_seconds", seconds)
    }
}

impl From<Problem> for taskway_api::Problem {
    fn from(problem: Problem) -> Self {
        let Problem { kind, detail, errors, members, headers: _ } = problem;
        let (kind, status, title) = kind.row();
        let members = members.into_iter().map(|(name, value)| (name.into(), value)).collect();
        taskway_api::Problem {
            kind: kind.into(),
            title: title.into(),
            status: status.as_u16(),
            detail: Some(detail),
            errors,
            members,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let headers = std::mem::take(&mut self.headers);
        let status = self.kind.status();
        // Every part is text or a number: there is nothing that serde_json could refuse.
        let body = serde_json::to_vec(&taskway_api::Problem::from(self)).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (status, headers, [(CONTENT_TYPE, kind)], body).into_response()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use taskway_strict::json::Document;

    fn body(problem: Problem) -> serde_json::Value {
        serde_json::to_value(taskway_api::Problem::from(problem)).unwrap()
    }

    #[test]
    fn a_validation_problem_names_every_fault_and_its_place() {
        let problem = Problem::validation(vec![
            FieldError::pointer("/retry/max_attempts", "must be 1 to 100, got 0"),
            FieldError::header("Idempotency-Key", "must be a key or a quoted key"),
            FieldError::parameter("limit", "must be 1 to 500, got 0"),
        ]);
        assert_eq!(
            body(problem),
            json!({"type": "/problems/validation", "title": "The request has invalid fields", "status": 422,
                "detail": "the request has several faults, each in errors",
                "errors": [
                    {"pointer": "/retry/max_attempts", "detail": "must be 1 to 100, got 0"},
                    {"header": "Idempotency-Key", "detail": "must be a key or a quoted key"},
                    {"parameter": "limit", "detail": "must be 1 to 500, got 0"}]})
        );
        let one = Problem::validation(vec![FieldError::pointer("", "must be an object, got null")]);
        assert_eq!(one.detail, "the body must be an object, got null");
    }

    #[test]
    fn each_refusal_has_its_status_and_says_more_to_programs() {
        let fault = Document::read(br#"{"a":[1,]}"#).err().unwrap();
        let used = Problem::idempotency_key_reused(Place::Header("Idempotency-Key".into()));
        for (problem, status, member, value) in [
            (Problem::not_json(&fault), 400, "pointer", json!("/a/1")),
            (Problem::not_json(&fault), 400, "offset", json!(8)),
            (Problem::not_found("task"), 404, "detail", json!("there is no such task")),
            (Problem::state_conflict(StateName::Running), 409, "state", json!("running")),
            (used, 422, "type", json!("/problems/idempotency-key-reused")),
            (Problem::too_large("the body", 262_144), 413, "limit_bytes", json!(262_144)),
            (Problem::unsupported_media_type(), 415, "type", json!("/problems/unsupported-media-type")),
            (Problem::unsupported_encoding("gzip"), 415, "type", json!("/problems/unsupported-media-type")),
            (Problem::unsupported_charset("utf-16"), 415, "type", json!("/problems/unsupported-media-type")),
            (Problem::throttled(2), 429, "retry_after_seconds", json!(2)),
            (Problem::unavailable(5), 503, "type", json!("/problems/unavailable")),
            (Problem::internal(), 500, "title", json!("Internal error")),
        ] {
            let body = body(problem);
            assert_eq!((&body["status"], &body[member]), (&json!(status), &value), "{body}");
        }
    }

    #[test]
    fn an_answer_carries_its_headers() {
        let answer = Problem::method_not_allowed(&[Method::GET, Method::PATCH]).into_response();
        assert_eq!(answer.status(), 405);
        assert_eq!(answer.headers()[ALLOW], "GET, PATCH");
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(Problem::unsupported_media_type().into_response().headers()[ACCEPT], "application/json");
        assert_eq!(Problem::unsupported_charset("utf-16").into_response().headers()[ACCEPT], "application/json");
        assert_eq!(Problem::unsupported_encoding("br").into_response().headers()[ACCEPT_ENCODING], "identity");
        assert_eq!(Problem::throttled(3).into_response().headers()[RETRY_AFTER], "3");
    }
}
