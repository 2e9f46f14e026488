//! The SDK calls of a worker: receive ten messages, claim, write the outcome, delete ten messages.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName};
use serde::Deserialize;
use taskway_cloud::aws;
use taskway_protocol::TaskId;
use taskway_runtime::{
    clock::{Clock, SystemClock},
    env::Env,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::table::Table;

/// A worker that makes only its calls.
#[derive(Clone, Debug)]
pub(crate) struct BareWorker {
    table: Table,
    sqs: aws_sdk_sqs::Client,
    queues: [String; 3],
}

/// The part of a message that the calls need.
#[derive(Deserialize)]
struct Message<'a> {
    id: &'a str,
    g: u32,
}

/// Tasks in parallel for each lane, as in the worker.
const SLOTS: usize = 51;

/// The wait of a receive in seconds, as in the worker.
const LONG_POLL: i32 = 20;

/// How long a received message is hidden, in seconds, as in the worker.
const VISIBILITY: i32 = 70;

/// Messages in one call, as in the worker.
const BATCH: usize = 10;

/// How long a receipt waits for others before it is deleted, as in the worker.
const WINDOW: Duration = Duration::from_millis(100);

impl BareWorker {
    /// Reads table and queues from the environment.
    pub(crate) async fn from_env() -> anyhow::Result<Self> {
        let mut env = Env::new();
        let (table, queues) = (env.required("TASKWAY_TABLE"), taskway_cloud::config::queues(&mut env));
        env.finish()?;
        let sdk = aws::config().await?;
        Ok(BareWorker {
            table: Table::new(aws_sdk_dynamodb::Client::new(&sdk), table),
            sqs: aws_sdk_sqs::Client::new(&sdk),
            queues: [queues.high, queues.normal, queues.low],
        })
    }

    /// Works until `stop` is cancelled, then finishes the running tasks. Sends a unit to `done` for each finished task.
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
                        // The receivers go away only after the last task, so a failed send does not matter.
                        let _ = (receipts.send((queue, receipt)), done.send(()));
                    }
                    worked
                });
            }
        }
    }

    async fn work(&self, body: &str) -> anyhow::Result<()> {
        let message: Message<'_> = serde_json::from_str(body)?;
        let id = TaskId::parse(message.id).with_context(|| format!("{} is not a task id", message.id))?;
        let now = SystemClock.now();
        self.table.claim(&id, message.g, now).await?;
        self.table.end(&id, now).await
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

/// Collects receipts, and returns up to ten of one queue at a time.
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
            let received = tokio::select! {
                received = self.coming.recv() => received,
                () = time::sleep_until(at), if self.flush_at.is_some() => None,
            };
            let Some((queue, receipt)) = received else {
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
