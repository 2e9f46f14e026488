//! `POST /v1/queues/{name}/pause` and `/resume`.

use axum::{extract::State, response::Response};
use http::Extensions;

use super::find::{Name, named};
use crate::{Submit, problem::Problem};

/// No task of the queue starts from a few seconds on. What runs ends as usual, and new tasks are accepted and wait.
pub(crate) async fn pause(
    State(submit): State<Submit>,
    name: Name,
    extensions: Extensions,
) -> Result<Response, Problem> {
    submit.steer(&named(name)?, |wanted| wanted.paused = true, &extensions).await
}

/// The queue goes on with what it has held, in the order of the ranks.
pub(crate) async fn resume(
    State(submit): State<Submit>,
    name: Name,
    extensions: Extensions,
) -> Result<Response, Problem> {
    submit.steer(&named(name)?, |wanted| wanted.paused = false, &extensions).await
}
