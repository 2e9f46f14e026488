//! A task's content: target, payload, labels and the like.
//!
//! It never changes. The table and the messages hold it as one JSON text, which its digest names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{HttpTarget, Route, Target};

/// What is delivered to a task's target, and what its submitter wrote on it.
#[derive(Clone, Debug)]
pub struct TaskContent {
    /// What runs the task.
    pub target: Target,
    /// The payload, text for text as it was submitted; none is null.
    pub payload: Option<Box<RawValue>>,
    /// At most 16; names to 64 and values to 256 characters.
    pub labels: BTreeMap<String, String>,
    /// The W3C trace context of the submit.
    pub traceparent: Option<String>,
    /// The schedule that submitted it.
    pub schedule: Option<Box<str>>,
}

/// A text that is not the content of a task with its route.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The text is not JSON, or has other fields.
    #[error("the content cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The record names a handler and the content a URL, or neither names a target.
    #[error("the content is of another kind of target than its record")]
    OtherTarget,
}

/// The text's form. A handler's name is in the record, so it is not repeated here.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    http: Option<HttpTarget>,
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
    /// The content of a task that has a target and nothing else.
    pub const fn of(target: Target) -> Self {
        TaskContent { target, payload: None, labels: BTreeMap::new(), traceparent: None, schedule: None }
    }

    /// The text that the table and the messages hold.
    pub fn to_text(&self) -> Box<str> {
        let http = match &self.target {
            Target::Handler(_) => None,
            Target::Http(target) => Some(target.clone()),
        };
        let written = Written {
            http,
            payload: self.payload.as_deref(),
            labels: self.labels.clone(),
            traceparent: self.traceparent.clone(),
            schedule: self.schedule.clone(),
        };
        // Every part is text already, so serde_json has nothing to refuse.
        serde_json::to_string(&written).unwrap_or_default().into()
    }

    /// Reads what [`to_text`](TaskContent::to_text) wrote for a task of this route.
    ///
    /// # Errors
    /// If the text is something else.
    pub fn from_text(text: &str, route: &Route) -> Result<Self, ContentError> {
        let Written { http, payload, labels, traceparent, schedule } = serde_json::from_str(text)?;
        let target = match (route, http) {
            (Route::Handler(name), None) => Target::Handler(name.clone()),
            (Route::Http, Some(target)) => Target::Http(target),
            (Route::Handler(_), Some(_)) | (Route::Http, None) => return Err(ContentError::OtherTarget),
        };
        Ok(TaskContent { target, payload: payload.map(ToOwned::to_owned), labels, traceparent, schedule })
    }

    /// The payload's text, `null` when there is none.
    pub fn payload_text(&self) -> &str {
        self.payload.as_deref().map_or("null", RawValue::get)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn http() -> Target {
        let url = "https://example.com/hook".to_owned();
        Target::Http(HttpTarget { url, method: "POST".to_owned(), headers: BTreeMap::new() })
    }

    #[test]
    fn content_is_read_back_with_its_target() {
        for target in [Target::Handler("echo".into()), http()] {
            let payload = RawValue::from_string(r#"{"n": 1e400}"#.to_owned()).unwrap();
            let content = TaskContent { payload: Some(payload), ..TaskContent::of(target.clone()) };
            let read = TaskContent::from_text(&content.to_text(), &target.route()).unwrap();
            assert_eq!((read.target, read.payload.unwrap().get()), (target, r#"{"n": 1e400}"#));
        }
    }

    #[test]
    fn content_of_another_kind_of_target_is_refused() {
        let text = TaskContent::of(http()).to_text();
        let handler = Route::Handler("echo".into());
        assert!(matches!(TaskContent::from_text(&text, &handler), Err(ContentError::OtherTarget)));
        assert!(matches!(TaskContent::from_text("{}", &Route::Http), Err(ContentError::OtherTarget)));
        assert!(matches!(TaskContent::from_text("[", &Route::Http), Err(ContentError::Unreadable(_))));
    }
}
