//! `POST /v1/schedules/{name}/run`.

use axum::{extract::State, response::Response};
use http::{StatusCode, header::LOCATION};
use taskway_cloud::dynamo::fitted;
use taskway_protocol::{TaskId, TaskKey};

use super::find::Name;
use crate::{
    Mount, Submit,
    accept::Accepted,
    draft::{Draft, Found},
    problem::{Place, Problem},
    tasks::{Parts, json},
};

/// Submits the schedule's task now, beside its firings: paused or not, and whatever of it is open.
pub(crate) async fn run(State(submit): State<Submit>, mount: Mount, name: Name) -> Result<Response, Problem> {
    let schedule = submit.find_schedule(name).await?;
    let (now, template) = (submit.services.clock.now(), &schedule.definition.template);
    let id = TaskId { key: TaskKey::from_bytes(submit.services.random.bytes()), born: now };
    let new = fitted(template.task(id, now, now));
    let content = template.content().map_err(|_| Problem::internal())?;
    let draft = Draft { new, content, key_place: Place::Pointer(String::new()), found: Found::Answers };
    let task = match submit.accept(&draft).await? {
        Accepted::New(task) | Accepted::Replayed(task) => task,
    };
    let parts = Parts::new(draft.content);
    let mut answer = json(StatusCode::ACCEPTED, &parts.whole(&task, submit.services.clock.now()));
    if let Some(location) = mount.location(&format!("/v1/tasks/{}", task.id)) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}
