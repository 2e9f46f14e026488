//! The hold lists: the tasks that a queue holds back. They are items of the table and not of an index, so that a reader
//! sees every entry at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use futures::FutureExt;
use taskway_protocol::{HoldEntry, Scope, TaskId, Time};

use super::{
    attr,
    batch_get::BATCH_GET_LIMIT,
    error::StoreError,
    keys,
    page::{Cursor, Page, readable},
    record::{Item, Malformed, Reader, ms, s},
    store::Store,
};

/// The most writes that one `BatchWriteItem` takes.
const BATCH_WRITE_LIMIT: usize = 25;

/// An entry of a hold list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// The entry.
    pub entry: HoldEntry,
    /// When it was put.
    pub put: Time,
}

impl Store {
    /// Puts an entry into a hold list. Putting it twice is putting it once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the entry may or may not be there.
    pub async fn put_hold(&self, scope: &Scope, entry: &HoldEntry, now: Time) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(scope, entry)))
            .item(attr::BORN, ms(entry.id.born))
            .item(attr::PUT, ms(now));
        put.send().boxed().await.map_err(StoreError::unavailable)?;
        Ok(())
    }

    /// A page of a hold list, at most `most` entries, the smallest rank first. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn held(&self, scope: &Scope, from: Option<Cursor>, most: usize) -> Result<Page<Held>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :list")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_values(":list", s(keys::hold_partition(scope)))
            .consistent_read(true)
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(most.clamp(1, BATCH_GET_LIMIT) as i32)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), held);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }

    /// Whether a hold list has this entry. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn has_hold(&self, scope: &Scope, entry: &HoldEntry) -> Result<bool, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(scope, entry)))
            .consistent_read(true)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(got.item.is_some())
    }

    /// Removes entries from a hold list. DynamoDB may leave some of them. The next dispatch removes those.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the entries may or may not be gone.
    pub async fn remove_holds(&self, scope: &Scope, entries: &[HoldEntry]) -> Result<(), StoreError> {
        for some in entries.chunks(BATCH_WRITE_LIMIT) {
            let deletes = some.iter().map(|entry| {
                let delete = DeleteRequest::builder().set_key(Some(key(scope, entry))).build();
                delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
            });
            let deletes: Result<Vec<WriteRequest>, _> = deletes.collect();
            let deletes =
                deletes.map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
            let write = self.client.batch_write_item().request_items(&self.table, deletes);
            write.send().boxed().await.map_err(StoreError::unavailable)?;
        }
        Ok(())
    }
}

fn key(scope: &Scope, entry: &HoldEntry) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (attr::PK.to_owned(), s(keys::hold_partition(scope))),
        (attr::SK.to_owned(), s(keys::hold_sort(entry))),
    ])
}

fn held(item: &Item) -> Result<Held, Malformed> {
    let read = Reader(item);
    let sort = read.text(attr::SK)?;
    let (rank, key, generation) = keys::parse_hold_sort(sort).ok_or(Malformed { attribute: attr::SK })?;
    let id = TaskId { key, born: read.time(attr::BORN)? };
    Ok(Held { entry: HoldEntry { id, generation, rank }, put: read.time(attr::PUT)? })
}
