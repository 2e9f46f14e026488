//! The part of a task that neither the domain nor the table look into: target, payload, labels.
//!
//! It never changes, is stored and sent as one JSON text, and is named by that text's digest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::domain::Digest;

/// What is delivered to a task's target, and what its submitter wrote on it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// The HTTP target; none when the task names a handler.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpTarget>,
    /// The payload, text for text as it was submitted; none is null.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Box<RawValue>>,
    /// At most 16, names to 64 and values to 256 characters.
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The W3C trace context of the submit.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The schedule that submitted it.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Box<str>>,
}

/// A URL that a task is delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpTarget {
    /// At most 2,048 characters.
    pub url: String,
    /// `GET HEAD POST PUT PATCH DELETE`.
    pub method: String,
    /// At most 32, 8 KiB in all; names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

impl Body {
    /// The text that is stored and sent.
    ///
    /// # Errors
    /// Never in practice: every part is text already.
    pub fn to_text(&self) -> serde_json::Result<Box<str>> {
        serde_json::to_string(self).map(String::into_boxed_str)
    }

    /// Reads what [`to_text`](Body::to_text) wrote.
    ///
    /// # Errors
    /// If the text is something else.
    pub fn from_text(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The payload's text, `null` when there is none.
    pub fn payload_text(&self) -> &str {
        self.payload.as_deref().map_or("null", RawValue::get)
    }
}

/// The digest that names a text.
pub fn digest(text: &[u8]) -> Digest {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(text)[..16]);
    Digest::from_bytes(short)
}
