//! A task's content: its target, payload, labels and trace context.
//!
//! The content never changes. The table and the messages hold it as one JSON text. The digest of that text names it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Callback, HttpTarget, LambdaTarget, Object, Route, Target, TaskId};

/// What a client submits with a task, apart from its [`Spec`](crate::Spec).
#[derive(Clone, Debug)]
pub struct TaskContent {
    /// What runs the task.
    pub target: Target,
    /// The payload, character for character as the client sent it. `None` means JSON's `null`.
    pub payload: Option<Box<RawValue>>,
    /// The payload in the bucket, if it is too large for the table. Then there is no other.
    pub large_payload: Option<Object>,
    /// At most 16 labels. A name has up to 64 characters, a value up to 256.
    pub labels: BTreeMap<String, String>,
    /// The W3C `traceparent` of the request that submitted the task.
    pub traceparent: Option<String>,
    /// The name of the schedule that submitted the task.
    pub schedule: Option<Box<str>>,
    /// What is to run when the task has succeeded.
    pub on_success: Option<Box<Callback>>,
    /// What is to run when the task has failed, or its deadline has passed.
    pub on_failure: Option<Box<Callback>>,
    /// The task whose callback this is.
    pub parent: Option<TaskId>,
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
    /// The content names a large payload in another form.
    #[error("the content names a payload in the bucket that cannot be read")]
    LargePayload,
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
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    large_payload: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Box<str>>,
    #[serde(rename = "y", borrow, default, skip_serializing_if = "Option::is_none")]
    on_success: Option<CallbackJson<'a>>,
    #[serde(rename = "n", borrow, default, skip_serializing_if = "Option::is_none")]
    on_failure: Option<CallbackJson<'a>>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
}

/// A callback in that text.
#[derive(Serialize, Deserialize)]
struct CallbackJson<'a> {
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    handler: Option<Box<str>>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    http: Option<HttpTarget>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    lambda: Option<LambdaTarget>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    queue: Option<Box<str>>,
    #[serde(rename = "p", borrow, default, skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
}

impl<'a> CallbackJson<'a> {
    fn of(callback: &'a Callback) -> Self {
        let (handler, http, lambda) = match callback.target.clone() {
            Target::Handler(name) => (Some(name), None, None),
            Target::Http(target) => (None, Some(target), None),
            Target::Lambda(target) => (None, None, Some(target)),
        };
        let (queue, payload, labels) = (callback.queue.clone(), callback.payload.as_deref(), callback.labels.clone());
        CallbackJson { handler, http, lambda, queue, payload, labels }
    }

    fn read(self) -> Result<Box<Callback>, ContentError> {
        let target = match (self.handler, self.http, self.lambda) {
            (Some(name), None, None) => Target::Handler(name),
            (None, Some(target), None) => Target::Http(target),
            (None, None, Some(target)) => Target::Lambda(target),
            (_, _, _) => return Err(ContentError::OtherTarget),
        };
        let (queue, payload, labels) = (self.queue, self.payload.map(ToOwned::to_owned), self.labels);
        Ok(Box::new(Callback { target, queue, payload, labels }))
    }
}

impl TaskContent {
    /// The content of a task with this target and nothing else.
    pub const fn of(target: Target) -> Self {
        TaskContent {
            target,
            payload: None,
            large_payload: None,
            labels: BTreeMap::new(),
            traceparent: None,
            schedule: None,
            on_success: None,
            on_failure: None,
            parent: None,
        }
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
            large_payload: self.large_payload.map(|object| object.to_string()),
            labels: self.labels.clone(),
            traceparent: self.traceparent.clone(),
            schedule: self.schedule.clone(),
            on_success: self.on_success.as_deref().map(CallbackJson::of),
            on_failure: self.on_failure.as_deref().map(CallbackJson::of),
            parent: self.parent.map(|parent| parent.to_string()),
        };
        // This cannot fail: every part is text already.
        serde_json::to_string(&json).unwrap_or_default().into()
    }

    /// Reads a text that [`to_text`](TaskContent::to_text) made. `route` is the route in the task's record.
    ///
    /// # Errors
    /// If the text does not have that form, or does not fit the route.
    pub fn from_text(text: &str, route: &Route) -> Result<Self, ContentError> {
        let read: ContentJson<'_> = serde_json::from_str(text)?;
        let target = match (route, read.http, read.lambda) {
            (Route::Handler(name), None, None) => Target::Handler(name.clone()),
            (Route::Remote, Some(target), None) => Target::Http(target),
            (Route::Remote, None, Some(target)) => Target::Lambda(target),
            (Route::Handler(_), _, _) | (Route::Remote, _, _) => return Err(ContentError::OtherTarget),
        };
        let large_payload = match read.large_payload {
            Some(text) => Some(Object::parse(&text).ok_or(ContentError::LargePayload)?),
            None => None,
        };
        Ok(TaskContent {
            target,
            payload: read.payload.map(ToOwned::to_owned),
            large_payload,
            labels: read.labels,
            traceparent: read.traceparent,
            schedule: read.schedule,
            on_success: read.on_success.map(CallbackJson::read).transpose()?,
            on_failure: read.on_failure.map(CallbackJson::read).transpose()?,
            parent: read.parent.as_deref().and_then(TaskId::parse),
        })
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
        Target::Http(HttpTarget::post(url))
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
    fn content_names_a_payload_in_the_bucket() {
        let target = Target::Handler("echo".into());
        let large = TaskContent { large_payload: Some(Object::of(b"large")), ..TaskContent::of(target.clone()) };
        let read = TaskContent::from_text(&large.to_text(), &target.route()).unwrap();
        assert_eq!((read.large_payload, read.payload.is_none()), (large.large_payload, true));
        let other = TaskContent::from_text(r#"{"b":"elsewhere"}"#, &target.route());
        assert!(matches!(other, Err(ContentError::LargePayload)));
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
