//! `PATCH /v1/tasks/{id}`, and what it shares with running a task now.

use axum::{body::Body, extract::State, response::Response};
use http::HeaderMap;
use taskway_api::{Instant, LONGEST_CHANGE_BODY, TaskChange, deadline_fault};
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{Refusal, State as TaskState, StateName, Step, Task, Time};
use taskway_runtime::faults::CrashPoint;
use taskway_strict::json::Document;

use super::find::Id;
use crate::{Submit, accept::unavailable, problem::Problem, request};

/// How often a change is made again upon what somebody else changed meanwhile.
const TRIES: usize = 5;

pub(crate) async fn change(
    State(submit): State<Submit>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = request::json_body(&headers, body, LONGEST_CHANGE_BODY).await?;
    let document = Document::read(&body).map_err(|fault| Problem::not_json(&fault))?;
    let change = TaskChange::read(document.root(), submit.services.clock.now()).map_err(Problem::validation)?;
    let task = submit.find(id).await?;
    let changed = submit.reschedule(task, |task, now| changed(task, &change, now)).await?;
    submit.answer(&changed).await
}

/// The step that makes a change to a waiting task.
fn changed(task: &Task, change: &TaskChange, now: Time) -> Result<Step, Problem> {
    let due = match task.state {
        TaskState::Scheduled { due, .. } | TaskState::Queued { due } => due,
        TaskState::Running { .. } | TaskState::Ended { .. } => now,
    };
    let due = change.run_at.map_or(due, |Instant(at)| at.max(now));
    let deadline = match change.deadline {
        Some(given) => given.map(|Instant(deadline)| deadline),
        None => task.spec.deadline,
    };
    if let Some(fault) = deadline.and_then(|deadline| deadline_fault(deadline, due.max(now))) {
        return Err(Problem::validation(vec![fault]));
    }
    let priority = change.priority.unwrap_or(task.spec.options.priority);
    let run_at = change.run_at.map(|Instant(at)| at.max(now));
    Ok(Step::Reschedule { generation: task.generation, now, due, run_at, deadline, priority })
}

impl Submit {
    /// Writes a change of a waiting task, upon the newest record, and sends its message if it is due soon.
    pub(super) async fn reschedule(
        &self,
        mut task: Task,
        step: impl Fn(&Task, Time) -> Result<Step, Problem>,
    ) -> Result<Task, Problem> {
        for _ in 0..TRIES {
            let now = self.services.clock.now();
            match task.state_at(now) {
                StateName::Scheduled | StateName::Queued => {}
                state @ (StateName::Running
                | StateName::Succeeded
                | StateName::Failed
                | StateName::Cancelled
                | StateName::Expired) => return Err(Problem::state_conflict(state)),
            }
            match self.services.apply(task.id, step(&task, now)?).await {
                Ok(changed) => {
                    self.services.faults.reach(CrashPoint::ChangeWritten).await;
                    self.services.forget_hold(&task).await;
                    self.send_if_near(&changed).await;
                    return Ok(changed);
                }
                Err(StoreError::Conflict(conflict)) if matches!(conflict.refusal, Refusal::Generation(_)) => {
                    task = conflict.task;
                }
                Err(StoreError::Conflict(conflict)) => {
                    return Err(Problem::state_conflict(conflict.task.state_at(now)));
                }
                Err(error) => return Err(unavailable(&error)),
            }
        }
        Err(Problem::state_conflict(task.state_at(self.services.clock.now())))
    }
}
