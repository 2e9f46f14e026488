//! What is to run when a task has ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use taskway_protocol::{Callback, Limits, Target};
use taskway_strict::{object, words::name};

use crate::{
    payload::payload,
    request::{labels, labels_schema},
    target,
};

object! {
    /// A callback: a task that follows the end of another.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[cfg_attr(feature = "schema", schemars(rename = "Callback"))]
    pub struct CallbackRequest reads (limits: &Limits) {
        /// What is to run.
        pub target: Target = object_required(|fields| target::target(fields, limits, None), target::schema()),
        /// Its queue. The default is that of the ended task, whose priority and fairness key it also has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub queue: Option<Box<str>> = optional(name()),
        /// What the target is given: any JSON. The default is a description of the ended task:
        /// `{"task": {id, queue, state, attempt, labels, payload, result or error}}`. What does not fit into 256 KiB is left out: the
        /// payload first, then the result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub payload: Option<Box<RawValue>> = optional(payload()),
        /// Names and values to find it by, as those of a task.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub labels: BTreeMap<String, String> = object_or(BTreeMap::new(), labels, labels_schema()),
    }
}

impl CallbackRequest {
    /// The callback as the answer about its task shows it.
    pub fn shown(callback: &Callback) -> Self {
        CallbackRequest { payload: callback.payload.clone(), ..CallbackRequest::brief(callback) }
    }

    /// The callback as lists show it: without its payload.
    pub fn brief(callback: &Callback) -> Self {
        let Callback { target, queue, labels, .. } = callback;
        CallbackRequest { target: target.masked(), queue: queue.clone(), payload: None, labels: labels.clone() }
    }

    /// What the task's content holds.
    #[must_use]
    pub fn callback(&self) -> Box<Callback> {
        let CallbackRequest { target, queue, payload, labels } = self.clone();
        Box::new(Callback { target, queue, payload, labels })
    }
}
