//! `GET /v1/schedules`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use futures::future::try_join_all;
use http::StatusCode;
use taskway_api::ScheduleList;
use taskway_cloud::dynamo::ScheduleCursor;

use super::answer::answer;
use crate::{
    Submit,
    accept::unavailable,
    name_cursor::{self, Of},
    problem::Problem,
    tasks::json,
    validate,
};

/// The schedules, the one that was put last before the others, without their payloads.
pub(crate) async fn list(State(submit): State<Submit>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let asked = validate::names(query.as_deref().unwrap_or_default(), Of::Schedules);
    let (after, limit) = asked.map_err(Problem::validation)?;
    let after = after.map(|(name, born)| ScheduleCursor { born, name });
    let found = submit.services.store.schedules(after.as_ref(), limit, &*submit.services.clock).await;
    let (schedules, next) = found.map_err(|error| unavailable(&error))?;
    let last_runs = try_join_all(schedules.iter().map(|schedule| submit.last_run(schedule))).await?;
    let now = submit.services.clock.now();
    let answers = schedules.iter().zip(last_runs).map(|(schedule, last_run)| {
        let content = schedule.definition.template.content().map_err(|_| Problem::internal())?;
        Ok(answer(schedule, &content, last_run, now))
    });
    let schedules = answers.collect::<Result<Vec<_>, Problem>>()?;
    let next_cursor = next.map(|last| name_cursor::text(Of::Schedules, &last.name, last.born));
    Ok(json(StatusCode::OK, &ScheduleList { schedules, next_cursor }))
}
