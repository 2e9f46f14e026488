//! What a client puts as a schedule.

use std::{num::NonZeroU32, time::Duration};

use taskway_protocol::{
    Spec, Stored, Time,
    calendar::{Recurrence, Zone},
    content::TaskContent,
    schedule::{Definition, Misfire, Overlap, Template, Times, Timing},
};

use super::{
    Late, Limits, MOST_ERRORS,
    errors::Errors,
    fields::Fields,
    numbers::whole,
    read,
    words::{FARTHEST_SECONDS, choice, got, string},
};
use crate::{
    instant,
    json::{Json, Pointer, Value},
    problem::FieldError,
};

/// A firing may start up to a day after its time.
const LONGEST_JITTER_SECONDS: u32 = 86_400;

/// So far ahead the first firing may be.
const EIGHT_YEARS: Duration = Duration::from_secs(8 * 366 * 86_400);

const OVERLAPS: &[&str] = &["allow", "skip"];
const MISFIRES: &[&str] = &["skip", "once", "all"];

/// What each firing has of its own: its time, and so its start, its key and when it is too late.
const NOT_A_SCHEDULES: [&str; 4] = ["run_at", "delay_seconds", "deadline", "idempotency_key"];

/// Reads the schedule of this name.
///
/// # Errors
/// Everything that is wrong with it; and that it never fires.
pub fn schedule(
    json: Value<'_>,
    name: &str,
    limits: &Limits,
    now: Time,
) -> Result<(Definition, Times), Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let asked = Fields::of(json, Pointer::BODY, &mut errors, |fields| {
        let asked = definition(fields, name, limits, now)?;
        let first = asked.1.next_after(now);
        match first {
            None => never(fields, &asked.0, now),
            Some(first) if first.since(now) > EIGHT_YEARS => {
                fields.refuse("start_at", "must be within the next 8 years");
            }
            Some(_) => {}
        }
        Some(asked)
    });
    errors.settle(asked)
}

fn definition(fields: &mut Fields<'_, '_>, name: &str, limits: &Limits, now: Time) -> Option<(Definition, Times)> {
    let start_at = fields.optional("start_at", time);
    let end_at = fields.optional("end_at", time);
    let timing = timing(fields, start_at.flatten(), now);
    if !fields.has("task") {
        fields.refuse("task", "is required");
    }
    let template = fields.object("task", |fields| template(fields, name, limits, now));
    let overlap = fields.or("overlap", choice(OVERLAPS, Overlap::parse), Overlap::default());
    let misfire = fields.or("misfire", choice(MISFIRES, Misfire::parse), Misfire::default());
    let jitter_seconds = fields.or("jitter_seconds", whole(0..=LONGEST_JITTER_SECONDS), 0);
    let paused = fields.or("paused", boolean, false);
    if let Some(Some(end)) = end_at {
        let start = start_at.flatten().map_or(now, |start| start.max(now));
        if end < start {
            let (start, end) = (instant::text(start), instant::text(end));
            fields.refuse("end_at", format!("must not be before its start, {start}, got {end}"));
            return None;
        }
    }
    let definition = Definition {
        timing: timing?,
        template: template??,
        overlap: overlap?,
        misfire: misfire?,
        start_at: start_at?,
        end_at: end_at?,
        jitter_seconds: jitter_seconds?,
        paused: paused?,
    };
    match definition.times() {
        Ok(times) => Some((definition, times)),
        Err(fault) => {
            fields.refuse("cron", fault.to_string());
            None
        }
    }
}

fn never(fields: &mut Fields<'_, '_>, definition: &Definition, now: Time) {
    let unbounded = Definition { end_at: None, ..definition.clone() };
    let ends_before = |times: Times| times.next_after(now).is_some();
    match &definition.timing {
        _ if definition.end_at.is_some() && unbounded.times().is_ok_and(ends_before) => {
            fields.refuse("end_at", "must not be before the first time that it fires");
        }
        Timing::Cron { .. } => fields.refuse("cron", "must fire within the next 8 years"),
        Timing::Every { .. } => fields.refuse("every_seconds", "must fire within the next 8 years"),
    }
}

/// Exactly one kind.
fn timing(fields: &mut Fields<'_, '_>, start_at: Option<Time>, now: Time) -> Option<Timing> {
    let given = (fields.has("cron"), fields.has("every_seconds"));
    let zone = fields.optional("time_zone", |value| Zone::parse(&string(value)?).map_err(|fault| fault.to_string()));
    let zoned = matches!(&zone, Some(Some(zone)) if *zone != Zone::UTC);
    let cron = fields.optional("cron", |value| {
        let expression = string(value)?;
        // The zone does not matter for whether it is one.
        Recurrence::cron(&expression, Zone::UTC).map_err(|fault| fault.to_string())?;
        Ok(Box::<str>::from(&*expression))
    });
    let every = fields.optional("every_seconds", whole(1..=FARTHEST_SECONDS));
    match given {
        (true, false) => {
            let zone = zone?.unwrap_or(Zone::UTC);
            Some(Timing::Cron { expression: cron??, zone })
        }
        (false, true) => {
            if zoned {
                fields.refuse("time_zone", "is for cron: an interval is the same in every zone");
            }
            let seconds = NonZeroU32::new(every??)?;
            let after = Duration::from_secs(seconds.get().into());
            Some(Timing::Every { seconds, anchor: start_at.unwrap_or(now.after(after)) })
        }
        (false, false) | (true, true) => {
            let got = if given.0 { "both" } else { "neither" };
            fields.refuse_all(format!("must have exactly one of cron, every_seconds, got {got}"));
            None
        }
    }
}

fn template(fields: &mut Fields<'_, '_>, name: &str, limits: &Limits, now: Time) -> Option<Template> {
    for own in NOT_A_SCHEDULES {
        if fields.take(own).is_some_and(|value| !value.is_null()) {
            fields.refuse(own, "is not taken: each firing has its own");
        }
    }
    let asked = read(fields, None, limits, now, Late::Refused)?;
    let schedule = Some(name.into());
    let (target, payload, labels) = (asked.target, asked.payload, asked.labels);
    let content = TaskContent { target, payload, labels, traceparent: None, schedule };
    let spec = Spec {
        queue: asked.queue,
        priority: asked.priority,
        route: content.target.route(),
        body: Stored::Inline("".into()),
        run_at: Time::default(),
        deadline: None,
        timeout_seconds: asked.timeout_seconds,
        retry: asked.retry,
        idempotency: None,
        fairness_key: asked.fairness_key,
        expected_duration_ms: asked.expected_duration_ms,
        retain_seconds: asked.retain_seconds,
    };
    Some(Template { spec, text: content.to_text() })
}

fn boolean(value: Value<'_>) -> Result<bool, String> {
    match value.read() {
        Json::Bool(is) => Ok(is),
        Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("must be true or false, got {}", got(value)))
        }
    }
}

/// Any point in time.
fn time(value: Value<'_>) -> Result<Time, String> {
    let Json::String(text) = value.read() else {
        return Err(format!("must be a time in a string, got {}", value.kind()));
    };
    instant::parse(&text).map_err(|error| format!("{error}, got {}", got(value)))
}
