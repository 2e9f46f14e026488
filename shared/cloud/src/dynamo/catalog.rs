//! The catalog: every task under its queue, the newest first.

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{Item, Malformed, Reader, ms, s},
    shards::Shards,
    store::{Cursor, Page, Store, readable},
};
use taskway_protocol::{TaskId, TaskKey, Time};

/// A partition of what is listed. Tasks of the same moment are listed in the order of their partitions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Partition {
    /// The queue.
    pub queue: Box<str>,
    /// Which of the queue's; 0 where it has one.
    pub shard: u16,
}

/// A task as an index tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Which life.
    pub id: TaskId,
    /// When it was born; of failed tasks, when they failed.
    pub at: Time,
}

/// Where a task stands in a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// As [`Listed`] has it.
    pub at: Time,
    /// The task's key.
    pub key: TaskKey,
}

/// Where reading a partition begins. What is written meanwhile moves none of these.
#[derive(Clone, Debug)]
pub enum Start {
    /// With the latest.
    Latest,
    /// With whatever is at this place or after it in the order; in the catalog with the whole millisecond.
    At(Place),
    /// With whatever is after it; in the catalog after the whole millisecond.
    Below(Place),
    /// Right after this very task, which need not be there any more.
    After(Place),
    /// Where a page ended.
    Next(Cursor),
}

impl Store {
    /// A queue's partitions of a catalog that has, or ever had, so many.
    pub fn catalog_partitions(&self, queue: &str, shards: Shards) -> Vec<Partition> {
        (0..shards.catalog).map(|shard| Partition { queue: queue.into(), shard }).collect()
    }

    /// The tasks of a partition of the catalog, the newest first. Those of one millisecond come in an order of the
    /// table's own, always the same one.
    ///
    /// The index follows the table within moments, so a task submitted just now may be missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn catalog(&self, partition: &Partition, start: Start, limit: i32) -> Result<Page<Listed>, StoreError> {
        let name = keys::catalog_shard(&partition.queue, partition.shard);
        let (condition, bound, from) = match start {
            Start::Latest => ("#cp = :cp", None, None),
            Start::At(place) => ("#cp = :cp AND #born <= :bound", Some(place.at), None),
            Start::Below(place) => ("#cp = :cp AND #born < :bound", Some(place.at), None),
            Start::After(place) => ("#cp = :cp", None, Some(key(&name, &place))),
            Start::Next(cursor) => ("#cp = :cp", None, Some(cursor.0)),
        };
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::CATALOG_INDEX)
            .key_condition_expression(condition)
            .expression_attribute_names("#cp", attr::CATALOG)
            .expression_attribute_values(":cp", s(name))
            .set_exclusive_start_key(from)
            .scan_index_forward(false)
            .limit(limit);
        let query = match bound {
            Some(at) => {
                query.expression_attribute_names("#born", attr::BORN).expression_attribute_values(":bound", ms(at))
            }
            None => query,
        };
        let found = query.send().await.map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), listed);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

/// The key of an entry of the index.
fn key(partition: &str, place: &Place) -> Item {
    let parts = [
        (attr::CATALOG, s(partition)),
        (attr::BORN, ms(place.at)),
        (attr::PK, s(keys::task(&place.key))),
        (attr::SK, s(keys::RECORD)),
    ];
    parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn listed(item: &Item) -> Result<Listed, Malformed> {
    let read = Reader(item);
    let key = keys::parse_task(read.text(attr::PK)?).ok_or(Malformed { attribute: attr::PK })?;
    let born = read.time(attr::BORN)?;
    Ok(Listed { id: TaskId { key, born }, at: born })
}
