//! The body of a submit, in the contract's words. What is not given is left out: the API knows the defaults.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

/// What a client asks for. Ranges are the API's to judge, which says all that is wrong at once.
#[derive(Debug, Serialize)]
pub(crate) struct Submission {
    pub(crate) target: Target,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Retry::is_empty")]
    pub(crate) retry: Retry,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) idempotency_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fairness_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retain_seconds: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, String>,
}

/// What the task calls.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    Handler(String),
    Http(HttpTarget),
}

/// A request that the task makes.
#[derive(Debug, Serialize)]
pub(crate) struct HttpTarget {
    pub(crate) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
}

/// How failed attempts are repeated.
#[derive(Debug, Serialize)]
pub(crate) struct Retry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_backoff_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_backoff_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) multiplier: Option<f64>,
}

impl Retry {
    fn is_empty(&self) -> bool {
        let Self { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier } = self;
        max_attempts.is_none() && min_backoff_seconds.is_none() && max_backoff_seconds.is_none() && multiplier.is_none()
    }
}
