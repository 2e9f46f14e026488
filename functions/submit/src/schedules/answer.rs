//! A schedule as clients see it.

use std::iter::successors;

use taskway_api::{CallbackRequest, Instant, ScheduleSettings, ScheduleTask, ScheduledRun};
use taskway_protocol::{
    Time,
    calendar::Zone,
    content::TaskContent,
    schedule::{LastRun, Phase, Schedule, Then, Timing},
};

/// How many times to come are listed.
const NEXT_RUNS: usize = 10;

/// The schedule without its payload.
pub(super) fn answer(
    schedule: &Schedule,
    content: &TaskContent,
    last_run: Option<LastRun>,
    now: Time,
) -> taskway_api::Schedule {
    let definition = &schedule.definition;
    let (cron, every_seconds, zone) = match &definition.timing {
        Timing::Cron { expression, zone } => (Some(expression.clone()), None, zone),
        Timing::Every { seconds, .. } => (None, Some(*seconds), &Zone::UTC),
    };
    let next_runs = next_runs(schedule, now);
    taskway_api::Schedule {
        name: schedule.name.clone(),
        settings: ScheduleSettings {
            cron,
            every_seconds,
            time_zone: Some(zone.name().into()),
            overlap: definition.overlap,
            misfire: definition.misfire,
            start_at: definition.start_at.map(Instant),
            end_at: definition.end_at.map(Instant),
            jitter_seconds: definition.jitter_seconds,
            paused: definition.paused,
        },
        task: Some(ScheduleTask {
            target: Some(content.target.masked()),
            payload: None,
            options: definition.template.spec.options.clone(),
            labels: content.labels.clone(),
            on_success: content.on_success.as_deref().map(CallbackRequest::shown),
            on_failure: content.on_failure.as_deref().map(CallbackRequest::shown),
        }),
        created_at: Some(Instant(schedule.born)),
        description: Some(schedule.times.description().into()),
        next_runs_local: next_runs.iter().map(|at| zone.local(*at)).collect(),
        next_runs: next_runs.into_iter().map(Instant).collect(),
        notes: definition.notes(&schedule.times, now),
        last_run: last_run.map(|run| ScheduledRun { at: Instant(run.at), task_id: Some(run.id.to_string().into()) }),
    }
}

/// The times to come, also those whose tasks are there already. A schedule that is paused or about to be deleted has none.
fn next_runs(schedule: &Schedule, now: Time) -> Vec<Time> {
    let ends = match schedule.phase {
        Phase::Withdrawing { then: Then::Remove, .. } => true,
        Phase::Withdrawing { then: Then::Change | Then::Pause, .. } | Phase::Active { .. } | Phase::Idle => false,
    };
    if schedule.definition.paused || ends {
        return Vec::new();
    }
    successors(schedule.times.next_after(now), |at| schedule.times.next_after(*at)).take(NEXT_RUNS).collect()
}
