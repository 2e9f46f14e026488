//! Telling the queue what became of messages, ten a call.

use std::{sync::Arc, time::Duration};

use taskway_cloud::sqs::{Acked, BATCH, Lanes, Receipt, Source};
use taskway_protocol::Priority;
use tokio::{sync::mpsc, task::JoinSet, time};

use crate::Disposition;

/// How long an answer waits for nine others. Real time, for nothing but the bill depends on it.
const WINDOW: Duration = Duration::from_millis(100);

/// Takes dispositions and passes them on in batches.
#[derive(Clone, Debug)]
pub(crate) struct Acks(mpsc::UnboundedSender<(Priority, Answer)>);

#[derive(Debug)]
enum Answer {
    Delete(Acked),
    HandBack(Receipt, Duration),
}

#[derive(Default)]
struct Waiting {
    delete: Vec<Acked>,
    hand_back: Vec<(Receipt, Duration)>,
}

impl Acks {
    /// Starts passing on. What was told is passed on before the future ends, which is when every clone is dropped.
    pub(crate) fn start(lanes: Lanes) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Acks(sender), pass_on(lanes, receiver))
    }

    /// Says what became of a message.
    pub(crate) fn tell(&self, lane: Priority, receipt: Receipt, disposition: Disposition) {
        let answer = match disposition {
            Disposition::Ack(ack) => Answer::Delete(Acked { receipt, ack }),
            Disposition::HandBack(after) => Answer::HandBack(receipt, after),
            Disposition::Leave => return,
        };
        // The receiver outlives every sender.
        let _ = self.0.send((lane, answer));
    }
}

async fn pass_on(lanes: Lanes, mut answers: mpsc::UnboundedReceiver<(Priority, Answer)>) {
    let lanes = Arc::new(lanes);
    let mut waiting: [Waiting; 3] = Default::default();
    let mut calls = JoinSet::new();
    let mut flush_at: Option<time::Instant> = None;
    loop {
        let told = tokio::select! {
            biased;
            // In time, however much is told meanwhile.
            () = time::sleep_until(flush_at.unwrap_or_else(time::Instant::now)), if flush_at.is_some() => {
                flush_at = None;
                for lane in Priority::ALL {
                    waiting[lane as usize].flush(&mut calls, &lanes, lane);
                }
                continue;
            }
            Some(_) = calls.join_next() => continue,
            told = answers.recv() => told,
        };
        let Some((lane, answer)) = told else { break };
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
    for lane in Priority::ALL {
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

pub(crate) async fn deleted(lanes: &Lanes, lane: Priority, acked: &[Acked]) {
    if let Err(error) = lanes.delete(Source::Lane(lane), acked).await {
        // They come again, and are acknowledged again.
        tracing::warn!(lane = lane.as_str(), error = %taskway_runtime::log::causes(&error), "cannot delete messages");
    }
}

pub(crate) async fn handed_back(lanes: &Lanes, lane: Priority, changes: &[(Receipt, Duration)]) {
    if let Err(error) = lanes.set_visibility(Source::Lane(lane), changes).await {
        // They come again when their visibility ends.
        tracing::warn!(lane = lane.as_str(), error = %taskway_runtime::log::causes(&error), "cannot hand messages back");
    }
}
