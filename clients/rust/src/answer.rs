//! An answer of the API.

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::{
    auth::Sender,
    call::Call,
    error::{Error, NotAnswered},
    refusal::Refusal,
};

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// How the request said who sent it.
    pub sender: Sender,
}

/// What answered is not the API.
#[derive(Debug, thiserror::Error)]
#[error("the answer with status {status} is not what the api answers: is this url taskway's? {cause}")]
struct NotTaskway {
    status: StatusCode,
    cause: serde_json::Error,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Whether the API had this task already, under its idempotency key.
    pub fn replayed(&self) -> bool {
        self.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
    }

    /// The answer as the refusal that it is.
    pub(crate) fn refused(self) -> Error {
        Refusal::from(self).into()
    }

    /// What the API answered to this call.
    pub(crate) fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|cause| NotAnswered::of(call, NotTaskway { status: self.status, cause }).into())
    }
}
