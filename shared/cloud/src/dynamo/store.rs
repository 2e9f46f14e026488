//! The store of tasks: their records and their parts.

use aws_sdk_dynamodb::{Client, error::SdkError};
use futures::FutureExt;

use super::{
    attr, batch_get,
    batches::{Batches, Write},
    change::Change,
    error::StoreError,
    first_put::{Created, FirstPut},
    keys,
    ledgers::Ledgers,
    packed,
    rates::Rates,
    record::{self, Item, n, s},
    shards::Shards,
};
use crate::meter::Meter;
use taskway_protocol::{Digest, Nonce, Task, TaskId, TaskKey, Time, Transition, Usage};

/// The table. The other files of this module add the schedules, the lists, the agenda and the audit.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) client: Client,
    pub(super) table: String,
    pub(super) shards: Shards,
    /// Gathers writes into batches. `None` if each write is a request of its own.
    pub(super) batches: Option<Batches>,
    pub(super) ledgers: Ledgers,
    pub(super) rates: Rates,
    /// Counts what the client's calls cost. `None` if nobody asks for it.
    meter: Option<Meter>,
}

impl Store {
    /// The table with this name, with the default numbers of shards. Each write is a request of its own.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        let table = table.into();
        let (ledgers, rates) = (Ledgers::new(&client, &table), Rates::new(&client, &table));
        Store { client, table, shards: Shards::default(), batches: None, ledgers, rates, meter: None }
    }

    /// The same table, whose client has this meter.
    #[must_use]
    pub fn metered(self, meter: Meter) -> Self {
        Store { meter: Some(meter), ..self }
    }

    /// What the calls have cost since the last call of this, of all clones.
    pub fn take_usage(&self) -> Usage {
        self.meter.as_ref().map_or_else(Usage::default, |meter| meter.take().usage())
    }

    /// The same table. Writes that are under way at the same time share requests. Clones of the result share theirs.
    #[must_use]
    pub fn with_batches(self) -> Self {
        let batches = Some(Batches::new(&self.client, &self.table));
        let ledgers = Ledgers::with_batches(&self.client, &self.table);
        Store { batches, ledgers, ..self }
    }

    /// The same table. Each write is a request of its own.
    #[must_use]
    pub fn with_single_writes(self) -> Self {
        let ledgers = Ledgers::new(&self.client, &self.table);
        Store { batches: None, ledgers, ..self }
    }

    /// The same table, written with these numbers of shards.
    #[must_use]
    pub fn sharded(self, shards: Shards) -> Self {
        Store { shards, ..self }
    }

    /// The numbers of shards with which this process writes.
    pub fn shards(&self) -> Shards {
        self.shards
    }

    /// Writes the first record of a task, unless the key has a record whose retention is not over.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the record may or may not have been written.
    pub async fn create(&self, task: &Task, owner: Nonce, now: Time) -> Result<Created, StoreError> {
        self.put_first(record::to_item(task, owner, self.shards), Some(now)).await
    }

    /// Writes the first record of a task whose key is never used again, unless the key has a record. A record whose
    /// retention is over is not replaced.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the record may or may not have been written.
    pub async fn create_once(&self, task: &Task) -> Result<Created, StoreError> {
        self.put_first(record::to_item(task, Nonce(0), self.shards), None).await
    }

    /// Writes a record that keeps a task from being created, unless the key has a record. No list shows it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the record may or may not have been written.
    pub async fn put_tombstone(&self, task: &Task) -> Result<Created, StoreError> {
        let mut item = record::to_item(task, Nonce(0), self.shards);
        item.remove(attr::CATALOG);
        self.put_first(item, None).await
    }

    /// With `replace_expired`, replaces a record whose retention is over at that time.
    async fn put_first(&self, item: Item, replace_expired: Option<Time>) -> Result<Created, StoreError> {
        let put = FirstPut { item, replace_expired };
        match &self.batches {
            Some(batches) => batches.puts.make(put).await,
            None => put.alone(&self.client, &self.table).await,
        }
    }

    /// Reads a record. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the key has no record.
    pub async fn get(&self, key: &TaskKey) -> Result<Task, StoreError> {
        get(&self.client, &self.table, key).await
    }

    /// Writes a transition, and returns the record after it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the record does not meet the transition's expectations.
    pub async fn apply(&self, key: &TaskKey, transition: &Transition) -> Result<Task, StoreError> {
        let applied = self.try_apply(key, transition).await;
        let (id, step) = (TaskId { key: *key, born: transition.born }, transition.step.name());
        match &applied {
            Ok(_) => tracing::debug!(task.id = %id, task.step = step, "wrote a step"),
            Err(StoreError::Conflict(conflict)) => {
                let refusal = conflict.refusal.name();
                tracing::debug!(task.id = %id, task.step = step, task.refusal = refusal, "the record refused a step");
            }
            Err(error) => {
                let error = taskway_runtime::log::causes(error);
                tracing::debug!(task.id = %id, task.step = step, %error, "could not write a step");
            }
        }
        applied
    }

    async fn try_apply(&self, key: &TaskKey, transition: &Transition) -> Result<Task, StoreError> {
        let change = Change::new(key, transition, self.shards);
        match &self.batches {
            Some(batches) if change.fits_a_batch() => batches.changes.make(change).await,
            Some(_) | None => change.alone(&self.client, &self.table).await,
        }
    }

    /// Writes a text that is too large for its task's record to a separate item, a part. The part is kept at least
    /// until `keep_until`.
    ///
    /// A part is named by the digest of its text and never changes, so an existing part serves as well.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_part(
        &self,
        key: &TaskKey,
        digest: &Digest,
        text: &str,
        keep_until: Time,
    ) -> Result<(), StoreError> {
        let keep_until = keep_until.as_secs() + 1;
        let mut item = record::Item::from([
            (attr::PK.to_owned(), s(keys::task_partition(key))),
            (attr::SK.to_owned(), s(keys::part_sort(digest))),
            (attr::TTL.to_owned(), n(keep_until)),
        ]);
        item.insert(attr::TEXT.to_owned(), packed::in_part(text, attr::TEXT.len() + record::size(&item)));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#pk) OR #ttl < :ttl")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":ttl", n(keep_until))
            .send()
            .boxed()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Reads the text of a part.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the task has no part with this digest.
    pub async fn get_part(&self, key: &TaskKey, digest: &Digest) -> Result<String, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::task_partition(key)))
            .key(attr::SK, s(keys::part_sort(digest)))
            .consistent_read(true)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let item = got.item.ok_or(StoreError::NotFound)?;
        let text = item.get(attr::TEXT).and_then(packed::text);
        text.ok_or_else(|| record::Malformed { attribute: attr::TEXT }.into())
    }
}

/// Reads a record. The read is strongly consistent.
pub(super) async fn get(client: &Client, table: &str, key: &TaskKey) -> Result<Task, StoreError> {
    let get = client.get_item().table_name(table).set_key(Some(batch_get::key(key))).consistent_read(true);
    let got = get.send().boxed().await.map_err(StoreError::unavailable)?;
    Ok(record::from_item(&got.item.ok_or(StoreError::NotFound)?)?)
}
