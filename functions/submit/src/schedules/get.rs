//! `GET /v1/schedules/{name}`.

use axum::{extract::State, response::Response};
use http::StatusCode;

use super::find::Name;
use crate::{Submit, problem::Problem};

pub(crate) async fn get(State(submit): State<Submit>, name: Name) -> Result<Response, Problem> {
    let schedule = submit.find_schedule(name).await?;
    submit.answer_schedule(StatusCode::OK, &schedule).await
}
