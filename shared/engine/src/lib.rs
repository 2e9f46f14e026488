//! What more than one function does.
//!
//! [`Services`] is what submit, executor and scheduler work with. Every transition of a task goes through
//! [`Services::apply`], which tells the [hooks](Hooks) when a task has ended.

pub mod schedules;

mod hooks;
mod services;

pub use hooks::Hooks;
pub use services::Services;
