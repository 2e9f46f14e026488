//! The options by which tasks are selected.

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::{
    complete,
    failure::Failure,
    name_value::{self, NameValue},
};

/// Which tasks; all of these must hold.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only tasks of this queue
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(complete::queues))]
    pub(crate) queue: Option<String>,

    /// Only tasks with this label; may be repeated. `\=` stands for a `=` in the name
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = NameValue::label)]
    pub(crate) labels: Vec<NameValue>,
}

impl Filters {
    /// As parameters of a list.
    pub(crate) fn parameters(self) -> Result<Vec<(String, String)>, Failure> {
        let labels = object(self.labels)?.into_iter().map(|(name, value)| (format!("label.{name}"), value));
        let queue = self.queue.map(|queue| ("queue".to_owned(), queue));
        Ok(queue.into_iter().chain(labels).collect())
    }
}

/// The labels, none of which may be given twice.
pub(crate) fn object(labels: Vec<NameValue>) -> Result<std::collections::BTreeMap<String, String>, Failure> {
    name_value::object(labels).map_err(|name| Failure::Usage(format!("--label {name} is given twice")))
}
