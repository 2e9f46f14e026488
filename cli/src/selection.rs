//! The body of a change of many tasks, in the contract's words.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    failure::Failure,
    filters::{Filters, object},
};

/// Which tasks are meant.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Selection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ids: Vec<String>,
    /// Said where every task is meant, for that is not meant by nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) all: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
}

impl Selection {
    /// What the options mean.
    pub(crate) fn of(filters: Filters, all: bool) -> Result<Self, Failure> {
        Ok(Self { queue: filters.queue, labels: object(filters.labels)?, all, ..Self::default() })
    }
}
