//! `GET /v1/queues/{name}`.

use axum::{extract::State, response::Response};

use super::find::{Name, named};
use crate::{Submit, problem::Problem};

/// A queue that nobody has set up has the default settings.
pub(crate) async fn get(State(submit): State<Submit>, name: Name) -> Result<Response, Problem> {
    submit.answer_queue(&named(name)?).await
}
