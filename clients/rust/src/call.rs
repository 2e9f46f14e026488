//! A call of the API, before it is a request: each try is built anew, because a signature holds for one moment.

mod queues;
mod schedules;
mod tasks;

use std::time::Duration;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_TYPE, IntoHeaderName},
};
use serde::Serialize;

use crate::{
    error::{Error, Misuse},
    times::whole_seconds,
};

/// A call of the API. There is a function for each operation, and [`Client::send`](crate::Client::send) sends it. The methods of
/// the client do both, and read the answer.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) repeat: Repeat,
}

/// What making a call twice does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// Perhaps more than making it once. It is made again only if nothing was done.
    Unknown,
    /// No more than making it once, by the idempotency key in it.
    ByKey,
    /// No more than making it once.
    Harmless,
}

/// How long the API may hold back its answer to a submit until the task has ended.
const PREFER: HeaderName = HeaderName::from_static("prefer");

impl Call {
    /// A call of this path, given by its segments. What repeating a `POST` does is [unknown](Repeat::Unknown), and harmless for
    /// every other method.
    ///
    /// # Errors
    /// If a segment is empty, `.` or `..`, because it would lead to another call.
    pub fn new<S: AsRef<str>>(method: Method, path: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let segments = path.into_iter().map(|segment| match segment.as_ref() {
            segment @ ("" | "." | "..") => Err(Misuse::Name(segment.to_owned())),
            segment => Ok(segment.to_owned()),
        });
        Ok(Call::along(method, segments.collect::<Result<_, _>>()?))
    }

    /// A call of a path without a name in it.
    fn fixed(method: Method, path: &[&str]) -> Self {
        Call::along(method, path.iter().map(|segment| (*segment).to_owned()).collect())
    }

    fn along(method: Method, path: Vec<String>) -> Self {
        let repeat = if method == Method::POST { Repeat::Unknown } else { Repeat::Harmless };
        Call { method, path, query: Vec::new(), headers: HeaderMap::new(), body: None, repeat }
    }

    /// With these parameters.
    #[must_use]
    pub fn query(mut self, parameters: impl IntoIterator<Item = (String, String)>) -> Self {
        self.query.extend(parameters);
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: impl IntoHeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// With these headers.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// With this body, as it is.
    #[must_use]
    pub fn body(self, body: Vec<u8>) -> Self {
        Call { body: Some(body), ..self }
    }

    /// With this JSON text as its body.
    #[must_use]
    pub fn json(self, text: impl Into<Vec<u8>>) -> Self {
        self.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(text.into())
    }

    /// With what making it twice does.
    #[must_use]
    pub fn repeated(self, repeat: Repeat) -> Self {
        Call { repeat, ..self }
    }

    /// A page of a list: the most entries of it, and the cursor at which it begins.
    #[must_use]
    pub fn page(self, limit: Option<u32>, cursor: Option<String>) -> Self {
        let limit = limit.map(|limit| ("limit".to_owned(), limit.to_string()));
        self.query(limit.into_iter().chain(cursor.map(|cursor| ("cursor".to_owned(), cursor))))
    }

    /// Whether the API may hold its answer back until the task has ended, and for how long.
    fn waiting(self, wait: Option<Duration>) -> Self {
        match wait.map(|wait| HeaderValue::try_from(format!("wait={}", whole_seconds(wait)))) {
            Some(Ok(value)) => self.header(PREFER, value),
            Some(Err(_)) | None => self,
        }
    }

    fn of<T: Serialize>(self, body: &T) -> Result<Self, Error> {
        Ok(self.json(serde_json::to_vec(body).map_err(Misuse::json)?))
    }
}
