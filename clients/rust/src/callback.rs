//! What is to run when a task has ended.

use std::collections::BTreeMap;

use serde::Serialize;
use taskway_api::CallbackRequest;
use taskway_protocol::Target;

use crate::{error::Misuse, json, target};

/// A task that follows the end of another. It has the priority and the fairness key of that one.
#[derive(Clone, Debug)]
pub struct Callback(Result<CallbackRequest, Misuse>);

impl Callback {
    /// A callback for this target.
    pub fn of(target: Target) -> Self {
        Callback(Ok(CallbackRequest { target, queue: None, payload: None, labels: BTreeMap::new() }))
    }

    /// A callback for the handler of this name.
    pub fn handler(name: &str) -> Self {
        Callback::of(target::handler(name))
    }

    /// Its queue: that of the ended task unless given.
    #[must_use]
    pub fn queue(self, name: &str) -> Self {
        Callback(self.0.map(|request| CallbackRequest { queue: Some(name.into()), ..request }))
    }

    /// What the target is given: a description of the ended task unless given.
    #[must_use]
    pub fn payload<T: Serialize + ?Sized>(self, payload: &T) -> Self {
        let with = |request| Ok(CallbackRequest { payload: Some(json::text(payload)?), ..request });
        Callback(self.0.and_then(with))
    }

    /// A name and a value to find it by. It may have several.
    #[must_use]
    pub fn label(self, name: &str, value: &str) -> Self {
        Callback(self.0.map(|mut request| {
            request.labels.insert(name.to_owned(), value.to_owned());
            request
        }))
    }

    pub(crate) fn request(self) -> Result<CallbackRequest, Misuse> {
        self.0
    }
}
