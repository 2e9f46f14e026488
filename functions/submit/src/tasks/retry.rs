//! `POST /v1/tasks/{id}/retry`.

use axum::{extract::State, response::Response};
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{StateName, Step, Task, overdue};
use taskway_runtime::faults::CrashPoint;

use super::{changed::Changed, find::Id};
use crate::{Submit, accept::unavailable, problem::Problem};

/// Starts an ended task again, with all its attempts before it. A deadline that has passed is dropped.
pub(crate) async fn retry(State(submit): State<Submit>, id: Id) -> Result<Response, Problem> {
    let mut task = submit.find(id).await?;
    let now = submit.services.clock.now();
    if !task.state.name().is_ended() && task.state_at(now) == StateName::Expired {
        // It reads as expired, so it can be retried as such; only the write is missing.
        task = submit.settle(task).await?;
    }
    match submit.revive(&task).await? {
        Changed::Done(revived) => submit.answer(&revived).await,
        Changed::MovedOn(conflict) => Err(Problem::state_conflict(conflict.task.state_at(now))),
        Changed::Gone => Err(Problem::not_found("task")),
    }
}

impl Submit {
    /// Starts a task again that had ended when it was read.
    pub(crate) async fn revive(&self, task: &Task) -> Result<Changed, Problem> {
        // Its callback first: the next life would forget that it is owed.
        let called_back = self.services.call_back(task).await.map_err(|error| unavailable(&error))?;
        let task = called_back.as_ref().unwrap_or(task);
        let now = self.services.clock.now();
        let deadline = task.spec.deadline.filter(|deadline| *deadline > now);
        let step = Step::Revive { generation: task.generation, now, deadline };
        match self.services.apply_once(task, step).await {
            Ok(revived) => {
                self.services.faults.reach(CrashPoint::ChangeWritten).await;
                self.send_if_near(&revived).await;
                Ok(Changed::Done(Box::new(revived)))
            }
            Err(refused) => Changed::refused(refused),
        }
    }

    /// Writes the end of a task that is late.
    pub(crate) async fn settle(&self, task: Task) -> Result<Task, Problem> {
        let Some(step) = overdue(&task, self.services.clock.now()) else { return Ok(task) };
        match self.services.apply(task.id, step).await {
            Ok(settled) => Ok(settled),
            Err(StoreError::Conflict(conflict)) => Ok(conflict.task),
            Err(error) => Err(unavailable(&error)),
        }
    }
}
