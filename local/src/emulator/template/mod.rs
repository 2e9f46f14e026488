//! Reads a SAM template, so that the local stack has the same tables, queues and functions as the deployed stack.
//!
//! The local stack runs tables, queues, functions, event source mappings and schedules. The reader is strict with them: a
//! property that it does not understand is an error, unless it is known to make no difference here. It is as strict with
//! permissions. The local stack enforces none, but a test compares them with the calls that it recorded.
//!
//! The local stack does not run the HTTP API, buckets, logs or alarms. The reader skips these types on purpose. A type on
//! neither list is an error too, so that no resource is silently missing here.

mod conditions;
mod document;
mod error;
mod functions;
mod grants;
mod kind;
mod local_endpoints;
mod mappings;
mod model;
mod node;
mod parameters;
mod queues;
mod read;
mod resolve;
mod scope;
mod tables;
#[cfg(test)]
mod tests;

pub use super::account::{ACCOUNT, REGION};
pub use error::{Problem, TemplateError};
pub use local_endpoints::LocalEndpoints;
pub use model::{Bucket, Function, Grant, Mapping, Queue, Schedule, Table, Template};
pub use read::read;
