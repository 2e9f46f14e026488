//! `DELETE /v1/schedules/{name}`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use taskway_cloud::dynamo::{Saved, StoreError};
use taskway_protocol::schedule::Then;
use taskway_runtime::faults::CrashPoint;

use super::{
    contention::{TRIES, contended},
    find::Name,
};
use crate::{Submit, accept::unavailable, problem::Problem};

/// Deletes a schedule and cancels its firings that have not started. Should it die half way, the next tick goes on.
pub(crate) async fn delete(State(submit): State<Submit>, name: Name) -> Result<Response, Problem> {
    let mut schedule = submit.find_schedule(name).await?;
    for tried in 0..TRIES {
        submit.step_aside(tried).await;
        let withdrawing = schedule.withdrawing(Then::Remove, submit.services.clock.now());
        let saved = submit.services.store.save_schedule(&withdrawing).await.map_err(|error| unavailable(&error))?;
        if saved == Saved::Now {
            submit.services.faults.reach(CrashPoint::ScheduleWithdrawing).await;
            submit.firer().withdraw(&withdrawing).await.map_err(|error| unavailable(&error))?;
            let deleted = submit.services.store.delete_schedule(&withdrawing, submit.services.clock.now()).await;
            if deleted.map_err(|error| unavailable(&error))? == Saved::Now {
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
        }
        // Somebody else may have deleted it meanwhile, and put another.
        let born = schedule.born;
        schedule = match submit.services.store.schedule(&schedule.name).await {
            Ok(found) if found.born == born => found,
            Ok(_) | Err(StoreError::NotFound) if saved == Saved::Now => {
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
            Ok(found) => found,
            Err(StoreError::NotFound) => return Err(Problem::not_found("schedule")),
            Err(error) => return Err(unavailable(&error)),
        };
    }
    Err(contended())
}
