//! `PUT /v1/schedules/{name}`.

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderMap, StatusCode, header::LOCATION};
use taskway_api::{LONGEST_TASK_BODY, ScheduleRequest};
use taskway_cloud::dynamo::{Saved, Slot, StoreError};
use taskway_protocol::{
    HttpTarget, MASK, Target, Time,
    schedule::{Definition, Phase, Schedule, Then, Times},
};
use taskway_runtime::faults::CrashPoint;
use taskway_strict::json::Document;

use super::{
    contention::{TRIES, contended},
    find::{Name, named},
};
use crate::{
    Mount, Submit,
    accept::unavailable,
    problem::{FieldError, Problem},
    request,
};

/// Makes a schedule, or changes it: what was due by then stays, firings that were to come are cancelled, and it fires
/// from now on by what it is now. One that is paused has all cancelled that has not started. The same one again changes
/// nothing.
pub(crate) async fn put(
    State(submit): State<Submit>,
    mount: Mount,
    name: Name,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = request::json_body(&headers, body, LONGEST_TASK_BODY).await?;
    let Some(name) = named(name) else {
        return Err(Problem::validation(vec![FieldError::parameter("name", taskway_strict::words::NAME)]));
    };
    let kept = submit.kept_target(&bytes, &name).await?;
    let (definition, times) = {
        let document = Document::read(&bytes).map_err(|fault| Problem::not_json(&fault))?;
        let asked =
            ScheduleRequest::read(document.root(), &name, &submit.limits, submit.services.clock.now(), kept.as_ref());
        asked.map_err(Problem::validation)?
    };
    for tried in 0..TRIES {
        submit.step_aside(tried).await;
        let now = submit.services.clock.now();
        let slot = submit.services.store.schedule_slot(&name).await.map_err(|error| unavailable(&error))?;
        let is_new = matches!(slot, Slot::Free { .. });
        let schedule = match slot {
            Slot::Taken(found) if is_as_asked(&found, &definition) => {
                return submit.answer_put(StatusCode::OK, &found, &mount).await;
            }
            Slot::Taken(found) => Box::pin(submit.redefine(&found, &definition, &times, now)).await?,
            Slot::Free { next } => submit.define(&name, &definition, &times, next).await?,
        };
        let Some(schedule) = schedule else { continue };
        submit.services.faults.reach(CrashPoint::SchedulePut).await;
        // What is due within the minute would otherwise wait for a tick that may come too late for it.
        if let Err(error) = submit.firer().go_on(&schedule, now).await {
            tracing::warn!(schedule.name = name, error = %taskway_runtime::log::causes(&error), "cannot fire; a tick will");
        }
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        return submit.answer_put(status, &schedule, &mount).await;
    }
    Err(contended())
}

fn is_as_asked(found: &Schedule, definition: &Definition) -> bool {
    match found.phase {
        Phase::Active { .. } | Phase::Idle => found.definition.is_same(definition),
        Phase::Withdrawing { .. } => false,
    }
}

impl Submit {
    /// Answers with the schedule, and where it is.
    async fn answer_put(&self, status: StatusCode, schedule: &Schedule, mount: &Mount) -> Result<Response, Problem> {
        let mut answer = self.answer_schedule(status, schedule).await?;
        if let Some(location) = mount.location(&format!("/v1/schedules/{}", schedule.name)) {
            answer.headers_mut().insert(LOCATION, location);
        }
        Ok(answer)
    }

    /// The target that the schedule has now, if the body may repeat it as answers show it.
    async fn kept_target(&self, body: &[u8], name: &str) -> Result<Option<HttpTarget>, Problem> {
        if !body.windows(MASK.len()).any(|part| part == MASK.as_bytes()) {
            return Ok(None);
        }
        match self.services.store.schedule(name).await {
            Ok(found) => match found.definition.template.content().map_err(|_| Problem::internal())?.target {
                Target::Http(target) => Ok(Some(target)),
                Target::Handler(_) | Target::Lambda(_) => Ok(None),
            },
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Nothing when there is one of that name now.
    async fn define(
        &self,
        name: &str,
        definition: &Definition,
        times: &Times,
        version: u64,
    ) -> Result<Option<Schedule>, Problem> {
        let (revision, now) = (self.services.random.bits(), self.services.clock.now());
        let new = Schedule::new(name.into(), definition.clone(), times.clone(), version, revision, now);
        self.saved(new).await
    }

    /// Nothing when somebody else has changed it meanwhile.
    async fn redefine(
        &self,
        found: &Schedule,
        definition: &Definition,
        times: &Times,
        now: Time,
    ) -> Result<Option<Schedule>, Problem> {
        let then = if definition.paused { Then::Pause } else { Then::Change };
        let caught_up = match then {
            Then::Change if found.is_behind(now) => self.caught_up(found, now).await?,
            Then::Change | Then::Pause | Then::Remove => Some(found.clone()),
        };
        let Some(found) = caught_up else { return Ok(None) };
        let Some(withdrawing) = self.saved(found.withdrawing(then, now)).await? else { return Ok(None) };
        self.services.faults.reach(CrashPoint::ScheduleWithdrawing).await;
        let left = self.firer().withdraw(&withdrawing).await.map_err(|error| unavailable(&error))?;
        let (revision, now) = (self.services.random.bits(), self.services.clock.now());
        self.saved(withdrawing.redefined(definition.clone(), times.clone(), revision, left, now)).await
    }

    /// The schedule when what is due is fired, by what it is until now.
    async fn caught_up(&self, behind: &Schedule, now: Time) -> Result<Option<Schedule>, Problem> {
        self.firer().go_on(behind, now).await.map_err(|error| unavailable(&error))?;
        match self.services.store.schedule(&behind.name).await {
            Ok(found) => Ok(Some(found).filter(|found| !found.is_behind(now))),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn saved(&self, schedule: Schedule) -> Result<Option<Schedule>, Problem> {
        let saved = self.services.store.save_schedule(&schedule).await.map_err(|error| unavailable(&error))?;
        Ok((saved == Saved::Now).then_some(schedule))
    }
}
