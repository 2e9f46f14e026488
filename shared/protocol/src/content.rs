//! A task's content: its target, payload, labels and trace context.
//!
//! The content never changes. The table and the messages hold it as one JSON text. The digest of that text names it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{HttpTarget, LambdaTarget, Route, Target};

/// What a client submits with a task, apart from its [`Spec`](crate::Spec).
#[derive(Clone, Debug)]
pub struct TaskContent {
    /// What runs the task.
    pub target: Target,
    /// The payload, character for character as the client sent it. `None` means JSON's `null`.
    pub payload: Option<Box<RawValue>>,
    /// At most 16 labels. A name has up to 64 characters, a value up to 256.
    pub labels: BTreeMap<String, String>,
    /// The W3C `traceparent` of the request that submitted the task.
    pub traceparent: Option<String>,
    /// The name of the schedule that submitted the task.
    pub schedule: Option<Box<str>>,
}

/// Why a text is not the content of a task.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The text is not JSON of the expected form.
    #[error("the task's content cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The record and the content together do not name exactly one target.
    #[error("the record names a handler, or the content has a url or a function, but not exactly one of the three")]
    OtherTarget,
}

/// The form of the text. It has no handler name, because the record has it.
#[derive(Serialize, Deserialize)]
struct ContentJson<'a> {
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    http: Option<HttpTarget>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    lambda: Option<LambdaTarget>,
    #[serde(rename = "p", borrow, default, skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Box<str>>,
}

impl TaskContent {
    /// The content of a task with this target and nothing else.
    pub const fn of(target: Target) -> Self {
        TaskContent { target, payload: None, labels: BTreeMap::new(), traceparent: None, schedule: None }
    }

    /// The text that the table and the messages hold.
    pub fn to_text(&self) -> Box<str> {
        let (http, lambda) = match self.target.clone() {
            Target::Handler(_) => (None, None),
            Target::Http(target) => (Some(target), None),
            Target::Lambda(target) => (None, Some(target)),
        };
        let json = ContentJson {
            http,
            lambda,
            payload: self.payload.as_deref(),
            labels: self.labels.clone(),
            traceparent: self.traceparent.clone(),
            schedule: self.schedule.clone(),
        };
        // This cannot fail: every part is text already.
        serde_json::to_string(&json).unwrap_or_default().into()
    }

    /// Reads a text that [`to_text`](TaskContent::to_text) made. `route` is the route in the task's record.
    ///
    /// # Errors
    /// If the text does not have that form, or does not fit the route.
    pub fn from_text(text: &str, route: &Route) -> Result<Self, ContentError> {
        let ContentJson { http, lambda, payload, labels, traceparent, schedule } = serde_json::from_str(text)?;
        let target = match (route, http, lambda) {
            (Route::Handler(name), None, None) => Target::Handler(name.clone()),
            (Route::Remote, Some(target), None) => Target::Http(target),
            (Route::Remote, None, Some(target)) => Target::Lambda(target),
            (Route::Handler(_), _, _) | (Route::Remote, _, _) => return Err(ContentError::OtherTarget),
        };
        Ok(TaskContent { target, payload: payload.map(ToOwned::to_owned), labels, traceparent, schedule })
    }

    /// The text of the payload; `null` without one.
    pub fn payload_text(&self) -> &str {
        self.payload.as_deref().map_or("null", RawValue::get)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Invocation;

    fn http() -> Target {
        let url = "https://example.com/hook".to_owned();
        Target::Http(HttpTarget { url, method: "POST".to_owned(), headers: BTreeMap::new() })
    }

    fn lambda() -> Target {
        let (function, tenant_id) = ("report:live".into(), Some("tenant 7".into()));
        Target::Lambda(LambdaTarget { function, invocation: Invocation::Durable, tenant_id })
    }

    #[test]
    fn content_is_read_back_with_its_target() {
        for target in [Target::Handler("echo".into()), http(), lambda()] {
            let payload = RawValue::from_string(r#"{"n": 1e400}"#.to_owned()).unwrap();
            let content = TaskContent { payload: Some(payload), ..TaskContent::of(target.clone()) };
            let read = TaskContent::from_text(&content.to_text(), &target.route()).unwrap();
            assert_eq!((read.target, read.payload.unwrap().get()), (target, r#"{"n": 1e400}"#));
        }
    }

    #[test]
    fn a_target_costs_a_task_of_another_kind_nothing() {
        assert_eq!(&*TaskContent::of(Target::Handler("echo".into())).to_text(), "{}");
        let text = r#"{"u":{"url":"https://example.com/hook","method":"POST"}}"#;
        assert_eq!(&*TaskContent::of(http()).to_text(), text);
    }

    #[test]
    fn content_that_does_not_fit_the_route_is_refused() {
        let text = TaskContent::of(http()).to_text();
        let handler = Route::Handler("echo".into());
        let function = TaskContent::of(lambda()).to_text();
        let both = r#"{"u":{"url":"https://example.com","method":"POST"},"f":{"function":"report"}}"#;
        for (text, route) in
            [(&*text, &handler), (&*function, &handler), ("{}", &Route::Remote), (both, &Route::Remote)]
        {
            assert!(matches!(TaskContent::from_text(text, route), Err(ContentError::OtherTarget)), "{text}");
        }
        assert!(matches!(TaskContent::from_text("[", &Route::Remote), Err(ContentError::Unreadable(_))));
    }
}
