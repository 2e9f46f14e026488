//! Reads of records that are asked for at the same time, in one `BatchGetItem`. So the messages of a batch go on together,
//! and so do their next writes.

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::KeysAndAttributes};
use futures::{FutureExt, future::join_all};

use super::{
    attr,
    batch_get::{self, BATCH_GET_LIMIT},
    error::StoreError,
    record::{self, Item, Reader},
    store::{self, Store},
};
use crate::gather::{Asked, Carrier};
use taskway_protocol::{Task, TaskKey};

/// Reads records, alone or many in one request.
#[derive(Debug)]
pub(super) struct Reads {
    client: Client,
    table: String,
}

impl Reads {
    pub(super) fn new(client: &Client, table: &str) -> Self {
        Reads { client: client.clone(), table: table.to_owned() }
    }

    /// The items of several keys. Those that DynamoDB leaves out are not among them.
    async fn together(&self, keys: &[TaskKey]) -> Option<Vec<Item>> {
        let wanted = keys.iter().map(batch_get::key).collect();
        let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build().ok()?;
        let got = self.client.batch_get_item().request_items(&self.table, request).send().boxed().await.ok()?;
        // The answer has one table only.
        Some(got.responses.unwrap_or_default().into_values().flatten().collect())
    }
}

impl Carrier for Reads {
    type Write = TaskKey;
    type Answer = Result<Task, StoreError>;
    const MOST: usize = BATCH_GET_LIMIT;

    /// DynamoDB refuses a request that names a key twice.
    fn clash(one: &TaskKey, other: &TaskKey) -> bool {
        one == other
    }

    async fn carry(&self, asked: Vec<Asked<TaskKey, Self::Answer>>) {
        let keys: Vec<TaskKey> = asked.iter().map(|one| one.write).collect();
        let found = if keys.len() > 1 { self.together(&keys).await } else { None };
        let mut items: HashMap<String, Item> = HashMap::new();
        for item in found.unwrap_or_default() {
            if let Ok(partition) = Reader(&item).text(attr::PK) {
                items.insert(partition.to_owned(), item);
            }
        }
        join_all(asked.into_iter().map(async |one| {
            let answer = match items.get(&super::keys::task_partition(&one.write)) {
                Some(item) => record::from_item(item).map_err(StoreError::from),
                // Alone, missing, or left out. A single read tells.
                None => store::get(&self.client, &self.table, &one.write).await,
            };
            one.answer(answer);
        }))
        .await;
    }
}

impl Store {
    /// Reads a record. The read is strongly consistent. Reads that are asked for at the same time share a request.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is none.
    pub async fn get_together(&self, key: &TaskKey) -> Result<Task, StoreError> {
        let Some(batches) = &self.batches else { return self.get(key).await };
        let unanswered = || {
            let source = "the request ended without an answer".into();
            Err(StoreError::Unavailable { throttled: false, source })
        };
        batches.reads.write(*key).await.unwrap_or_else(unanswered)
    }
}
