//! `POST /v1/tasks/{id}/cancel`.

use axum::{extract::State, response::Response};
use taskway_protocol::{Refusal, StateName, Step, Task};

use super::{changed::Changed, find::Id};
use crate::{Submit, problem::Problem};

/// Stops a task that has not ended. One that runs learns of it at its next beat, and whatever it does then is not
/// recorded.
pub(crate) async fn cancel(State(submit): State<Submit>, id: Id) -> Result<Response, Problem> {
    let task = submit.find(id).await?;
    let now = submit.services.clock.now();
    match task.state_at(now) {
        StateName::Cancelled => return submit.answer(&task).await,
        ended @ (StateName::Succeeded | StateName::Failed | StateName::Expired) => {
            return Err(Problem::state_conflict(ended));
        }
        StateName::Scheduled | StateName::Queued | StateName::Running => {}
    }
    match submit.stop(&task).await? {
        Changed::Done(cancelled) => submit.answer(&cancelled).await,
        Changed::MovedOn(conflict) if conflict.refusal == Refusal::Ended(StateName::Cancelled) => {
            submit.answer(&conflict.task).await
        }
        Changed::MovedOn(conflict) => Err(Problem::state_conflict(conflict.task.state_at(now))),
        Changed::Gone => Err(Problem::not_found("task")),
    }
}

impl Submit {
    /// Cancels a task that was open when it was read.
    pub(crate) async fn stop(&self, task: &Task) -> Result<Changed, Problem> {
        let at = self.services.clock.now();
        self.end(task, Step::Cancel { at, retained_until: task.retained_until(at) }).await
    }

    /// Cancels a task that waited when it was read. If it has started since, it goes on.
    pub(crate) async fn withdraw(&self, task: &Task) -> Result<Changed, Problem> {
        let at = self.services.clock.now();
        self.end(task, Step::Withdraw { fence: None, at, retained_until: task.retained_until(at) }).await
    }

    async fn end(&self, task: &Task, step: Step) -> Result<Changed, Problem> {
        match self.services.apply_once(task, step).await {
            Ok(cancelled) => {
                self.services.forget_hold(task).await;
                Ok(Changed::Done(Box::new(cancelled)))
            }
            Err(refused) => Changed::refused(refused),
        }
    }
}
