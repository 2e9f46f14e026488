//! `POST /v1/queues/{name}/purge`.

use axum::{body::Body, extract::State, response::Response};
use http::{Extensions, HeaderMap, Uri};

use super::find::{Name, named};
use crate::{Submit, lists, problem::Problem, validate};

/// Cancels the tasks of the queue that wait, the newest first, and leaves those that run.
///
/// A task that is submitted after the first call stands before that call's cursor. So calls that follow the cursor come to
/// an end, and such a task stays.
pub(crate) async fn purge(
    State(submit): State<Submit>,
    name: Name,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<Response, Problem> {
    let name = named(name)?;
    let selection = lists::selected(&uri, &headers, body, |query, body| validate::purge(&name, query, body)).await?;
    lists::change(&submit, &selection, &extensions).await
}
