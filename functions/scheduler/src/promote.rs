//! Sending what falls due, early enough that the queue delivers it on the second.

use std::time::Duration;

use futures::{StreamExt, stream};
use taskway::{
    domain::{Agenda, Generation, SKEW, Step, Task, TaskId, Time, Transition},
    dynamo::{AgendaItem, StoreError},
    faults::CrashPoint,
    sqs::{Message, Outgoing},
};

use crate::{Report, Scheduler};

/// How far ahead a tick sends: so many minutes of ticks may be missed without anybody being late.
const LOOK_AHEAD: Duration = Duration::from_secs(300);

/// How many records are written at a time.
const WRITES: usize = 32;

/// A task that is to be sent, and then marked as sent.
pub(crate) struct Promotion {
    pub(crate) id: TaskId,
    pub(crate) generation: Generation,
    pub(crate) due: Time,
    pub(crate) outgoing: Outgoing,
}

impl Scheduler {
    pub(crate) async fn sweep_agenda(&self, until: Time) -> Report {
        let (shards, report) = self.agenda_shards().await;
        let shards = (0..shards).map(|shard| self.sweep_shard(shard, until));
        futures::future::join_all(shards).await.into_iter().fold(report, Report::plus)
    }

    async fn sweep_shard(&self, shard: u16, until: Time) -> Report {
        let mut report = Report::default();
        let now = self.clock.now();
        let horizon = now.after(LOOK_AHEAD);
        let mut from = None;
        loop {
            let page = match self.store.agenda(shard, horizon, from).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(agenda.shard = shard, error = %taskway::log::causes(&error), "cannot read");
                    report.failed += 1;
                    return report;
                }
            };
            let mut due = Vec::new();
            let mut leases = Vec::new();
            let mut lag = Duration::ZERO;
            for item in page.items {
                match item.entry {
                    Agenda::Due(at) => {
                        lag = lag.max(now.since(at));
                        report.due_backlog += usize::from(at < now);
                        due.push(Promotion::of(&item, at));
                    }
                    // Its time is up, for everybody. Until then it is nobody else's business.
                    Agenda::Lease(at) if at.after(SKEW) <= now => {
                        lag = lag.max(now.since(at.after(SKEW)));
                        leases.push(item);
                    }
                    Agenda::Lease(_) => {}
                    // These wait for a person, in partitions of their own.
                    Agenda::Held(_) | Agenda::Dead(_) => {}
                }
            }
            report.lag_ms = report.lag_ms.max(Some(lag.as_millis() as u64));
            let (promoted, rescued) = futures::join!(self.promote(due), self.rescue(leases));
            report = report.plus(promoted).plus(rescued);
            from = page.next;
            if from.is_none() || self.is_over(until) {
                return report;
            }
        }
    }

    /// Sends, then marks: a crash between the two sends again at the next tick, and one of the two dies at its claim.
    pub(crate) async fn promote(&self, promotions: Vec<Promotion>) -> Report {
        let outgoing: Vec<Outgoing> = promotions.iter().map(|promotion| promotion.outgoing.clone()).collect();
        let sent = self.lanes.send_all(&outgoing, self.clock.now()).await;
        let now = self.clock.now();
        if !promotions.is_empty() {
            self.faults.reach(CrashPoint::PromotionSent).await;
        }
        let marks = promotions.into_iter().zip(sent).map(|(promotion, sent)| async move {
            match sent {
                Ok(_) => {
                    self.mark(&promotion).await;
                    let late = now.since(promotion.due).as_millis() as u64;
                    Report { promoted: 1, promotion_lag_ms: Some(late), ..Report::default() }
                }
                Err(error) => {
                    tracing::warn!(task.id = %promotion.id, error = %taskway::log::causes(&error), "cannot send");
                    Report { failed: 1, ..Report::default() }
                }
            }
        });
        stream::iter(marks).buffer_unordered(WRITES).fold(Report::default(), async |all, one| all.plus(one)).await
    }

    async fn mark(&self, promotion: &Promotion) {
        let step = Step::Mark { generation: promotion.generation, due: promotion.due };
        match self.store.apply(&promotion.id.key, &Transition { born: promotion.id.born, step }).await {
            Ok(_) => self.faults.reach(CrashPoint::Marked).await,
            // Started, stopped or moved meanwhile: the message fits the record or dies at its claim.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => {}
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                tracing::warn!(task.id = %promotion.id, error = %taskway::log::causes(&error), "cannot mark");
            }
        }
    }
}

impl Promotion {
    fn of(item: &AgendaItem, due: Time) -> Self {
        Promotion {
            id: item.id,
            generation: item.generation,
            due,
            outgoing: Outgoing {
                lane: item.priority,
                message: Message::of_agenda(item, due),
                fairness_key: item.fairness_key.clone(),
            },
        }
    }

    pub(crate) fn of_task(task: &Task, due: Time) -> Self {
        Promotion { id: task.id, generation: task.generation, due, outgoing: Outgoing::of(task, due) }
    }
}
