//! The names of the queues that were ever used, so that all of them can be listed without reading the table.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::error::SdkError;

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{Item, Malformed, Reader, ms, s},
    store::{Cursor, PAGE, Page, Store, readable},
};
use taskway_protocol::Time;

/// A process forgets all that it knows beyond so many queues: names are the clients' and may be any number.
const MOST_KNOWN: usize = 10_000;

impl Store {
    /// Notes that a queue is used, unless that is noted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be noted.
    pub async fn put_queue(&self, name: &str, now: Time) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attr::PK, s(keys::queue(name)))
            .item(attr::SK, s(keys::QUEUE_RECORD))
            .item(attr::CATALOG, s(keys::QUEUES))
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

    /// The names of all queues that tasks were submitted to, the one first used last before the others.
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
            .expression_attribute_values(":queues", s(keys::QUEUES))
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
    let name = keys::parse_queue(Reader(item).text(attr::PK)?);
    name.map(Into::into).ok_or(Malformed { attribute: attr::PK })
}

/// The queues that this process knows to be noted, so that each costs it one write. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Queues(Arc<Mutex<HashSet<Box<str>>>>);

impl Queues {
    /// Sees to it that a queue is noted, at its first use; to be called beside the first put of a task in it.
    ///
    /// Nothing depends on it but that the queue's tasks are listed where no queue is named. So a failure is only logged,
    /// and the queue's next task tries again; as it does where this is dropped half way.
    pub async fn note(&self, store: &Store, name: &str, now: Time) {
        if !self.begin(name) {
            return;
        }
        let mut noting = Noting { queues: self, name, noted: false };
        match store.put_queue(name, now).await {
            Ok(()) => noting.noted = true,
            Err(error) => {
                tracing::warn!(queue = name, error = %taskway_runtime::log::causes(&error), "a queue's first use is not noted");
            }
        }
    }

    /// Whether nobody has noted it, or is about to.
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

/// Forgets the queue again, unless it is noted in the end.
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
