//! `POST /v1/tasks/{id}/retry`.

use axum::{extract::State, response::Response};
use taskway::{
    domain::{StateName, Step, Task, Transition, overdue},
    dynamo::StoreError,
    faults::CrashPoint,
};

use super::{changed::Changed, find::Id};
use crate::{Submit, accept::unavailable, problem::Problem};

/// Starts an ended task again, with all its attempts before it. A deadline that has passed is dropped.
pub(crate) async fn retry(State(submit): State<Submit>, id: Id) -> Result<Response, Problem> {
    let mut task = submit.find(id).await?;
    let now = submit.clock.now();
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
        let now = self.clock.now();
        let deadline = task.spec.deadline.filter(|deadline| *deadline > now);
        let step = Step::Revive { generation: task.generation, now, deadline };
        let transition = Transition { born: task.id.born, step };
        match self.store.apply(&task.id.key, &transition).await {
            Ok(revived) => {
                self.faults.reach(CrashPoint::ChangeWritten).await;
                self.send_if_near(&revived).await;
                Ok(Changed::Done(Box::new(revived)))
            }
            // The answer to this very write was lost, and the SDK wrote again.
            Err(StoreError::Conflict(conflict))
                if transition.apply(task).is_ok_and(|revived| revived == conflict.task) =>
            {
                self.send_if_near(&conflict.task).await;
                Ok(Changed::Done(Box::new(conflict.task)))
            }
            Err(refused) => Changed::refused(refused),
        }
    }

    async fn settle(&self, task: Task) -> Result<Task, Problem> {
        let Some(step) = overdue(&task, self.clock.now()) else { return Ok(task) };
        match self.store.apply(&task.id.key, &Transition { born: task.id.born, step }).await {
            Ok(settled) => Ok(settled),
            Err(StoreError::Conflict(conflict)) => Ok(conflict.task),
            Err(error) => Err(unavailable(&error)),
        }
    }
}
