//! The client: calls, made again while that may help.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::{
    answer::Answer,
    builder::Builder,
    call::Call,
    error::{Error, Misuse},
    patience::{Patience, Tries},
    random,
    wire::{CALL_TIMEOUT, Wire},
};

/// A client of one API. Tasks and threads may share it, by reference or in an `Arc`.
#[derive(Debug)]
pub struct Client {
    pub(crate) wire: Wire,
    pub(crate) patience: Patience,
}

impl Client {
    /// A client of the API at `url`. It sends no credentials, except for a user and a password in the URL.
    ///
    /// # Errors
    /// If the URL is not that of an API.
    pub fn new(url: &str) -> Result<Self, Misuse> {
        Client::builder(url).build()
    }

    /// A client of the API at `TASKWAY_URL`, or where `taskway dev` serves it. It sends `TASKWAY_TOKEN`, if that is set.
    ///
    /// # Errors
    /// If the URL is not that of an API, or the token cannot be sent there.
    pub fn from_env() -> Result<Self, Misuse> {
        Builder::from_env()?.build()
    }

    /// A client of the API at `url` with more settings.
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    /// The API's URL without a password.
    pub fn url(&self) -> String {
        self.wire.shown()
    }

    /// Makes a call, again while that may help.
    ///
    /// # Errors
    /// If the API refuses it, or gives no answer in time.
    pub async fn send(&self, call: &Call) -> Result<Answer, Error> {
        self.tried(None, call).await
    }

    /// Makes a call of another server at this URL, again while that may help. It is not told who asks.
    pub(crate) async fn send_to(&self, url: &str, call: &Call) -> Result<Answer, Error> {
        self.tried(Some(url), call).await
    }

    async fn tried(&self, elsewhere: Option<&str>, call: &Call) -> Result<Answer, Error> {
        let started = Instant::now();
        let left = || match self.patience {
            Patience::For(time) => time.saturating_sub(started.elapsed()),
            Patience::WhenAsked { .. } => Duration::MAX,
        };
        let mut tries = Tries::new(call, self.patience);
        loop {
            // A try without any time would fail before it begins.
            let answer = match elsewhere {
                Some(url) => self.wire.once_to(url, call).await,
                None => self.wire.once(call, left().max(Duration::from_millis(1))).await,
            };
            let failure = match answer {
                Ok(answer) if answer.status.is_success() || tries.has_deleted(&answer) => return Ok(answer),
                Ok(answer) => answer.refused(),
                Err(error) => error,
            };
            match tries.pause(&failure, left(), random::fraction()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(failure),
            }
        }
    }

    /// Makes a call once, and returns the answer whatever its status.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn send_once(&self, call: &Call) -> Result<Answer, Error> {
        self.wire.once(call, CALL_TIMEOUT).await
    }

    /// What the API answers to a call.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        self.send(&call).await?.read(&call)
    }
}
