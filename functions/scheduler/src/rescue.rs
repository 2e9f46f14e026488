//! Settling attempts that sent heartbeats and then stopped: their lease is over, and the agenda still lists them.

use futures::{Stream, StreamExt, stream};
use taskway_cloud::dynamo::{AgendaItem, StoreError};
use taskway_protocol::{State, Step, Task, TaskId, overdue};
use taskway_runtime::faults::CrashPoint;

use crate::{promote::Promotion, report::Report, scheduler::Scheduler};

/// How many records are read and written at the same time.
pub(crate) const AT_ONCE: usize = 16;

/// What was done about a task, and its next message if the task will be attempted again.
type Settled = (Report, Option<Promotion>);

impl Scheduler {
    pub(crate) async fn rescue(&self, items: Vec<AgendaItem>) -> Report {
        self.gather(stream::iter(items).map(|item| self.settle(item)).buffer_unordered(AT_ONCE)).await
    }

    /// Adds up the reports. Once all records are written, sends the tasks that will be attempted again.
    pub(crate) async fn gather(&self, settled: impl Stream<Item = Settled>) -> Report {
        let settled: Vec<Settled> = settled.collect().await;
        let mut report = Report::default();
        let mut again = Vec::new();
        for (one, promotion) in settled {
            report = report.plus(one);
            again.extend(promotion);
        }
        if again.is_empty() { report } else { report.plus(self.promote(again).await) }
    }

    /// Settles a task whose lease is over.
    async fn settle(&self, item: AgendaItem) -> Settled {
        let settled = match self.services.store.get(&item.message.id.key).await {
            Ok(task) => match overdue(&task, self.services.clock.now()) {
                Some(step) => return self.write(item.message.id, step).await,
                // The lease was renewed, or the task ended.
                None => return Settled::default(),
            },
            Err(error) => Err(error),
        };
        self.settled(item.message.id, settled).await
    }

    /// Applies a step, unless the record has changed since it was read.
    pub(crate) async fn write(&self, id: TaskId, step: Step) -> Settled {
        let written = self.services.apply(id, step).await;
        self.settled(id, written).await
    }

    async fn settled(&self, id: TaskId, written: Result<Task, StoreError>) -> Settled {
        match written {
            Ok(task) => {
                self.services.faults.reach(CrashPoint::Rescued).await;
                match task.state {
                    State::Scheduled { due, .. } => {
                        (Report { rescued: 1, ..Report::default() }, Some(Promotion::of_task(&task, due)))
                    }
                    State::Queued { .. } | State::Running { .. } | State::Ended { .. } => {
                        (Report { ended: 1, ..Report::default() }, None)
                    }
                }
            }
            // The task ended, or another tick settled it.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => Settled::default(),
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                tracing::warn!(task.id = %id, error = %taskway_runtime::log::causes(&error), "cannot rescue");
                (Report { failed: 1, ..Report::default() }, None)
            }
        }
    }
}
