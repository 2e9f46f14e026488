//! What a handler receives.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use taskway_protocol::{ErrorKind, TaskId, content::TaskContent};

use crate::failure::Outcome;

/// A task, as its handler receives it.
#[derive(Clone, Debug)]
pub struct Task<P> {
    /// The public id, as the API shows it. The same at every attempt.
    pub id: TaskId,
    /// The name of the task's queue.
    pub queue: Box<str>,
    /// The submitted payload. A task without one has `null`, which fits `()` and `Option`.
    pub payload: P,
    /// The labels that the submitter gave the task: 16 at most.
    pub labels: BTreeMap<String, String>,
}

/// A task whose payload is not parsed yet.
#[derive(Debug)]
pub struct Input {
    /// The public id.
    pub id: TaskId,
    /// The name of the task's queue.
    pub queue: Box<str>,
    /// Target, payload and labels.
    pub content: TaskContent,
}

impl Input {
    /// Parses the payload.
    ///
    /// # Errors
    /// [`Outcome::Fatal`] when the payload is not a `P`: it never will be.
    pub(crate) fn parse<P: DeserializeOwned>(self) -> Result<Task<P>, Outcome> {
        match serde_json::from_str(self.content.payload_text()) {
            Ok(payload) => Ok(Task { id: self.id, queue: self.queue, payload, labels: self.content.labels }),
            Err(error) => Err(Outcome::Fatal {
                kind: ErrorKind::Payload,
                message: format!("the payload does not fit the handler's type: {error}"),
            }),
        }
    }
}
