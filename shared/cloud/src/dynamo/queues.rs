//! The names of all queues that tasks were ever submitted to. With them, all tasks can be listed without a scan.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::error::SdkError;

use super::{
    attr,
    error::StoreError,
    keys,
    page::{Cursor, PAGE, Page, readable},
    record::{Item, Malformed, Reader, ms, s},
    store::Store,
};
use taskway_protocol::Time;

/// The most queues that a process remembers. Beyond that it forgets all of them, because clients may use any number of
/// names.
const MOST_KNOWN: usize = 10_000;

impl Store {
    /// Writes the name of a queue, unless the table has it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the name may or may not have been written.
    pub async fn put_queue(&self, name: &str, now: Time) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attr::PK, s(keys::queue_partition(name)))
            .item(attr::SK, s(keys::QUEUE_SORT))
            .item(attr::CATALOG, s(keys::QUEUE_CATALOG))
            .item(attr::BORN, ms(now))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The names of all queues that tasks were submitted to, the newest queue first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn queues(&self, from: Option<Cursor>) -> Result<Page<Box<str>>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::CATALOG_INDEX)
            .key_condition_expression("#cp = :queues")
            .expression_attribute_names("#cp", attr::CATALOG)
            .expression_attribute_values(":queues", s(keys::QUEUE_CATALOG))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .scan_index_forward(false)
            .limit(PAGE)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), queue);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

fn queue(item: &Item) -> Result<Box<str>, Malformed> {
    let name = keys::parse_queue_partition(Reader(item).text(attr::PK)?);
    name.map(Into::into).ok_or(Malformed { attribute: attr::PK })
}

/// The queues whose names this process has written, so that it writes each name once. Clones share the set.
#[derive(Clone, Debug, Default)]
pub struct Queues(Arc<Mutex<HashSet<Box<str>>>>);

impl Queues {
    /// Writes the name of a queue if this process has not written it yet. Call this at the submit of each task.
    ///
    /// Only the list of the tasks of all queues needs the name. So a failure is logged, and the submit of the queue's
    /// next task tries again. It also tries again if this future is dropped before its end.
    pub async fn note(&self, store: &Store, name: &str, now: Time) {
        if !self.begin(name) {
            return;
        }
        let mut noting = Noting { queues: self, name, noted: false };
        match store.put_queue(name, now).await {
            Ok(()) => noting.noted = true,
            Err(error) => {
                let error = taskway_runtime::log::causes(&error);
                tracing::warn!(queue.name = name, %error, "could not write the name of a queue");
            }
        }
    }

    /// Adds the queue to the known ones. Returns whether it is new, so that the caller must write its name.
    fn begin(&self, name: &str) -> bool {
        let mut known = self.known();
        if known.contains(name) {
            return false;
        }
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(name.into())
    }

    fn known(&self) -> MutexGuard<'_, HashSet<Box<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the queue from the known ones when it is dropped, unless the name was written.
struct Noting<'a> {
    queues: &'a Queues,
    name: &'a str,
    noted: bool,
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        if !self.noted {
            self.queues.known().remove(self.name);
        }
    }
}
