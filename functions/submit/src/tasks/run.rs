//! `POST /v1/tasks/{id}/run`.

use axum::{extract::State, response::Response};
use taskway_protocol::Step;

use super::find::Id;
use crate::{Submit, problem::Problem};

/// Starts a waiting task now, be it for its first attempt or the next.
pub(crate) async fn run(State(submit): State<Submit>, id: Id) -> Result<Response, Problem> {
    let task = submit.find(id).await?;
    let now_due = submit.reschedule(task, |task, now| {
        let (deadline, priority) = (task.spec.deadline, task.spec.options.priority);
        // A retry that waits was asked for when the task was.
        let run_at = (task.spec.run_at > now).then_some(now);
        Ok(Step::Reschedule { generation: task.generation, now, due: now, run_at, deadline, priority })
    });
    let started = now_due.await?;
    submit.answer(&started).await
}
