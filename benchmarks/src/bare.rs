//! The SDK calls of a worker and nothing else: what a task cannot cost less than.
//!
//! The requests are the executor's, word for word: receive ten, claim, write the outcome, delete ten. Everything that
//! makes it safe is missing: leases are not watched, refusals not looked at, failures not handled.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName};
use serde::Deserialize;
use taskway_cloud::aws;
use taskway_protocol::TaskId;
use taskway_runtime::env::Env;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A worker without the worker.
#[derive(Clone, Debug)]
pub(crate) struct Bare {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    table: String,
    queues: [String; 3],
}

#[derive(Deserialize)]
struct Message<'a> {
    id: &'a str,
    g: u32,
}

const CLAIM: &str = "#born = :0 AND #st IN (:1, :2, :3) AND #g = :4 AND (#st <> :5 OR #le <= :6) AND \
    (attribute_not_exists(#dl) OR #dl > :7) AND #att < #mx AND (attribute_not_exists(#due) OR #due <= :8)";
const CLAIMED: &str = "SET #st = :9, #own = :10, #le = :11, #f = #f + :12, #att = #att + :13, #sa = :14 \
    REMOVE #due, #fin, #ttl, #ap, #as";
const CLAIM_NAMES: &[&str] =
    &["born", "st", "g", "le", "dl", "att", "mx", "due", "own", "f", "sa", "fin", "ttl", "ap", "as"];

const END: &str = "#born = :0 AND #st IN (:1) AND #f = :2";
const ENDED: &str = "SET #st = :3, #fin = :4, #ttl = :5 REMOVE #due, #le, #ap, #as, #err";
const END_NAMES: &[&str] = &["born", "st", "f", "fin", "ttl", "due", "le", "ap", "as", "err"];

/// The worker's own numbers.
const SLOTS: usize = 51;
const LONG_POLL: i32 = 20;
const VISIBILITY: i32 = 70;
const BATCH: usize = 10;
const WINDOW: Duration = Duration::from_millis(100);

impl Bare {
    /// Where the environment says.
    pub(crate) async fn from_env() -> anyhow::Result<Self> {
        let mut env = Env::new();
        let (table, queues) = (env.required("TASKWAY_TABLE"), taskway_cloud::config::queues(&mut env));
        env.finish()?;
        let sdk = aws::config().await;
        Ok(Bare {
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            sqs: aws_sdk_sqs::Client::new(&sdk),
            table,
            queues: [queues.high, queues.normal, queues.low],
        })
    }

    /// Works until told to stop, then finishes; tells of each task that it is through with.
    pub(crate) async fn poll(self, done: mpsc::UnboundedSender<()>, stop: CancellationToken) -> anyhow::Result<()> {
        let running = TaskTracker::new();
        let (receipts, passing_on) = mpsc::unbounded_channel();
        let deleting = tokio::spawn(self.clone().delete(receipts_of(passing_on)));
        let mut pollers = JoinSet::new();
        for queue in 0..self.queues.len() {
            let (bare, running, receipts) = (self.clone(), running.clone(), receipts.clone());
            let (done, stop) = (done.clone(), stop.clone());
            pollers.spawn(async move {
                let polling = bare.receive(queue, &running, &receipts, &done);
                stop.run_until_cancelled(polling).await.unwrap_or(Ok(()))
            });
        }
        while let Some(ended) = pollers.join_next().await {
            ended??;
        }
        running.close();
        running.wait().await;
        drop(receipts);
        deleting.await?
    }

    async fn receive(
        &self,
        queue: usize,
        running: &TaskTracker,
        receipts: &mpsc::UnboundedSender<(usize, String)>,
        done: &mpsc::UnboundedSender<()>,
    ) -> anyhow::Result<()> {
        let slots = Arc::new(Semaphore::new(SLOTS));
        loop {
            drop(slots.acquire().await?);
            let received = self
                .sqs
                .receive_message()
                .queue_url(&self.queues[queue])
                .max_number_of_messages(slots.available_permits().clamp(1, BATCH) as i32)
                .visibility_timeout(VISIBILITY)
                .wait_time_seconds(LONG_POLL)
                .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
                .send()
                .await?;
            for message in received.messages.unwrap_or_default() {
                let (bare, slots, done, receipts) = (self.clone(), Arc::clone(&slots), done.clone(), receipts.clone());
                running.spawn(async move {
                    let _slot = slots.acquire().await;
                    let worked = bare.work(&message.body.unwrap_or_default()).await;
                    if let (Ok(()), Some(receipt)) = (&worked, message.receipt_handle) {
                        // Whoever listens goes only when all is done.
                        let _ = (receipts.send((queue, receipt)), done.send(()));
                    }
                    worked
                });
            }
        }
    }

