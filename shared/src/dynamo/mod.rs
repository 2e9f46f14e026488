//! The table: names, codec, transitions compiled to `UpdateItem`, and the store over them.
//!
//! Domain types hold no key and no SDK type leaves this module.

mod error;
mod keys;
mod plain;
mod record;
mod shards;
mod store;
mod sweeps;
mod unreadable;
mod update;

#[cfg(test)]
mod tests;

pub use error::{Conflict, StoreError};
pub use plain::task_in;
pub use record::Malformed;
pub use shards::{OutOfRange, Shards};
pub use store::{AgendaItem, Created, Cursor, Page, Store, room};
pub use unreadable::KeptAside;
