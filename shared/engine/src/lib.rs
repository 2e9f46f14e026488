//! What more than one function does.
//!
//! Submit, executor and scheduler work with one set of [`Services`]. Every transition of a task goes through
//! [`Services::apply`], which makes the callback of a task that has ended.

#![cfg_attr(not(test), warn(clippy::large_futures))]

pub mod schedules;

mod callbacks;
mod fairness_keys;
mod holding;
mod hooks;
mod permits;
mod place;
mod rates;
mod services;
mod steering;
mod tally;
mod waiting;

pub use fairness_keys::KeyPlaces;
pub use holding::Dispatched;
pub use hooks::Hooks;
pub use permits::{Dispatching, Origin, Permitted, Taken};
pub use rates::{Paced, Turn};
pub use services::Services;
pub use steering::{Admission, Limit, Steering, Terms};
pub use tally::{FUNCTION_TELLS, Tally, WORKER_TELLS};
pub use waiting::Waiting;
