//! What can be asked of tasks: one file a route.

mod batch;
mod cancel;
mod change;
mod changed;
mod create;
mod find;
mod get;
mod retry;
mod run;
mod waiting;

pub(crate) use batch::batch;
pub(crate) use cancel::cancel;
pub(crate) use change::change;
pub(crate) use changed::Changed;
pub(crate) use create::create;
pub(crate) use find::{Parts, json};
pub(crate) use get::get;
pub(crate) use retry::retry;
pub(crate) use run::run;
pub use waiting::Places;
