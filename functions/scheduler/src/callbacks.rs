//! Making the callbacks that ended tasks still owe: the process that ended such a task died, or could not make it.

use std::time::Duration;

use futures::{StreamExt, stream};
use taskway_cloud::dynamo::{AgendaItem, StoreError};
use taskway_protocol::{Task, TaskId};

use crate::{report::Report, rescue::AT_ONCE, scheduler::Scheduler};

/// For so long after a task's end its callback is left to the process that ended it.
pub(crate) const LEFT: Duration = Duration::from_secs(15);

impl Scheduler {
    /// Makes the callbacks of these entries, unless their tasks owe none any more.
    pub(crate) async fn call_back(&self, owed: Vec<AgendaItem>) -> Report {
        let made = stream::iter(owed).map(|item| async move {
            let id = item.message.id;
            match self.services.store.get(&id.key).await {
                Ok(task) if task.id == id => self.call_back_task(&task).await,
                Ok(_) | Err(StoreError::NotFound) => Report::default(),
                Err(error) => failed(id, &error),
            }
        });
        made.buffer_unordered(AT_ONCE).fold(Report::default(), async |all, one| all.plus(one)).await
    }

    /// Makes the callbacks that the audit has found.
    pub(crate) async fn call_back_found(&self, tasks: Vec<&Task>) -> Report {
        let tasks: Vec<_> = tasks.into_iter().map(|task| self.call_back_task(task)).collect();
        stream::iter(tasks).buffer_unordered(AT_ONCE).fold(Report::default(), async |all, one| all.plus(one)).await
    }

    async fn call_back_task(&self, task: &Task) -> Report {
        if task.owed_callback().is_none() {
            return Report::default();
        }
        match self.services.call_back(task).await {
            Ok(_) => Report { called_back: 1, ..Report::default() },
            Err(error) => failed(task.id, &error),
        }
    }
}

fn failed(id: TaskId, error: &StoreError) -> Report {
    let error = taskway_runtime::log::causes(error);
    tracing::warn!(task.id = %id, %error, "cannot make the callback of task {id}");
    Report { failed: 1, ..Report::default() }
}
