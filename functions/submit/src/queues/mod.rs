//! What can be asked of queues: one file a route.

mod find;
mod get;
mod list;
mod pause;
mod purge;
mod put;

pub(crate) use find::count;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use pause::{pause, resume};
pub(crate) use purge::purge;
pub(crate) use put::{patch, put};
