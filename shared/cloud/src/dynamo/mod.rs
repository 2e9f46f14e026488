//! The table: names, codec, transitions compiled to `UpdateItem`, and the store over them.
//!
//! Domain types hold no key and no SDK type leaves this module.

mod audit;
mod batch_get;
mod catalog;
mod dead;
mod dynamo_json;
mod error;
mod keys;
mod queues;
mod record;
mod scan;
mod schedules;
mod shards;
mod store;
mod sweeps;
mod unreadable;
mod update;

#[cfg(test)]
mod tests;

pub use audit::Position;
pub use batch_get::MOST_AT_ONCE;
pub use catalog::{Listed, Partition, Place, Start};
pub use dynamo_json::task_in;
pub use error::{Conflict, StoreError};
pub use queues::Queues;
pub use record::Malformed;
pub use scan::Scanned;
pub use schedules::{Saved, ScheduleCursor};
pub use shards::{OutOfRange, Shards};
pub use store::{AgendaItem, Created, Cursor, Page, Store, fitted, room};
pub use unreadable::KeptAside;
