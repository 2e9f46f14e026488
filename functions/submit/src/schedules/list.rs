//! `GET /v1/schedules`.

use crate::{Submit, problem::Problem};
use axum::extract::State;
use axum::response::Response;

pub(crate) async fn list(State(_submit): State<Submit>) -> Result<Response, Problem> {
    Err(Problem::internal())
}
