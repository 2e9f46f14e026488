//! `DELETE /v1/schedules/{name}`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use taskway::{dynamo::Saved, faults::CrashPoint, schedule::Then};

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
        let withdrawing = schedule.withdrawing(Then::Remove, submit.clock.now());
        let saved = submit.store.save_schedule(&withdrawing).await.map_err(|error| unavailable(&error))?;
        if saved == Saved::Now {
            submit.faults.reach(CrashPoint::ScheduleWithdrawing).await;
            submit.firer().withdraw(&withdrawing).await.map_err(|error| unavailable(&error))?;
            // A tick that found it so has deleted it already.
            let _ = submit.store.delete_schedule(&withdrawing).await.map_err(|error| unavailable(&error))?;
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        schedule = submit.schedule_named(&schedule.name).await?;
    }
    Err(contended())
}
