//! The submit function: everything that a client can ask for, behind API Gateway or any other server.

#![cfg_attr(not(test), warn(clippy::large_futures))]

pub mod event;
pub mod lists;
pub mod problem;
pub mod validate;

mod accept;
mod base_path;
mod caller;
mod config;
mod document;
mod draft;
mod executor_kind;
mod headers;
mod name_cursor;
mod payloads;
mod queues;
mod replace;
mod request;
mod router;
mod schedules;
mod stats;
mod tasks;

pub use accept::Submit;
pub use base_path::{BasePath, Mount};
pub use caller::Auth;
pub use config::Config;
pub use executor_kind::{ExecutorKind, LONGEST_INVOCATION};
pub use router::{guarded, guarded_with_dashboard, paths, router};
pub use tasks::Places;

/// The function's timeout, as the template sets it: an HTTP API answers within 30 s.
pub const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
