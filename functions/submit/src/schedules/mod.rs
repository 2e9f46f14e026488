//! What can be asked of schedules: one file a route.

mod answer;
mod contention;
mod delete;
mod find;
mod get;
mod list;
mod put;
mod run;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use put::put;
pub(crate) use run::run;
