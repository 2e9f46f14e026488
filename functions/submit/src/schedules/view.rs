//! A schedule as clients see it.

use std::{collections::BTreeMap, iter::successors, num::NonZeroU32};

use serde::Serialize;
use serde_json::value::RawValue;
use taskway_protocol::{
    Time,
    content::TaskContent,
    schedule::{LastRun, Phase, Schedule, Template, Then, Timing},
};

use crate::view::{Instant, Retry, Target};

/// How many times to come are told.
const NEXT_RUNS: usize = 10;

/// A schedule's JSON. Everything is always there, null where there is nothing; in lists the payload is left out.
#[derive(Serialize)]
pub(super) struct View<'a> {
    name: &'a str,
    cron: Option<&'a str>,
    every_seconds: Option<NonZeroU32>,
    time_zone: Option<&'a str>,
    task: Task<'a>,
    overlap: &'static str,
    misfire: &'static str,
    start_at: Option<Instant>,
    end_at: Option<Instant>,
    jitter_seconds: u32,
    paused: bool,
    created_at: Instant,
    next_runs: Vec<Instant>,
    last_run: Option<Run>,
}

#[derive(Serialize)]
struct Task<'a> {
    queue: &'a str,
    target: Target<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    priority: &'static str,
    timeout_seconds: u32,
    retry: Retry,
    fairness_key: Option<&'a str>,
    expected_duration_ms: Option<u32>,
    retain_seconds: u32,
    labels: &'a BTreeMap<String, String>,
}

/// A firing: the time of the schedule, and the task that came of it.
#[derive(Serialize)]
struct Run {
    at: Instant,
    task_id: String,
}

/// What of a schedule must be parsed to be shown.
pub(super) struct Detail {
    content: TaskContent,
}

impl Detail {
    pub(super) fn of(schedule: &Schedule) -> Option<Self> {
        schedule.definition.template.content().ok().map(|content| Detail { content })
    }
}

impl<'a> View<'a> {
    /// Everything.
    pub(super) fn whole(schedule: &'a Schedule, detail: &'a Detail, last_run: Option<LastRun>, now: Time) -> Self {
        let mut view = View::brief(schedule, detail, last_run, now);
        view.task.payload = Some(detail.content.payload.as_deref().unwrap_or(RawValue::NULL));
        view
    }

    /// Without the payload.
    pub(super) fn brief(schedule: &'a Schedule, detail: &'a Detail, last_run: Option<LastRun>, now: Time) -> Self {
        let definition = &schedule.definition;
        let (cron, every_seconds, time_zone) = match &definition.timing {
            Timing::Cron { expression, zone } => (Some(&**expression), None, Some(zone.name())),
            Timing::Every { seconds, .. } => (None, Some(*seconds), Some("UTC")),
        };
        View {
            name: &schedule.name,
            cron,
            every_seconds,
            time_zone,
            task: Task::of(&definition.template, &detail.content),
            overlap: definition.overlap.as_str(),
            misfire: definition.misfire.as_str(),
            start_at: definition.start_at.map(Instant),
            end_at: definition.end_at.map(Instant),
            jitter_seconds: definition.jitter_seconds,
            paused: definition.paused,
            created_at: Instant(schedule.born),
            next_runs: next_runs(schedule, now).into_iter().map(Instant).collect(),
            last_run: last_run.map(|run| Run { at: Instant(run.at), task_id: run.id.to_string() }),
        }
    }
}

/// The times to come, those among them whose tasks are there already. None of what is paused or about to be deleted.
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

impl<'a> Task<'a> {
    fn of(template: &'a Template, content: &'a TaskContent) -> Self {
        let spec = &template.spec;
        Task {
            queue: &spec.queue,
            target: Target::of(&content.target),
            payload: None,
            priority: spec.priority.as_str(),
            timeout_seconds: spec.timeout_seconds,
            retry: Retry::of(spec.retry),
            fairness_key: spec.fairness_key.as_deref(),
            expected_duration_ms: spec.expected_duration_ms,
            retain_seconds: spec.retain_seconds,
            labels: &content.labels,
        }
    }
}
