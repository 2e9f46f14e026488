//! The calls about queues.

use http::Method;
use taskway_api::{BulkRequest, QueueRequest};

use super::{Call, Repeat};
use crate::error::Error;

impl Call {
    /// Reads a page of the queues.
    pub fn queues() -> Self {
        Call::fixed(Method::GET, &["v1", "queues"])
    }

    /// Reads a queue.
    ///
    /// # Errors
    /// If no queue can have this name.
    pub fn queue(name: &str) -> Result<Self, Error> {
        Call::new(Method::GET, ["v1", "queues", name])
    }

    /// Changes what the request names of a queue.
    ///
    /// # Errors
    /// If no queue can have this name.
    pub fn set_queue(name: &str, request: &QueueRequest) -> Result<Self, Error> {
        Call::new(Method::PATCH, ["v1", "queues", name])?.of(request)
    }

    /// Pauses a queue.
    ///
    /// # Errors
    /// If no queue can have this name.
    pub fn pause_queue(name: &str) -> Result<Self, Error> {
        Ok(Call::new(Method::POST, ["v1", "queues", name, "pause"])?.repeated(Repeat::Harmless))
    }

    /// Lets a queue go on.
    ///
    /// # Errors
    /// If no queue can have this name.
    pub fn resume_queue(name: &str) -> Result<Self, Error> {
        Ok(Call::new(Method::POST, ["v1", "queues", name, "resume"])?.repeated(Repeat::Harmless))
    }

    /// Cancels what waits in a queue, as much as one call does.
    ///
    /// # Errors
    /// If no queue can have this name.
    pub fn purge_queue(name: &str, selection: &BulkRequest) -> Result<Self, Error> {
        Call::new(Method::POST, ["v1", "queues", name, "purge"])?.repeated(Repeat::Harmless).of(selection)
    }
}
