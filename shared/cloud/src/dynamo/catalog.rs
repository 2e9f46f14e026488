//! The list of all tasks. They stand in the catalog, in the partitions of their queue, the newest first.

use super::{
    attr,
    error::StoreError,
    keys,
    page::{Cursor, Page, readable},
    record::{Item, Malformed, Reader, ms, s},
    shards::Shards,
    store::Store,
};
use futures::FutureExt;
use taskway_protocol::{TaskId, TaskKey, Time};

/// A partition of a list. Tasks of the same millisecond are listed in the order of their partitions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Partition {
    /// The queue.
    pub queue: Box<str>,
    /// The number of the partition among those of the queue. A list with one partition for each queue has number 0.
    pub shard: u16,
}

/// A task as an index shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The id of the task.
    pub id: TaskId,
    /// The birth of the task. In a list of failed tasks, the time of the failure.
    pub at: Time,
}

/// The place of a task in a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The time, as in [`Listed`].
    pub at: Time,
    /// The task's key.
    pub key: TaskKey,
}

/// Where to begin to read a partition. Writes in the meantime do not move any of these places.
#[derive(Clone, Debug)]
pub enum Start {
    /// At the latest task.
    Latest,
    /// At this place. In the catalog, at the beginning of the place's millisecond.
    At(Place),
    /// After this place. In the catalog, after the place's millisecond.
    Below(Place),
    /// Right after the task at this place. The task may be gone.
    After(Place),
    /// Where the page before ended.
    Next(Cursor),
}

impl Store {
    /// The partitions of a queue's catalog. `shards` must be the number in use, see
    /// [`shards_in_use`](Store::shards_in_use).
    pub fn catalog_partitions(&self, queue: &str, shards: Shards) -> Vec<Partition> {
        (0..shards.catalog).map(|shard| Partition { queue: queue.into(), shard }).collect()
    }

    /// The tasks of a partition of the catalog, the newest first. Tasks of the same millisecond are in an order that
    /// DynamoDB chooses and keeps.
    ///
    /// The index follows the table after a moment, so a task that was just submitted may be missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn catalog(&self, partition: &Partition, start: Start, limit: i32) -> Result<Page<Listed>, StoreError> {
        let name = keys::catalog_partition(&partition.queue, partition.shard);
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
        let found = query.send().boxed().await.map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), listed);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

/// The key of a task's entry in the index.
fn key(partition: &str, place: &Place) -> Item {
    let parts = [
        (attr::CATALOG, s(partition)),
        (attr::BORN, ms(place.at)),
        (attr::PK, s(keys::task_partition(&place.key))),
        (attr::SK, s(keys::TASK_SORT)),
    ];
    parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn listed(item: &Item) -> Result<Listed, Malformed> {
    let read = Reader(item);
    let key = keys::parse_task_partition(read.text(attr::PK)?).ok_or(Malformed { attribute: attr::PK })?;
    let born = read.time(attr::BORN)?;
    Ok(Listed { id: TaskId { key, born }, at: born })
}
