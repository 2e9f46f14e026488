//! What a handler receives.

use std::{collections::BTreeMap, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use taskway_protocol::{ErrorKind, TaskId, content::TaskContent};
use taskway_runtime::log::causes;

use crate::{
    failure::{Outcome, Wait},
    payload::{PayloadReader, Source, whole},
};

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
    /// The payload, if the content has it not.
    pub large: Option<Arc<dyn Source>>,
}

impl Input {
    /// The same with its payload in the content.
    ///
    /// # Errors
    /// [`Outcome::Fatal`] when the payload is not JSON; [`Outcome::Retry`] when it cannot be read now.
    pub async fn loaded(mut self) -> Result<Self, Outcome> {
        let Some(source) = self.large.take() else { return Ok(self) };
        let kind = ErrorKind::Payload;
        let bytes = whole(&*source).await.map_err(|error| Outcome::Retry {
            kind,
            message: format!("the payload cannot be read: {}", causes(&error)),
            wait: Wait::Policy,
        })?;
        let no_json = |error: &dyn std::fmt::Display| Outcome::Fatal {
            kind,
            message: format!("the uploaded payload is not JSON: {error}"),
        };
        let text = String::from_utf8(bytes).map_err(|error| no_json(&error.utf8_error()))?;
        self.content.payload = Some(RawValue::from_string(text).map_err(|error| no_json(&error))?);
        Ok(self)
    }

    /// A task whose payload is read piece by piece.
    pub(crate) fn read(self) -> Task<PayloadReader> {
        let payload = match self.large {
            Some(source) => PayloadReader::of(source),
            None => PayloadReader::of_text(self.content.payload_text()),
        };
        Task { id: self.id, queue: self.queue, payload, labels: self.content.labels }
    }

    /// Parses the payload of the content.
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
