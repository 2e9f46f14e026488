//! Reads many records in one call.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures::FutureExt;

use super::{
    attr,
    error::StoreError,
    keys,
    page::readable,
    record::{self, Item, Reader, s},
    store::Store,
};
use taskway_protocol::{Task, TaskId, TaskKey, Time};
use taskway_runtime::clock::Clock;

/// The most keys that one `BatchGetItem` takes.
pub const BATCH_GET_LIMIT: usize = 100;

/// How often a batch is tried. DynamoDB may leave out keys, and each further call asks for those.
const TRIES: u32 = 6;

/// The pause before the second call. Each later pause is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// The records of at most [`BATCH_GET_LIMIT`] different tasks, in no order. A key may be given twice, and is asked for once:
    /// DynamoDB refuses a request that repeats one. Records that do not exist or that cannot be read are left out. A `consistent`
    /// read sees every completed write and costs twice as much.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]. It is throttled if DynamoDB leaves out keys at every try.
    pub async fn get_many(
        &self,
        keys: &[TaskKey],
        consistent: bool,
        clock: &dyn Clock,
    ) -> Result<Vec<Task>, StoreError> {
        let keys: BTreeSet<&TaskKey> = keys.iter().collect();
        let found = self.get_items(keys.into_iter().map(key).collect(), consistent, clock).await?;
        Ok(readable(found, record::from_item))
    }

    /// Of at most [`BATCH_GET_LIMIT`] tasks those that have a record which is not forgotten at `now`. A record that cannot be read
    /// counts as one of every task with its key.
    ///
    /// # Errors
    /// As for [`get_many`](Store::get_many).
    pub async fn have_records(
        &self,
        ids: &[TaskId],
        now: Time,
        clock: &dyn Clock,
    ) -> Result<HashSet<TaskId>, StoreError> {
        let keys: BTreeSet<&TaskKey> = ids.iter().map(|id| &id.key).collect();
        let found = self.get_items(keys.into_iter().map(key).collect(), false, clock).await?;
        let mut there = HashSet::new();
        for item in &found {
            match record::from_item(item) {
                Ok(task) if task.is_forgotten(now) => {}
                Ok(task) => {
                    there.insert(task.id);
                }
                Err(_) => {
                    let key = Reader(item).text(attr::PK).ok().and_then(keys::parse_task_partition);
                    there.extend(ids.iter().filter(|id| key.is_none_or(|key| key == id.key)));
                }
            }
        }
        Ok(there)
    }

    /// The items of at most [`BATCH_GET_LIMIT`] different keys, in no order.
    pub(super) async fn get_items(
        &self,
        mut wanted: Vec<Item>,
        consistent: bool,
        clock: &dyn Clock,
    ) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        let mut pause = PAUSE;
        for again in 0..TRIES {
            if wanted.is_empty() {
                return Ok(found);
            }
            if again > 0 {
                clock.sleep(pause).await;
                pause *= 2;
            }
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(consistent).build();
            let request =
                request.map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
            let got = self.client.batch_get_item().request_items(&self.table, request).send().boxed().await;
            let got = got.map_err(StoreError::unavailable)?;
            // The answer has one table only.
            found.extend(got.responses.unwrap_or_default().into_values().flatten());
            wanted = got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
        }
        if wanted.is_empty() {
            return Ok(found);
        }
        Err(StoreError::Unavailable {
            throttled: true,
            source: "dynamodb left out keys of a batch at every try".into(),
        })
    }
}

pub(super) fn key(key: &TaskKey) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::task_partition(key))), (attr::SK.to_owned(), s(keys::TASK_SORT))])
}
