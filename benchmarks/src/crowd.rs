//! Tasks that wait for their time, many at once.
//!
//! Two of them are put by the adapter itself. The others are copies of the first, of another key and time, written 25 a
//! call: and the second must be such a copy to the letter, so that all are the very items that a submit makes.

use std::collections::HashMap;

use anyhow::Context;
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, PutRequest, WriteRequest},
};
use futures::{StreamExt, TryStreamExt, stream};
use taskway_cloud::dynamo::Store;
use taskway_protocol::{Nonce, Spec, State, Task, TaskId, TaskKey, TaskOptions, Time};
use taskway_runtime::random::{Random, SystemRandom};

/// DynamoDB takes so many items in a call.
const BATCH: usize = 25;

/// Calls at a time.
const AT_ONCE: usize = 4;

type Item = HashMap<String, AttributeValue>;

/// Where tasks are put.
pub(crate) struct Crowd {
    pub(crate) store: Store,
    pub(crate) dynamodb: Client,
    pub(crate) table: String,
}

impl Crowd {
    /// Puts so many tasks, two at least, each due when `due` says of its number.
    ///
    /// # Errors
    /// When a put fails, or a copy is not what the adapter makes.
    pub(crate) async fn put(&self, tasks: usize, now: Time, due: impl Fn(usize) -> Time) -> anyhow::Result<()> {
        let key = || TaskKey::from_bytes(SystemRandom.bytes());
        let (first, second) = (self.create(&task(key(), now, due(0))).await?, task(key(), now, due(1)));
        let copy = self.copy(&first, second.id.key, due(1));
        anyhow::ensure!(self.create(&second).await? == copy, "a copy is not what a submit makes");
        let copies = (2..tasks).map(|number| self.copy(&first, key(), due(number)));
        let calls = stream::iter(copies).chunks(BATCH).map(|items| self.write(items));
        calls.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// What the adapter makes of a task.
    async fn create(&self, task: &Task) -> anyhow::Result<Item> {
        self.store.create(task, Nonce(1), task.id.born).await?;
        let got = self.dynamodb.get_item().table_name(&self.table).key("PK", s(format!("task#{}", task.id.key)));
        got.key("SK", s("task")).send().await?.item.context("a task that was put is not there")
    }

    fn copy(&self, item: &Item, key: TaskKey, due: Time) -> Item {
        let shards = self.store.shards();
        let mut item = item.clone();
        let ms = || AttributeValue::N(due.as_millis().to_string());
        let changed = [
            ("PK", s(format!("task#{key}"))),
            ("due", ms()),
            ("ra", ms()),
            ("ap", s(format!("agenda#{}", key.shard(shards.agenda)))),
            ("as", s(format!("{:014}#due#{key}", due.as_millis()))),
            ("cp", s(format!("default#{}", key.shard(shards.catalog)))),
        ];
        item.extend(changed.map(|(name, value)| (name.to_owned(), value)));
        item
    }

    async fn write(&self, items: Vec<Item>) -> anyhow::Result<()> {
        let puts = items.into_iter().map(|item| {
            let put = PutRequest::builder().set_item(Some(item)).build()?;
            anyhow::Ok(WriteRequest::builder().put_request(put).build())
        });
        let puts = puts.collect::<anyhow::Result<Vec<_>>>()?;
        let written = self.dynamodb.batch_write_item().request_items(&self.table, puts).send().await?;
        anyhow::ensure!(written.unprocessed_items.is_none_or(|left| left.is_empty()), "items were left out");
        Ok(())
    }
}

/// As `{"target":{"handler":"echo"}}` is with a time to run at, and the API's defaults.
pub(crate) fn task(key: TaskKey, now: Time, due: Time) -> Task {
    let spec = Spec { options: TaskOptions::default(), ..Spec::example(due) };
    Task { id: TaskId { key, born: now }, spec, state: State::Scheduled { due }, ..Task::example(now) }
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
