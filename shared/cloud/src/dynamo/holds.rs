//! The hold lists: the tasks that a queue holds back. They are items of the table and not of an index, so that a reader
//! sees every entry at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use futures::FutureExt;
use taskway_protocol::{HoldEntry, Part, Scope, TaskId, Time};

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

/// How far the fairness keys of a queue were looked through that hold tasks.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct KeyPlace {
    /// The partition.
    place: u8,
    /// The last key that was found there.
    after: Option<Box<str>>,
}

/// A fairness key that holds tasks, and when its first entry was put.
pub type HeldKey = (Box<str>, Time);

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
            .key_condition_expression(whole(scope))
            .set_expression_attribute_names(Some(names(scope)))
            .set_expression_attribute_values(Some(values(scope)))
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

    /// The next fairness keys of a queue that have entries in their hold lists: at most `most` after `after`, and how far that
    /// goes if there may be more. A read of half a unit for each, which is not consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn keys_that_hold(
        &self,
        queue: &str,
        after: Option<KeyPlace>,
        most: usize,
    ) -> Result<(Vec<HeldKey>, Option<KeyPlace>), StoreError> {
        let mut at = after.unwrap_or_default();
        let mut found = Vec::new();
        while found.len() < most {
            match self.next_key_that_holds(queue, &at).await? {
                Some(held) => {
                    at.after = Some(held.0.clone());
                    found.push(held);
                }
                None if at.place + 1 == keys::KEY_PLACES => return Ok((found, None)),
                None => at = KeyPlace { place: at.place + 1, after: None },
            }
        }
        Ok((found, Some(at)))
    }

    async fn next_key_that_holds(&self, queue: &str, at: &KeyPlace) -> Result<Option<HeldKey>, StoreError> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_values(":list", s(keys::key_holds_partition(queue, at.place)));
        query = match &at.after {
            None => query.key_condition_expression("#pk = :list"),
            Some(key) => query
                .key_condition_expression("#pk = :list AND #sk > :after")
                .expression_attribute_names("#sk", attr::SK)
                .expression_attribute_values(":after", s(keys::key_holds_after(key))),
        };
        let found = query.limit(1).send().boxed().await.map_err(StoreError::unavailable)?;
        let Some(item) = found.items.unwrap_or_default().into_iter().next() else { return Ok(None) };
        let key = keys::parse_key_of_hold(Reader(&item).text(attr::SK)?).ok_or(Malformed { attribute: attr::SK })?;
        Ok(Some((key.into(), Reader(&item).time(attr::PUT)?)))
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

/// The condition of a query for a whole hold list.
pub(super) fn whole(scope: &Scope) -> &'static str {
    if scope.is_key() { "#pk = :list AND begins_with(#sk, :key)" } else { "#pk = :list" }
}

/// The names in [`whole`].
pub(super) fn names(scope: &Scope) -> HashMap<String, String> {
    let mut names = HashMap::from([("#pk".to_owned(), attr::PK.to_owned())]);
    if scope.is_key() {
        names.insert("#sk".to_owned(), attr::SK.to_owned());
    }
    names
}

/// The values in [`whole`].
pub(super) fn values(scope: &Scope) -> Item {
    let mut values = HashMap::from([(":list".to_owned(), s(keys::hold_partition(scope)))]);
    if let Part::Key(key) = &scope.part {
        values.insert(":key".to_owned(), s(keys::key_holds_prefix(key)));
    }
    values
}

fn key(scope: &Scope, entry: &HoldEntry) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (attr::PK.to_owned(), s(keys::hold_partition(scope))),
        (attr::SK.to_owned(), s(keys::hold_sort(scope, entry))),
    ])
}

fn held(item: &Item) -> Result<Held, Malformed> {
    let read = Reader(item);
    let sort = read.text(attr::SK)?;
    let (rank, key, generation) = keys::parse_hold_sort(sort).ok_or(Malformed { attribute: attr::SK })?;
    let id = TaskId { key, born: read.time(attr::BORN)? };
    Ok(Held { entry: HoldEntry { id, generation, rank }, put: read.time(attr::PUT)? })
}
