//! Telling the queues what becomes of messages: up to ten messages in each call.

use std::{sync::Arc, time::Duration};

use taskway_cloud::sqs::{Acked, BATCH, Lanes, Receipt, Source};
use taskway_protocol::Priority;
use taskway_runtime::log::causes;
use tokio::{sync::mpsc, task::JoinSet, time};

use crate::delivery::Disposition;

/// How long a disposition waits for others to fill its call. In real time: it affects only the bill.
const WINDOW: Duration = Duration::from_millis(100);

/// Collects dispositions and sends them to the queues in batches. Clones share the batches.
#[derive(Clone, Debug)]
pub(crate) struct Acks(mpsc::UnboundedSender<(Priority, Answer)>);

#[derive(Debug)]
enum Answer {
    Delete(Acked),
    HandBack(Receipt, Duration),
}

/// The answers for one lane that are not sent yet.
#[derive(Default)]
struct Waiting {
    delete: Vec<Acked>,
    hand_back: Vec<(Receipt, Duration)>,
}

impl Acks {
    /// Starts a collector, and returns the future that sends. The future ends once every clone is dropped and everything is
    /// sent.
    pub(crate) fn start(lanes: Lanes) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Acks(sender), send_all(lanes, receiver))
    }

    /// Takes what becomes of a message.
    pub(crate) fn add(&self, lane: Priority, receipt: Receipt, disposition: Disposition) {
        let answer = match disposition {
            Disposition::Ack(ack) => Answer::Delete(Acked { receipt, ack }),
            Disposition::HandBack(after) => Answer::HandBack(receipt, after),
            Disposition::Leave => return,
        };
        // The receiver outlives every sender.
        let _ = self.0.send((lane, answer));
    }
}

async fn send_all(lanes: Lanes, mut answers: mpsc::UnboundedReceiver<(Priority, Answer)>) {
    let lanes = Arc::new(lanes);
    let mut waiting: [Waiting; 3] = Default::default();
    let mut calls = JoinSet::new();
    let mut flush_at: Option<time::Instant> = None;
    loop {
        let answer = tokio::select! {
            biased;
            // First, so that it happens in time however many answers come in.
            () = time::sleep_until(flush_at.unwrap_or_else(time::Instant::now)), if flush_at.is_some() => {
                flush_at = None;
                for &lane in Priority::ALL {
                    waiting[lane as usize].flush(&mut calls, &lanes, lane);
                }
                continue;
            }
            Some(_) = calls.join_next() => continue,
            answer = answers.recv() => answer,
        };
        let Some((lane, answer)) = answer else { break };
        let lane_waiting = &mut waiting[lane as usize];
        match answer {
            Answer::Delete(acked) => lane_waiting.delete.push(acked),
            Answer::HandBack(receipt, after) => lane_waiting.hand_back.push((receipt, after)),
        }
        flush_at = flush_at.or_else(|| Some(time::Instant::now() + WINDOW));
        if lane_waiting.delete.len() >= BATCH || lane_waiting.hand_back.len() >= BATCH {
            lane_waiting.flush(&mut calls, &lanes, lane);
        }
    }
    for &lane in Priority::ALL {
        waiting[lane as usize].flush(&mut calls, &lanes, lane);
    }
    while calls.join_next().await.is_some() {}
}

impl Waiting {
    fn flush(&mut self, calls: &mut JoinSet<()>, lanes: &Arc<Lanes>, lane: Priority) {
        let Waiting { delete, hand_back } = std::mem::take(self);
        if !delete.is_empty() {
            let lanes = Arc::clone(lanes);
            calls.spawn(async move { deleted(&lanes, lane, &delete).await });
        }
        if !hand_back.is_empty() {
            let lanes = Arc::clone(lanes);
            calls.spawn(async move { handed_back(&lanes, lane, &hand_back).await });
        }
    }
}

/// Deletes messages. Those that cannot be deleted are delivered again, and acknowledged again.
pub(crate) async fn deleted(lanes: &Lanes, lane: Priority, acked: &[Acked]) {
    if let Err(error) = lanes.delete(Source::Lane(lane), acked).await {
        let lane = lane.as_str();
        tracing::warn!(lane, error = %causes(&error), "cannot delete messages of lane {lane}");
    }
}

/// Makes messages visible again after a time. Where that fails, they come again when their visibility timeout ends.
pub(crate) async fn handed_back(lanes: &Lanes, lane: Priority, changes: &[(Receipt, Duration)]) {
    if let Err(error) = lanes.set_visibility(Source::Lane(lane), changes).await {
        let lane = lane.as_str();
        tracing::warn!(lane, error = %causes(&error), "cannot set the visibility of messages of lane {lane}");
    }
}
