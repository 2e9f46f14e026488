//! The table: names, codec, transitions compiled to `UpdateItem`, and the store over them.
//!
//! Domain types hold no key and no SDK type leaves this module.

mod catalog;
mod dead;
mod error;
mod keys;
mod many;
mod plain;
mod queues;
mod record;
mod store;
mod unreadable;
mod update;

#[cfg(test)]
mod tests;

pub use catalog::{Listed, Partition, Place, Start};
pub use error::{Conflict, StoreError};
pub use keys::AGENDA_SHARDS;
pub use many::MOST_AT_ONCE;
pub use plain::task_in;
pub use queues::Queues;
pub use record::Malformed;
pub use store::{AgendaItem, Created, Cursor, Page, Store, room};
pub use unreadable::KeptAside;
