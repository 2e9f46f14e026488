//! Sending what falls due, early enough that the queue delivers it on the second.

use std::sync::Arc;

use futures::{StreamExt, stream};
use taskway_cloud::{
    dynamo::{AgendaItem, StoreError},
    sqs::BATCH,
};
use taskway_protocol::{
    Priority, Step, Task, Time,
    message::{Message, Outgoing},
};
use taskway_runtime::faults::CrashPoint;
use tokio::sync::Semaphore;

use crate::{Report, Scheduler};

/// How much is sent and marked at once, in chunks of at most ten tasks.
#[derive(Clone, Debug)]
pub struct Pace {
    shard: usize,
    process: Arc<Semaphore>,
}

/// A chunk takes some 25 ms, of the queue's answer and the table's, so that four of them are as much as a partition of
/// the agenda takes, a thousand writes a second; and what the table throttles holds its chunk's place, which slows the
/// rest. Sixteen hold 160 connections, of the 1,024 that a function may have.
impl Default for Pace {
    fn default() -> Self {
        Pace::of(4, 16)
    }
}

impl Pace {
    /// So many chunks of a shard at once, and of all shards together.
    pub fn of(shard: usize, process: usize) -> Self {
        Pace { shard: shard.max(1), process: Arc::new(Semaphore::new(process.max(1))) }
    }
}

/// A task that is to be sent, and then marked as sent.
pub(crate) struct Promotion(Outgoing);

impl Scheduler {
    /// Sends, then marks, the earliest first: a crash between the two sends again at the next tick, and one of the two
    /// dies at its claim.
    pub(crate) async fn promote(&self, promotions: Vec<Promotion>) -> Report {
        stream::iter(chunks(promotions))
            .map(|chunk| self.promote_chunk(chunk))
            .buffer_unordered(self.pace.shard)
            .fold(Report::default(), async |all, one| all.plus(one))
            .await
    }

    async fn promote_chunk(&self, chunk: Vec<Promotion>) -> Report {
        // Held to the end. It is never closed; if it were, nobody would be limited.
        let _turn = self.pace.process.acquire().await.ok();
        let outgoing: Vec<Outgoing> = chunk.into_iter().map(|Promotion(outgoing)| outgoing).collect();
        let sent = self.services.lanes.send_all(&outgoing, self.services.clock.now()).await;
        let now = self.services.clock.now();
        self.services.faults.reach(CrashPoint::PromotionSent).await;
        let marks = outgoing.into_iter().zip(sent).map(|(Outgoing { message, .. }, sent)| async move {
            match sent {
                Ok(_) => {
                    self.mark(&message).await;
                    let late = now.since(message.due).as_millis() as u64;
                    Report { promoted: 1, promotion_lag_ms: Some(late), ..Report::default() }
                }
                Err(error) => {
                    tracing::warn!(task.id = %message.id, error = %taskway_runtime::log::causes(&error), "cannot send");
                    Report { failed: 1, ..Report::default() }
                }
            }
        });
        stream::iter(marks).buffer_unordered(BATCH).fold(Report::default(), async |all, one| all.plus(one)).await
    }

    async fn mark(&self, message: &Message) {
        let step = Step::Mark { generation: message.generation, due: message.due };
        match self.services.apply(message.id, step).await {
            Ok(_) => self.services.faults.reach(CrashPoint::Marked).await,
            // Started, stopped or moved meanwhile: the message fits the record or dies at its claim.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => {}
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                tracing::warn!(task.id = %message.id, error = %taskway_runtime::log::causes(&error), "cannot mark");
            }
        }
    }
}

/// As many of one lane as a queue takes in a call; in the order of the earliest of each.
fn chunks(promotions: Vec<Promotion>) -> Vec<Vec<Promotion>> {
    let mut chunks: Vec<Vec<Promotion>> = Vec::with_capacity(promotions.len().div_ceil(BATCH));
    let mut open: [Option<usize>; 3] = [None; 3];
    for promotion in promotions {
        let lane = match promotion.0.lane {
            Priority::High => 0,
            Priority::Normal => 1,
            Priority::Low => 2,
        };
        match open[lane].and_then(|index| chunks.get_mut(index)).filter(|chunk| chunk.len() < BATCH) {
            Some(chunk) => chunk.push(promotion),
            None => {
                open[lane] = Some(chunks.len());
                chunks.push(vec![promotion]);
            }
        }
    }
    chunks
}

impl Promotion {
    pub(crate) fn of(item: &AgendaItem, at: Time) -> Self {
        Promotion(item.outgoing(at))
    }

    pub(crate) fn of_task(task: &Task, at: Time) -> Self {
        Promotion(Outgoing::of(task, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promotion(at: u64, priority: Priority) -> Promotion {
        let mut task = Task::example(Time::from_millis(1));
        task.spec.options.priority = priority;
        Promotion::of_task(&task, Time::from_millis(at))
    }

    #[test]
    fn a_chunk_is_of_one_lane_and_the_earliest_goes_first() {
        let high_at = [3, 15, 16];
        let lane = |at| if high_at.contains(&at) { Priority::High } else { Priority::Normal };
        let cut = chunks((0..24).map(|at| promotion(at, lane(at))).collect());
        let times: Vec<Vec<u64>> =
            cut.iter().map(|chunk| chunk.iter().map(|one| one.0.message.due.as_millis()).collect()).collect();
        assert_eq!(
            times,
            [
                vec![0, 1, 2, 4, 5, 6, 7, 8, 9, 10],
                vec![3, 15, 16],
                vec![11, 12, 13, 14, 17, 18, 19, 20, 21, 22],
                vec![23]
            ]
        );
    }
}
