//! `POST /v1/schedules/{name}/run`.

use axum::{extract::State, response::Response};
use http::{HeaderValue, StatusCode, header::LOCATION};
use taskway::{
    body::Body,
    domain::{TaskId, TaskKey},
    first::First,
};

use super::find::Name;
use crate::{
    Submit,
    accept::Accepted,
    draft::Draft,
    problem::{Place, Problem},
    tasks::json,
    view::{Parts, View},
};

/// Submits the schedule's task now, beside its firings: paused or not, and whatever of it is open.
pub(crate) async fn run(State(submit): State<Submit>, name: Name) -> Result<Response, Problem> {
    let schedule = submit.find_schedule(name).await?;
    let (now, template) = (submit.clock.now(), &schedule.definition.template);
    let id = TaskId { key: TaskKey::from_bytes(submit.random.bytes()), born: now };
    let first = First::of(id, template.spec(now), template.body.clone(), now);
    let body = Body::from_text(&template.body).map_err(|_| Problem::internal())?;
    let draft = Draft { first, body, key_place: Place::Pointer(String::new()) };
    let task = match submit.accept(&draft).await? {
        Accepted::New(task) | Accepted::Replayed(task) => task,
    };
    let parts = Parts { body: draft.body, result: None };
    let mut answer = json(StatusCode::ACCEPTED, &View::whole(&task, &parts, submit.clock.now()));
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/tasks/{}", task.id)) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}
