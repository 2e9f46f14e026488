//! The list of failed tasks. They stand in the agenda, in the partition of their queue.

use super::{
    attr,
    catalog::{Listed, Start},
    error::StoreError,
    keys,
    page::{Cursor, Page, readable},
    record::{Item, Malformed, Reader, s},
    store::Store,
};
use futures::FutureExt;
use taskway_protocol::{Agenda, TaskId};

impl Store {
    /// The failed tasks of a queue, the latest failure first. Tasks that failed in the same millisecond are in order of
    /// their keys, so no two have the same place.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn dead(&self, queue: &str, start: Start, limit: i32) -> Result<Page<Listed>, StoreError> {
        let (up_to, without, from) = match start {
            Start::Latest => (None, None, None),
            Start::At(place) => (Some(place), None, None),
            // Only BETWEEN takes two bounds, and it includes both. A task that stands exactly at the place is removed
            // below.
            Start::Below(place) | Start::After(place) => (Some(place), Some(place), None),
            Start::Next(cursor) => (None, None, Some(cursor.0)),
        };
        let (least, greatest) = keys::dead_range(up_to.as_ref().map(|place| (place.at, &place.key)));
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :queue AND #as BETWEEN :least AND :greatest")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_names("#as", attr::AGENDA_AT)
            .expression_attribute_values(":queue", s(queue))
            .expression_attribute_values(":least", s(least))
            .expression_attribute_values(":greatest", s(greatest))
            .set_exclusive_start_key(from)
            .scan_index_forward(false)
            .limit(limit)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let mut items = readable(found.items.unwrap_or_default(), listed);
        if let Some(place) = without {
            items.retain(|item| (item.at, item.id.key) != (place.at, place.key));
        }
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

fn listed(item: &Item) -> Result<Listed, Malformed> {
    let read = Reader(item);
    let malformed = |attribute| Malformed { attribute };
    let key = keys::parse_task_partition(read.text(attr::PK)?).ok_or(malformed(attr::PK))?;
    let id = TaskId { key, born: read.time(attr::BORN)? };
    match keys::parse_agenda_sort(read.text(attr::AGENDA_AT)?) {
        Some(Agenda::Dead(at)) => Ok(Listed { id, at }),
        Some(Agenda::Due(_) | Agenda::Lease(_) | Agenda::Owed(_)) | None => Err(malformed(attr::AGENDA_AT)),
    }
}
