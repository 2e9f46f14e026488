//! Refusals, as RFC 9457 has them: one shape for every error that a client sees, alone or within a batch's answer.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use taskway_strict::FieldError;

/// A problem document, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The kind, such as `/problems/validation`; it never changes.
    #[serde(rename = "type", default)]
    pub kind: Cow<'static, str>,
    /// The kind in words.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What happened this time, for a person to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every fault in the request; of a 422 at least one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// More that a program can use, such as `state`, `limit_bytes` or `retry_after_seconds`.
    #[serde(flatten)]
    pub members: BTreeMap<Cow<'static, str>, serde_json::Value>,
}
