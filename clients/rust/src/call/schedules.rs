//! The calls about schedules.

use http::Method;

use super::Call;
use crate::error::Error;

impl Call {
    /// Reads a page of the schedules.
    pub fn schedules() -> Self {
        Call::fixed(Method::GET, &["v1", "schedules"])
    }

    /// Reads a schedule.
    ///
    /// # Errors
    /// If no schedule can have this name.
    pub fn schedule(name: &str) -> Result<Self, Error> {
        Call::new(Method::GET, ["v1", "schedules", name])
    }

    /// Makes a schedule, or puts this one in its place: `body` is its JSON.
    ///
    /// # Errors
    /// If no schedule can have this name.
    pub fn put_schedule(name: &str, body: String) -> Result<Self, Error> {
        Ok(Call::new(Method::PUT, ["v1", "schedules", name])?.json(body))
    }

    /// Deletes a schedule. The answer is empty.
    ///
    /// # Errors
    /// If no schedule can have this name.
    pub fn delete_schedule(name: &str) -> Result<Self, Error> {
        Call::new(Method::DELETE, ["v1", "schedules", name])
    }

    /// Submits a schedule's task now. Two such calls submit two tasks.
    ///
    /// # Errors
    /// If no schedule can have this name.
    pub fn run_schedule(name: &str) -> Result<Self, Error> {
        Call::new(Method::POST, ["v1", "schedules", name, "run"])
    }
}
