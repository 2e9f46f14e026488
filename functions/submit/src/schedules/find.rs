//! Finding a schedule by its name, and answering with it.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use http::StatusCode;
use serde_json::value::RawValue;
use taskway_cloud::dynamo::StoreError;
use taskway_engine::schedules::Firer;
use taskway_protocol::{
    Fence, StateName,
    schedule::{Firing, LastRun, Schedule},
};

use super::answer::answer;
use crate::{Submit, accept::unavailable, problem::Problem, tasks::json};

/// The name in a path.
pub(super) type Name = Result<Path<String>, PathRejection>;

/// The name, if it can be a schedule's.
pub(super) fn named(name: Name) -> Option<String> {
    let Path(name) = name.ok()?;
    taskway_strict::words::is_name(&name).then_some(name)
}

fn missing() -> Problem {
    Problem::not_found("schedule")
}

impl Submit {
    /// The schedule that a path names.
    pub(super) async fn find_schedule(&self, name: Name) -> Result<Schedule, Problem> {
        self.schedule_named(&named(name).ok_or_else(missing)?).await
    }

    /// The schedule of that name.
    pub(super) async fn schedule_named(&self, name: &str) -> Result<Schedule, Problem> {
        match self.services.store.schedule(name).await {
            Ok(schedule) => Ok(schedule),
            Err(StoreError::NotFound) => Err(missing()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    pub(super) fn firer(&self) -> Firer {
        Firer::new(self.services.clone())
    }

    /// The latest firing whose time has come. The one that the schedule knows may be ahead of it.
    pub(super) async fn last_run(&self, schedule: &Schedule) -> Result<Option<LastRun>, Problem> {
        let now = self.services.clock.now();
        if schedule.last.is_none_or(|last| last.at <= now) {
            return Ok(schedule.last);
        }
        let Some(at) = schedule.times.last_until(now) else { return Ok(None) };
        let id = Firing::of(schedule, at).id;
        match self.services.store.get(&id.key).await {
            // Let pass, or taken back: it did not run.
            Ok(task) if task.fence == Fence::NONE && task.state.name() == StateName::Cancelled => Ok(None),
            Ok(_) => Ok(Some(LastRun { at, id })),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Answers with a whole schedule.
    pub(super) async fn answer_schedule(&self, status: StatusCode, schedule: &Schedule) -> Result<Response, Problem> {
        let last_run = self.last_run(schedule).await?;
        let content = schedule.definition.template.content().map_err(|_| Problem::internal())?;
        let mut whole = answer(schedule, &content, last_run, self.services.clock.now());
        if let Some(task) = &mut whole.task {
            task.payload = Some(content.payload.unwrap_or_else(|| RawValue::NULL.to_owned()));
        }
        Ok(json(status, &whole))
    }
}
