//! What the API answers of many tasks: a page of a list, and what came of a change of many.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{client::Answer, failure::Failure, task::Task};

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) tasks: Vec<Task>,
    /// Where the next one begins; a page may be empty while there is one.
    pub(crate) next_cursor: Option<String>,
}

/// How many tasks were meant, and of how many the change was made.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Tally {
    pub(crate) matched: u64,
    pub(crate) done: u64,
    pub(crate) next_cursor: Option<String>,
}

impl Page {
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        read(answer, "the answer holds no tasks: is this URL a taskway api's?")
    }
}

impl Tally {
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        read(answer, "the answer does not say what was done: is this URL a taskway api's?")
    }
}

fn read<T: DeserializeOwned>(answer: &Answer, context: &'static str) -> Result<T, Failure> {
    serde_json::from_str(&answer.body).map_err(|error| Failure::Other(anyhow::Error::new(error).context(context)))
}
