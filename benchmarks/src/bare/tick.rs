//! The SDK calls of a tick: `Query`, `SendMessageBatch`, `UpdateItem`. As many run in parallel as in the scheduler.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use taskway_protocol::{LONGEST_MESSAGE_DELAY, Time};
use tokio::sync::Semaphore;

use super::table::{Due, Item, Table};
use crate::endpoints::Place;

/// Messages in one call, and marks in parallel for each call, as in the scheduler.
const TEN: usize = 10;

/// Calls in parallel for each shard, as in the scheduler.
const SHARD: usize = 4;

/// Calls in parallel for all shards together, as in the scheduler.
const PROCESS: usize = 16;

/// A tick that makes only its calls.
pub(crate) struct BareTick {
    table: Table,
    sqs: aws_sdk_sqs::Client,
    queue: String,
    calls: Semaphore,
}

impl BareTick {
    pub(crate) async fn at(place: &Place) -> Self {
        let (dynamodb, sqs) = place.clients(None).await;
        let table = Table::new(dynamodb, &place.table);
        BareTick { table, sqs, queue: place.normal.clone(), calls: Semaphore::new(PROCESS) }
    }

    /// Sends and marks all tasks of the shards that are due by `until`. Returns their number.
    pub(crate) async fn run(&self, shards: u16, now: Time, until: Time) -> anyhow::Result<usize> {
        let all = (0..shards).map(|shard| self.shard(shard, now, until));
        Ok(futures::future::try_join_all(all).await?.into_iter().sum())
    }

    async fn shard(&self, shard: u16, now: Time, until: Time) -> anyhow::Result<usize> {
        let (mut items, mut next) = self.table.agenda(shard, until, None).await?;
        let mut count = 0;
        loop {
            count += items.len();
            let chunks = items.chunks(TEN).map(|ten| self.chunk(ten, now));
            let work = stream::iter(chunks).buffer_unordered(SHARD).try_collect::<()>();
            let Some(cursor) = next else {
                work.await?;
                return Ok(count);
            };
            let (worked, page) = futures::join!(work, self.table.agenda(shard, until, Some(cursor)));
            worked?;
            (items, next) = page?;
        }
    }

    async fn chunk(&self, ten: &[Item], now: Time) -> anyhow::Result<()> {
        let _call = self.calls.acquire().await?;
        let ten = ten.iter().map(Due::of).collect::<anyhow::Result<Vec<Due>>>()?;
        let entries = ten.iter().enumerate().map(|(number, due)| {
            SendMessageBatchRequestEntry::builder()
                .id(number.to_string())
                .message_body(message(due))
                .delay_seconds(due.at.since(now).min(LONGEST_MESSAGE_DELAY).as_secs() as i32)
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        self.sqs.send_message_batch().queue_url(&self.queue).set_entries(Some(entries)).send().await?;
        stream::iter(ten.iter().map(|due| self.table.mark(due))).buffer_unordered(TEN).try_collect().await
    }
}

/// A message of the scheduler's form, without its types.
fn message(due: &Due<'_>) -> String {
    let (id, g, at) = (due.id.to_string(), due.generation.0, due.at.as_millis());
    json!({"v": 2, "id": id, "g": g, "due": at, "to": due.timeout_seconds, "h": due.handler, "q": due.queue})
        .to_string()
}
