//! Attempts that beat and then fell silent: their lease is over, and the agenda still watches them.

use futures::{StreamExt, stream};
use taskway::{
    domain::{State, Task, Transition, overdue},
    dynamo::{AgendaItem, StoreError},
    faults::CrashPoint,
};

use crate::{Report, Scheduler, promote::Promotion};

/// How many records are read and written at a time.
const AT_ONCE: usize = 16;

impl Scheduler {
    pub(crate) async fn rescue(&self, items: Vec<AgendaItem>) -> Report {
        let settled: Vec<(Report, Option<Promotion>)> =
            stream::iter(items).map(|item| self.settle(item)).buffer_unordered(AT_ONCE).collect().await;
        let mut report = Report::default();
        let mut again = Vec::new();
        for (one, promotion) in settled {
            report = report.plus(one);
            again.extend(promotion);
        }
        if again.is_empty() { report } else { report.plus(self.promote(again).await) }
    }

    /// Writes what has become of a task that nobody holds any more; sends it again if it goes on.
    async fn settle(&self, item: AgendaItem) -> (Report, Option<Promotion>) {
        match self.try_settle(&item).await {
            Ok(Some(task)) => {
                self.faults.reach(CrashPoint::Rescued).await;
                match task.state {
                    State::Scheduled { due, .. } => {
                        (Report { rescued: 1, ..Report::default() }, Some(Promotion::of_task(&task, due)))
                    }
                    State::Queued { .. } | State::Running { .. } | State::Ended { .. } => {
                        (Report { ended: 1, ..Report::default() }, None)
                    }
                }
            }
            // It is held, it ended meanwhile, or another tick was faster.
            Ok(None) | Err(StoreError::Conflict(_) | StoreError::NotFound) => (Report::default(), None),
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                tracing::warn!(task.id = %item.id, error = %taskway::log::causes(&error), "cannot rescue");
                (Report { failed: 1, ..Report::default() }, None)
            }
        }
    }

    async fn try_settle(&self, item: &AgendaItem) -> Result<Option<Task>, StoreError> {
        let task = self.store.get(&item.id.key).await?;
        let Some(step) = overdue(&task, self.clock.now()) else { return Ok(None) };
        self.store.apply(&item.id.key, &Transition { born: item.id.born, step }).await.map(Some)
    }
}