    async fn work(&self, body: &str) -> anyhow::Result<()> {
        let message: Message<'_> = serde_json::from_str(body)?;
        let id = TaskId::parse(message.id).context("not an id")?;
        let key = format!("task#{}", id.key);
        let born = id.born.as_millis();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis() as u64;
        let claim = [
            n(born),
            s("scheduled"),
            s("queued"),
            s("running"),
            n(message.g),
            s("running"),
            n(now - 5_000),
            n(now),
            n(now),
            s("running"),
            n(born ^ now),
            n(now + 65_000),
            n(1),
            n(1),
            n(now),
        ];
        self.update(&key, CLAIM, CLAIMED, CLAIM_NAMES, claim).await?;
        let end = [n(born), s("running"), n(1), s("succeeded"), n(now), n(now / 1000 + 604_800)];
        self.update(&key, END, ENDED, END_NAMES, end).await
    }

    async fn update<const N: usize>(
        &self,
        key: &str,
        condition: &str,
        change: &str,
        names: &[&str],
        values: [AttributeValue; N],
    ) -> anyhow::Result<()> {
        let values = values.into_iter().enumerate().map(|(index, value)| (format!(":{index}"), value));
        self.dynamodb
            .update_item()
            .table_name(&self.table)
            .key("PK", s(key))
            .key("SK", s("task"))
            .condition_expression(condition)
            .update_expression(change)
            .set_expression_attribute_names(Some(
                names.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect(),
            ))
            .set_expression_attribute_values(Some(values.collect()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(())
    }

    async fn delete(self, mut receipts: Receipts) -> anyhow::Result<()> {
        let mut calls = JoinSet::new();
        while let Some((queue, ten)) = receipts.next().await {
            let bare = self.clone();
            calls.spawn(async move {
                let entries = ten.into_iter().enumerate().map(|(index, receipt)| {
                    DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(receipt).build()
                });
                let entries = entries.collect::<Result<Vec<_>, _>>()?;
                let call = bare.sqs.delete_message_batch().queue_url(&bare.queues[queue]);
                call.set_entries(Some(entries)).send().await?;
                anyhow::Ok(())
            });
        }
        while let Some(ended) = calls.join_next().await {
            ended??;
        }
        Ok(())
    }
}

/// Receipts, ten of a queue at a time.
struct Receipts {
    coming: mpsc::UnboundedReceiver<(usize, String)>,
    waiting: [Vec<String>; 3],
    flush_at: Option<time::Instant>,
}

fn receipts_of(coming: mpsc::UnboundedReceiver<(usize, String)>) -> Receipts {
    Receipts { coming, waiting: Default::default(), flush_at: None }
}

impl Receipts {
    async fn next(&mut self) -> Option<(usize, Vec<String>)> {
        loop {
            let at = self.flush_at.unwrap_or_else(|| time::Instant::now() + WINDOW);
            let told = tokio::select! {
                told = self.coming.recv() => told,
                () = time::sleep_until(at), if self.flush_at.is_some() => None,
            };
            let Some((queue, receipt)) = told else {
                self.flush_at = None;
                let queue = self.waiting.iter().position(|receipts| !receipts.is_empty());
                match queue {
                    Some(queue) => return Some((queue, std::mem::take(&mut self.waiting[queue]))),
                    None if self.coming.is_closed() => return None,
                    None => continue,
                }
            };
            self.waiting[queue].push(receipt);
            self.flush_at = self.flush_at.or(Some(at));
            if self.waiting[queue].len() >= BATCH {
                return Some((queue, std::mem::take(&mut self.waiting[queue])));
            }
        }
    }
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
