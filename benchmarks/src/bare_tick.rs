//! The SDK calls of a tick and nothing else: `Query`, `SendMessageBatch`, `UpdateItem`, word for word as the scheduler
//! makes them and as many of them at once. Nothing is looked at: no refusal, no failure, no lease.

use anyhow::Context;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use taskway_protocol::{TaskId, TaskKey, Time};
use tokio::sync::Semaphore;

use crate::endpoints::Place;

const CONDITION: &str = "#born = :0 AND #st IN (:1) AND #g = :2";
const CHANGE: &str = "SET #st = :3, #due = :4 REMOVE #le, #fin, #ttl, #ap, #as";
const NAMES: [&str; 9] = ["born", "st", "g", "due", "le", "fin", "ttl", "ap", "as"];

/// The scheduler's own numbers.
const PAGE: i32 = 500;
const TEN: usize = 10;
const SHARD: usize = 4;
const PROCESS: usize = 16;

type Item = std::collections::HashMap<String, AttributeValue>;

/// A tick without the tick.
pub(crate) struct BareTick {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    table: String,
    queue: String,
    turns: Semaphore,
}

impl BareTick {
    pub(crate) async fn at(place: &Place) -> Self {
        let (dynamodb, sqs) = place.clients(None).await;
        let (table, queue) = (place.table.clone(), place.normal.clone());
        BareTick { dynamodb, sqs, table, queue, turns: Semaphore::new(PROCESS) }
    }

    /// Sends and marks everything of so many shards that is due by `until`, and says how many it was.
    pub(crate) async fn run(&self, shards: u16, now: Time, until: Time) -> anyhow::Result<usize> {
        let all = (0..shards).map(|shard| self.shard(shard, now, until));
        Ok(futures::future::try_join_all(all).await?.into_iter().sum())
    }

    async fn shard(&self, shard: u16, now: Time, until: Time) -> anyhow::Result<usize> {
        let (mut items, mut next) = self.page(shard, until, None).await?;
        let mut count = 0;
        loop {
            count += items.len();
            let chunks = items.chunks(TEN).map(|ten| self.chunk(ten, now));
            let work = stream::iter(chunks).buffer_unordered(SHARD).try_collect::<()>();
            let Some(cursor) = next else {
                work.await?;
                return Ok(count);
            };
            let (worked, page) = futures::join!(work, self.page(shard, until, Some(cursor)));
            worked?;
            (items, next) = page?;
        }
    }

    async fn page(&self, shard: u16, until: Time, from: Option<Item>) -> anyhow::Result<(Vec<Item>, Option<Item>)> {
        let found = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name("agenda")
            .key_condition_expression("#ap = :shard AND #as < :until")
            .expression_attribute_names("#ap", "ap")
            .expression_attribute_names("#as", "as")
            .expression_attribute_values(":shard", s(format!("agenda#{shard}")))
            .expression_attribute_values(":until", s(format!("{:014}", until.as_millis() + 1)))
            .set_exclusive_start_key(from)
            .limit(PAGE)
            .send()
            .await?;
        Ok((found.items.unwrap_or_default(), found.last_evaluated_key))
    }

    async fn chunk(&self, ten: &[Item], now: Time) -> anyhow::Result<()> {
        let _turn = self.turns.acquire().await?;
        let ten = ten.iter().map(Due::of).collect::<anyhow::Result<Vec<Due>>>()?;
        let entries = ten.iter().enumerate().map(|(number, due)| {
            SendMessageBatchRequestEntry::builder()
                .id(number.to_string())
                .message_body(due.message())
                .delay_seconds(due.at.since(now).as_secs().min(900) as i32)
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        self.sqs.send_message_batch().queue_url(&self.queue).set_entries(Some(entries)).send().await?;
        stream::iter(ten.iter().map(|due| self.mark(due))).buffer_unordered(TEN).try_collect().await
    }

    async fn mark(&self, due: &Due<'_>) -> anyhow::Result<()> {
        let values = [n(due.born), s("scheduled"), n(due.generation), s("queued"), n(due.at.as_millis())];
        let values = values.into_iter().enumerate().map(|(number, value)| (format!(":{number}"), value));
        self.dynamodb
            .update_item()
            .table_name(&self.table)
            .key("PK", s(due.key))
            .key("SK", s("task"))
            .condition_expression(CONDITION)
            .update_expression(CHANGE)
            .set_expression_attribute_names(Some(
                NAMES.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect(),
            ))
            .set_expression_attribute_values(Some(values.collect()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(())
    }
}

/// What the calls need of an entry.
struct Due<'a> {
    key: &'a str,
    born: u64,
    generation: u32,
    timeout: u32,
    handler: &'a str,
    at: Time,
}

impl<'a> Due<'a> {
    fn of(item: &'a Item) -> anyhow::Result<Self> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
        let number = |name: &str| item.get(name).and_then(|value| value.as_n().ok());
        let at = text("as").and_then(|sort| sort.split('#').next()).context("as")?;
        Ok(Due {
            key: text("PK").context("PK")?,
            born: number("born").context("born")?.parse()?,
            generation: number("g").context("g")?.parse()?,
            timeout: number("to").context("to")?.parse()?,
            handler: text("h").context("h")?,
            at: Time::from_millis(at.parse()?),
        })
    }

    fn message(&self) -> String {
        let key = self.key.strip_prefix("task#").and_then(TaskKey::parse).unwrap_or(TaskKey::from_bytes([0; 16]));
        let id = TaskId { key, born: Time::from_millis(self.born) }.to_string();
        let (g, due, to, h) = (self.generation, self.at.as_millis(), self.timeout, self.handler);
        json!({"v": 1, "id": id, "g": g, "due": due, "to": to, "h": h}).to_string()
    }
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
