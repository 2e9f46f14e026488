//! Sending tasks that fall due, early enough that the queue delivers each at its time.

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

use crate::{report::Report, scheduler::Scheduler};

/// A task to send, and then to mark as sent.
pub(crate) struct Promotion(Outgoing);

impl Scheduler {
    /// Sends each task, then marks it; the earliest go first. After a crash between the two, the next tick sends the task
    /// again, and one of the two messages is dropped at its claim.
    pub(crate) async fn promote(&self, promotions: Vec<Promotion>) -> Report {
        stream::iter(chunks(promotions))
            .map(|chunk| self.promote_chunk(chunk))
            .buffer_unordered(self.pace.shard)
            .fold(Report::default(), async |all, one| all.plus(one))
            .await
    }

    async fn promote_chunk(&self, chunk: Vec<Promotion>) -> Report {
        // Held until the chunk is done. The semaphore is never closed; if it were, nothing would limit the chunks.
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
            // The task has started, ended or been moved. Its claim compares the message with the record, so the message does
            // no harm.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => {}
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                tracing::warn!(task.id = %message.id, error = %taskway_runtime::log::causes(&error), "cannot mark");
            }
        }
    }
}

/// Cuts promotions into chunks of one lane, of as many tasks as a queue takes in one call. Chunks are in the order of their
/// first tasks.
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
