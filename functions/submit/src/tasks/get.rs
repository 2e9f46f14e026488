//! `GET /v1/tasks/{id}`.

use axum::{extract::State, response::Response};

use super::find::Id;
use crate::{Submit, problem::Problem};

pub(crate) async fn get(State(submit): State<Submit>, id: Id) -> Result<Response, Problem> {
    let task = submit.find(id).await?;
    submit.answer(&task).await
}
