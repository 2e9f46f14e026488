//! `GET /v1/schedules`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use futures::future::try_join_all;
use http::StatusCode;
use serde::Serialize;

use super::{
    cursor,
    view::{Detail, View},
};
use crate::{Submit, accept::unavailable, problem::Problem, tasks::json, validate};

#[derive(Serialize)]
struct Page<'a> {
    schedules: Vec<View<'a>>,
    next_cursor: Option<String>,
}

/// The schedules, the one that was put last before the others, without their payloads.
pub(crate) async fn list(State(submit): State<Submit>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let (after, limit) = validate::schedules(query.as_deref().unwrap_or_default()).map_err(Problem::validation)?;
    let found = submit.services.store.schedules(after.as_ref(), limit, &*submit.services.clock).await;
    let (schedules, next) = found.map_err(|error| unavailable(&error))?;
    let last_runs = try_join_all(schedules.iter().map(|schedule| submit.last_run(schedule))).await?;
    let details: Option<Vec<Detail>> = schedules.iter().map(Detail::of).collect();
    let details = details.ok_or_else(Problem::internal)?;
    let now = submit.services.clock.now();
    let views = schedules.iter().zip(&details).zip(last_runs);
    let schedules = views.map(|((schedule, detail), last)| View::brief(schedule, detail, last, now)).collect();
    Ok(json(StatusCode::OK, &Page { schedules, next_cursor: next.map(|next| cursor::text(&next)) }))
}
