//! Where the local stack is.

use std::collections::BTreeMap;

use crate::emulator::account::ACCOUNT;

/// The names and addresses that a template's references resolve to, and the values of its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalEndpoints {
    /// The URL of SQS, without a slash at the end: `http://127.0.0.1:9324`.
    pub sqs_base: String,
    /// The stack's name, with which the names of its resources begin: `taskway`.
    pub stack: String,
    /// Values of template parameters, by name. The other parameters have their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl LocalEndpoints {
    /// The URL of the queue with this name.
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.sqs_base)
    }
}
