//! Handing messages to an executor: step by step, or by its own poller.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use taskway_cloud::sqs::{Acked, Arrived, Source};
use taskway_executor::{
    Delivery, Disposition, Executor, Readable,
    worker::{self, WorkerOptions},
};
use taskway_protocol::{LONGEST_LEASE, Priority, SKEW, State, TaskId};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{World, until, wait::PATIENCE};

/// What comes later than that after all time has passed does not come.
const ROUNDS: usize = 80;

/// What is due by then is near: ticks look ahead five minutes.
const NEAR: Duration = Duration::from_secs(600);

/// Batches that one delivery after another can cause.
const BATCHES: usize = 1000;

/// How much time passes between two rounds.
const ROUND: Duration = Duration::from_secs(30);

/// A polling worker that lives as long as this.
#[derive(Debug)]
pub struct Worker {
    stop: CancellationToken,
    _polling: AbortOnDropHandle<()>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    /// Starts the executor's own poller.
    pub fn worker(&self, executor: &Arc<Executor>) -> Worker {
        let stop = CancellationToken::new();
        let polling = worker::poll(Arc::clone(executor), WorkerOptions::default(), stop.clone());
        Worker { stop, _polling: AbortOnDropHandle::new(tokio::spawn(polling)) }
    }

    /// Takes what is visible in a lane, at most ten, as a worker does.
    pub async fn take(&self, lane: Priority) -> Vec<Arrived> {
        self.lanes.receive(Source::Lane(lane), 10, LONGEST_LEASE + SKEW, Duration::ZERO).await.unwrap()
    }

    /// Takes one message that is visible in the normal lane.
    pub async fn delivery(&self) -> Delivery {
        let taken = self.lanes.receive(Source::Lane(Priority::Normal), 1, LONGEST_LEASE + SKEW, Duration::ZERO).await;
        match Readable::of(taken.unwrap().remove(0), Priority::Normal) {
            Readable::Task(delivery) => delivery,
            Readable::Not(..) => panic!("the message cannot be read"),
        }
    }

    /// Delivers what is visible, and what that causes, until nothing is. Returns how many messages that were.
    pub async fn work(&self, executor: &Executor) -> usize {
        let mut worked = 0;
        for _ in 0..BATCHES {
            let mut taken = Vec::new();
            for &lane in Priority::ALL {
                taken.extend(self.take(lane).await.into_iter().map(|arrived| (lane, arrived)));
            }
            if taken.is_empty() {
                return worked;
            }
            worked += taken.len();
            join_all(taken.into_iter().map(|(lane, arrived)| self.deliver(executor, lane, arrived))).await;
        }
        panic!("messages without end");
    }

    /// Takes one message to its end and tells the queue, as a worker does.
    pub async fn deliver(&self, executor: &Executor, lane: Priority, arrived: Arrived) {
        let (receipt, disposition) = match Readable::of(arrived, lane) {
            Readable::Task(delivery) => {
                // A message comes up to a second early, and its executor waits that out.
                let early = delivery.message.due.since(self.now());
                if early < Duration::from_secs(1) {
                    self.pass(early);
                }
                let delivered = tokio::time::timeout(PATIENCE, executor.deliver(&delivery, None)).await;
                let disposition = delivered.expect("the attempt ends");
                (delivery.receipt, disposition)
            }
            Readable::Not(receipt, after) => (receipt, Disposition::HandBack(after)),
        };
        match disposition {
            Disposition::Ack(ack) => {
                self.lanes.delete(Source::Lane(lane), &[Acked { receipt, ack }]).await.unwrap();
            }
            Disposition::HandBack(after) => {
                self.lanes.set_visibility(Source::Lane(lane), &[(receipt, after)]).await.unwrap();
            }
            Disposition::Leave => {}
        }
    }

    /// Works, ticks and lets time pass until the task has ended. Returns the name of the state.
    pub async fn settle(&self, executor: &Executor, id: TaskId) -> &'static str {
        for _ in 0..ROUNDS {
            self.work(executor).await;
            let state = self.record(id).await.state;
            if state.name().is_ended() {
                return state.name().as_str();
            }
            self.tick().await;
            // Nothing happens to a task that waits for hours, until shortly before it is due.
            self.pass(match state {
                State::Scheduled { due, .. } => due.before(NEAR).since(self.now()).max(ROUND),
                State::Queued { .. } | State::Running { .. } | State::Ended { .. } => ROUND,
            });
        }
        panic!("the task does not end: {:?}", self.record(id).await);
    }

    /// Works, ticks and lets time pass until no queue holds a message.
    pub async fn quiet(&self, executor: &Executor) {
        for _ in 0..ROUNDS {
            self.work(executor).await;
            self.tick().await;
            if self.carried() == 0 {
                return;
            }
            self.pass(ROUND);
        }
        panic!("messages are left: {:?}", self.waiting());
    }

    /// As [`settle`](World::settle) and [`quiet`](World::quiet): and what the task came to is what it stays.
    pub async fn end(&self, executor: &Executor, id: TaskId) -> &'static str {
        self.settle(executor, id).await;
        let ended = self.record(id).await;
        self.quiet(executor).await;
        assert_eq!(self.record(id).await, ended, "an ended task has changed");
        ended.state.name().as_str()
    }

    /// Waits, without moving the time, until the task's record has ended.
    pub async fn ended(&self, id: TaskId) -> &'static str {
        until("the task's end", async || {
            let state = self.record(id).await.state.name();
            state.is_ended().then_some(state.as_str())
        })
        .await
    }
}

/// What was taken, as the event source mapping hands it to a function.
pub fn arrived(taken: &[Arrived], queue: &str) -> serde_json::Value {
    let records = taken.iter().map(|message| {
        serde_json::json!({
            "messageId": message.message_id, "receiptHandle": message.receipt.0, "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": message.receive_count.to_string(),
                "SentTimestamp": message.sent.as_millis().to_string(),
            },
            "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
        })
    });
    serde_json::json!({ "Records": records.collect::<Vec<_>>() })
}
