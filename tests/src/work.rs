//! Handing messages to an executor: step by step, or by its own poller.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use taskway::{
    domain::{Priority, SKEW, TaskId},
    sqs::{Acked, Arrived, Source, lease},
};
use taskway_executor::{
    Delivery, Disposition, Executor, Readable,
    worker::{self, WorkerOptions},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{World, until};

/// What comes later than that after all time has passed does not come.
const ROUNDS: usize = 80;

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
        self.lanes.receive(Source::Lane(lane), 10, lease(u32::MAX) + SKEW, Duration::ZERO).await.unwrap()
    }

    /// Takes the one message that is visible in the normal lane.
    pub async fn delivery(&self) -> Delivery {
        only(self.take(Priority::Normal).await)
    }

    /// Delivers what is visible, and what that causes, until nothing is. Returns how many messages that were.
    pub async fn work(&self, executor: &Executor) -> usize {
        let mut worked = 0;
        for _ in 0..ROUNDS {
            let mut taken = Vec::new();
            for lane in Priority::ALL {
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
                let disposition = executor.deliver(&delivery, None).await;
                (delivery.receipt, disposition)
            }
            Readable::Not(receipt, after) => (receipt, Disposition::HandBack(after)),
        };
        match disposition {
            Disposition::Ack(reason) => {
                self.lanes.delete(Source::Lane(lane), &[Acked { receipt, reason }]).await.unwrap();
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
            let state = self.record(id).await.state.name();
            if state.is_ended() {
                return state.as_str();
            }
            self.tick().await;
            self.pass(ROUND);
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

/// The first of what was taken, read.
pub fn first(taken: Vec<Arrived>) -> Delivery {
    let arrived = taken.into_iter().next().expect("a message is visible");
    match Readable::of(arrived, Priority::Normal) {
        Readable::Task(delivery) => delivery,
        Readable::Not(..) => panic!("the message cannot be read"),
    }
}

/// The only one of what was taken, read.
pub fn only(taken: Vec<Arrived>) -> Delivery {
    assert_eq!(taken.len(), 1, "{taken:?}");
    first(taken)
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
