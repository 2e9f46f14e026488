//! `POST /v1/tasks/{id}/cancel`.

use axum::{extract::State, response::Response};
use taskway::{
    domain::{Refusal, StateName, Step, Transition},
    dynamo::StoreError,
};

use super::find::Id;
use crate::{Submit, accept::unavailable, problem::Problem};

/// Stops a task that has not ended. One that runs learns of it at its next beat, and whatever it does then is not
/// recorded.
pub(crate) async fn cancel(State(submit): State<Submit>, id: Id) -> Result<Response, Problem> {
    let task = submit.find(id).await?;
    let now = submit.clock.now();
    match task.state_at(now) {
        StateName::Cancelled => return submit.answer(&task).await,
        ended @ (StateName::Succeeded | StateName::Failed | StateName::Expired) => {
            return Err(Problem::state_conflict(ended));
        }
        StateName::Scheduled | StateName::Queued | StateName::Running => {}
    }
    let step = Step::Cancel { at: now, retained_until: task.retained_until(now) };
    match submit.store.apply(&task.id.key, &Transition { born: task.id.born, step }).await {
        Ok(cancelled) => submit.answer(&cancelled).await,
        Err(StoreError::Conflict(conflict)) if conflict.refusal == Refusal::Ended(StateName::Cancelled) => {
            submit.answer(&conflict.task).await
        }
        Err(StoreError::Conflict(conflict)) => Err(Problem::state_conflict(conflict.task.state_at(now))),
        Err(error) => Err(unavailable(&error)),
    }
}
