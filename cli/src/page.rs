//! What the API answers of many tasks: a page of a list, and what came of a change of many.

use serde::Deserialize;
use taskway_api::{BulkResult, TaskList};

use crate::{client::Answer, failure::Failure, task::Task};

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Page(pub(crate) TaskList<Task>);

/// How many tasks the filters found, and how many of them were changed.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tally(pub(crate) BulkResult);

impl Page {
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        answer.read("the answer holds no tasks: is this URL a taskway api's?")
    }
}

impl Tally {
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        answer.read("the answer does not say what was done: is this URL a taskway api's?")
    }
}
