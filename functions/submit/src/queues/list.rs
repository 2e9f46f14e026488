//! `GET /v1/queues`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use taskway_api::QueueList;
use taskway_cloud::dynamo::QueueName;

use super::find::{Counts, whole};
use crate::{
    Submit,
    accept::unavailable,
    name_cursor::{self, Of},
    problem::Problem,
    tasks::json,
    validate,
};

/// The queues that have tasks or settings, without their counts.
pub(crate) async fn list(State(submit): State<Submit>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let asked = validate::names(query.as_deref().unwrap_or_default(), Of::Queues);
    let (after, limit) = asked.map_err(Problem::validation)?;
    let after = after.map(|(name, noted)| QueueName { name, noted });
    let found = submit.services.store.listed_queues(after.as_ref(), limit, &*submit.services.clock).await;
    let (found, next) = found.map_err(|error| unavailable(&error))?;
    let queues = found.into_iter().map(|(name, settings)| whole(name, settings, Counts::default())).collect();
    let next_cursor = next.map(|last| name_cursor::text(Of::Queues, &last.name, last.noted));
    Ok(json(StatusCode::OK, &QueueList { queues, next_cursor }))
}
