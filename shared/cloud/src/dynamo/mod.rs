//! The table in DynamoDB.
//!
//! [`Store`] is the face of this module. Inside, `attr` and `keys` name every attribute and key, `record` converts a
//! task to an item and back, and `terms` says what a transition compares and changes. `update` and `statement` write
//! that down, for a single write and for one in a batch. Domain types hold no keys, and no type of the SDK leaves this
//! module.

mod agenda;
mod attr;
mod audit;
mod batch_get;
mod batches;
mod catalog;
mod change;
mod counts;
mod dead;
mod dynamo_json;
mod error;
mod first_put;
mod holds;
mod keys;
pub mod layout;
mod leases;
mod ledger_item;
mod ledger_write;
mod ledgers;
mod overdue;
mod packed;
mod page;
mod programs;
mod queue_settings;
mod queues;
mod rates;
mod reads;
mod record;
mod room;
mod scan;
mod schedules;
mod shards;
mod shards_in_use;
mod statement;
mod store;
mod terms;
mod unreadable;
mod update;

#[cfg(test)]
mod tests;

pub use agenda::AgendaItem;
pub use audit::Position;
pub use batch_get::BATCH_GET_LIMIT;
pub use catalog::{Listed, Partition, Place, Start};
pub use counts::Counts;
pub use dynamo_json::{ledger_in, task_in, text_in};
pub use error::{Conflict, StoreError};
pub use first_put::Created;
pub use holds::{Held, HeldKey, KeyPlace};
pub use ledgers::{Granted, Out, Wish};
pub use overdue::Overdue;
pub use page::{Cursor, Page};
pub use queue_settings::Count;
pub use queues::{QueueName, Queues};
pub use rates::{Ask, Given, Wanted};
pub use record::Malformed;
pub use room::{fitted, room};
pub use scan::Scanned;
pub use schedules::{Saved, ScheduleCursor, Slot};
pub use shards::{OutOfRange, Shards};
pub use store::Store;
pub use unreadable::UnreadableMessage;
