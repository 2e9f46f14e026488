//! Handing messages to an executor, step by step or by its own poller.

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

/// After this many rounds, a task that has not ended never will.
const ROUNDS: usize = 80;

/// A task that is due within this time is near. Ticks look ahead five minutes.
const NEAR: Duration = Duration::from_secs(600);

/// More batches than any number of deliveries can cause.
const BATCHES: usize = 1000;

/// The time between two rounds.
const ROUND: Duration = Duration::from_secs(30);

/// A polling worker. It stops when this is dropped.
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

    /// Receives at most ten visible messages of a lane, as a worker does.
    pub async fn take(&self, lane: Priority) -> Vec<Arrived> {
        self.lanes.receive(Source::Lane(lane), 10, LONGEST_LEASE + SKEW, Duration::ZERO).await.unwrap()
    }

    /// Receives one visible message of the normal lane.
    pub async fn delivery(&self) -> Delivery {
        let taken = self.lanes.receive(Source::Lane(Priority::Normal), 1, LONGEST_LEASE + SKEW, Duration::ZERO).await;
        match Readable::of(taken.unwrap().remove(0), Priority::Normal) {
            Readable::Task(delivery) => *delivery,
            Readable::Not(..) => panic!("the message cannot be read"),
        }
    }

    /// Delivers all visible messages, and those that the deliveries send, until no message is visible. Returns their
    /// number.
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
        panic!("there are always more messages");
    }

    /// Delivers one message and then deletes it or changes its visibility, as a worker does.
    pub async fn deliver(&self, executor: &Executor, lane: Priority, arrived: Arrived) {
        let (receipt, disposition) = match Readable::of(arrived, lane) {
            Readable::Task(delivery) => {
                // A message may come up to a second early. The executor waits until its task is due.
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

    /// Works, ticks and passes time until the task has ended. Returns the name of its state.
    pub async fn settle(&self, executor: &Executor, id: TaskId) -> &'static str {
        for _ in 0..ROUNDS {
            self.work(executor).await;
            let state = self.record(id).await.state;
            if state.name().is_ended() {
                return state.name().as_str();
            }
            self.tick().await;
            // Nothing happens to a task that waits for hours until shortly before it is due.
            self.pass(match state {
                State::Scheduled { due, .. } => due.before(NEAR).since(self.now()).max(ROUND),
                State::Queued { .. } | State::Running { .. } | State::Ended { .. } => ROUND,
            });
        }
        panic!("the task does not end: {:?}", self.record(id).await);
    }

    /// Works, ticks and passes time until no queue holds a message.
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

    /// Does [`settle`](World::settle) and [`quiet`](World::quiet). Checks that the ended task does not change.
    pub async fn end(&self, executor: &Executor, id: TaskId) -> &'static str {
        self.settle(executor, id).await;
        let ended = self.record(id).await;
        self.quiet(executor).await;
        assert_eq!(self.record(id).await, ended, "an ended task has changed");
        ended.state.name().as_str()
    }

    /// Waits, without moving the clock, until the task has ended. Returns the name of its state.
    pub async fn ended(&self, id: TaskId) -> &'static str {
        until("the task's end", async || {
            let state = self.record(id).await.state.name();
            state.is_ended().then_some(state.as_str())
        })
        .await
    }
}

/// These messages as an event that the event source mapping hands to a function.
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
