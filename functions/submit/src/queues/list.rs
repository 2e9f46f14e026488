//! `GET /v1/queues`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;
use taskway_api::{Queue, QueueList};

use super::cursor;
use crate::{Submit, accept::unavailable, problem::Problem, tasks::json, validate};

/// The queues that have tasks or settings, without their counts.
pub(crate) async fn list(State(submit): State<Submit>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let (after, limit) = validate::queues(query.as_deref().unwrap_or_default()).map_err(Problem::validation)?;
    let found = submit.services.store.listed_queues(after.as_ref(), limit, &*submit.services.clock).await;
    let (found, next) = found.map_err(|error| unavailable(&error))?;
    let queues = found
        .into_iter()
        .map(|(name, settings)| Queue { name, paused: settings.paused, held: None, failed: None })
        .collect();
    Ok(json(StatusCode::OK, &QueueList { queues, next_cursor: next.map(|last| cursor::text(&last)) }))
}
