//! A schedule as a client puts it, and as it is answered.

use std::{borrow::Cow, collections::BTreeMap, num::NonZeroU32, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};
use taskway_protocol::{
    Callbacks, FARTHEST_SECONDS, HttpTarget, Limits, Spec, Stored, Target, TaskOptions, Time,
    calendar::{Recurrence, Zone},
    content::TaskContent,
    schedule::{Definition, Misfire, Overlap, Template, Times, Timing},
};
use taskway_strict::{
    Check, FieldError, Fields, PlainCheck, Schema,
    json::Value,
    numbers::whole,
    object, read,
    words::{boolean, choice, string},
};

use crate::{
    CallbackRequest, Instant, Late, TaskRequest, instant,
    request::members,
    task::{known, nothing},
    times,
};

/// A firing may start up to a day after its time.
const LONGEST_JITTER_SECONDS: u32 = 86_400;

/// The first firing is at most this far ahead.
const EIGHT_YEARS: Duration = Duration::from_secs(8 * 366 * 86_400);

/// What each firing has of its own.
const OF_EACH_FIRING: [&str; 4] = ["run_at", "delay_seconds", "deadline", "idempotency_key"];

/// What else of a task a schedule does not take, and why.
const OF_A_REQUEST: [(&str, &str); 2] = [
    ("payload_ref", "is not taken in a schedule: an upload is for tasks that are submitted within a day"),
    ("replace", "is not taken in a schedule: each firing is a task of its own"),
];

/// What only an answer has. A request may repeat it, so that an answer can be put back.
const ANSWERED: [&str; 6] = ["description", "created_at", "next_runs", "next_runs_local", "notes", "last_run"];

object! {
    default
    /// When a schedule fires: the same in a request and in an answer.
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(default)]
    pub struct ScheduleSettings reads () {
        /// Vixie's five fields, six with seconds first, or a name such as `@daily`. Exactly one of this and
        /// `every_seconds`.
        pub cron: Option<Box<str>> = optional(cron()),
        /// From one firing to the next, in seconds: 1 to 366 days.
        pub every_seconds: Option<NonZeroU32> = optional(every()),
        /// The zone whose wall clocks `cron` means, by its IANA name; UTC unless it is given.
        pub time_zone: Option<Box<str>> = optional(zone()),
        /// What happens at a time at which the latest firing has not ended: `allow` another, or `skip` it.
        pub overlap: Overlap = or(Overlap::default(), choice(Overlap::NAMES, Overlap::parse)),
        /// What happens to times that passed while nothing ticked: `skip` them, fire `once` for all, or fire `all`.
        pub misfire: Misfire = or(Misfire::default(), choice(Misfire::NAMES, Misfire::parse)),
        /// No firing is earlier.
        pub start_at: Option<Instant> = optional(times::any()),
        /// No firing is later.
        pub end_at: Option<Instant> = optional(times::any()),
        /// Each firing starts up to so many seconds after its time, to a day.
        pub jitter_seconds: u32 = or(0, whole(0..=LONGEST_JITTER_SECONDS)),
        /// Nothing fires.
        pub paused: bool = or(false, boolean()),
    }
}

object! {
    /// A schedule to be put, `PUT /v1/schedules/{name}`.
    #[derive(Clone, Debug, Serialize)]
    pub struct ScheduleRequest reads (limits: &Limits, now: Time, kept: Option<&HttpTarget>) {
        /// When it fires.
        #[serde(flatten)]
        pub settings: ScheduleSettings = part(ScheduleSettings::take, ScheduleSettings::schema()),
        /// What each firing submits: a task without a time, a deadline and an idempotency key of its own.
        pub task: TaskRequest = object_required(|fields| firing(fields, limits, now, kept), firing_schema(limits, now)),
    }
}

/// A schedule in an answer. Everything is always there, null where there is nothing; lists leave out the payload, whose
/// JSON text is `P`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Schedule"))]
#[serde(bound(deserialize = "P: Deserialize<'de>"))]
pub struct Schedule<P = Box<RawValue>> {
    /// Its name.
    pub name: Box<str>,
    /// When it fires.
    #[serde(flatten)]
    pub settings: ScheduleSettings,
    /// What each firing submits.
    #[serde(default = "nothing::<ScheduleTask<P>>")]
    pub task: Option<ScheduleTask<P>>,
    /// When it was first put.
    #[serde(default)]
    pub created_at: Option<Instant>,
    /// When it fires, in plain words.
    #[serde(default)]
    pub description: Option<Cow<'static, str>>,
    /// The next ten times; none while it is paused.
    #[serde(default)]
    pub next_runs: Vec<Instant>,
    /// The same times on the clock of `time_zone`, with its offset.
    #[serde(default)]
    pub next_runs_local: Vec<String>,
    /// Where well-known crons differ for this expression, and what happens when the clock changes.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The latest firing whose time has come.
    #[serde(default)]
    pub last_run: Option<ScheduledRun>,
}

/// What each firing of a schedule submits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ScheduleTask"))]
#[serde(bound(deserialize = "P: Deserialize<'de>"))]
pub struct ScheduleTask<P = Box<RawValue>> {
    /// What runs it. Credentials are masked.
    #[serde(default, deserialize_with = "known")]
    pub target: Option<Target>,
    /// What the target is given.
    #[serde(default = "nothing::<P>", skip_serializing_if = "Option::is_none")]
    pub payload: Option<P>,
    /// How it is run.
    #[serde(flatten)]
    pub options: TaskOptions,
    /// Names and values to find it by.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What runs when it has succeeded. Credentials are masked.
    #[serde(default, deserialize_with = "known")]
    pub on_success: Option<CallbackRequest>,
    /// What runs when it has failed, or its deadline has passed. Credentials are masked.
    #[serde(default, deserialize_with = "known")]
    pub on_failure: Option<CallbackRequest>,
}

/// A firing: the time of the schedule, and the task that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScheduledRun {
    /// The time of the schedule.
    pub at: Instant,
    /// The task's id.
    #[serde(default)]
    pub task_id: Option<Cow<'static, str>>,
}

impl ScheduleRequest {
    /// Reads the schedule of this name, and finds its times. `kept` is the target of the schedule that it replaces: a
    /// client that puts back what it read repeats that target with masks, and its credentials stay.
    ///
    /// # Errors
    /// Everything that is wrong with it; also that it never fires.
    pub fn read(
        body: Value<'_>,
        name: &str,
        limits: &Limits,
        now: Time,
        kept: Option<&HttpTarget>,
    ) -> Result<(Definition, Times), Vec<FieldError>> {
        read(body, limits.most_errors, |fields| {
            let rules = Rules::of(fields);
            answered(fields, name);
            let request = ScheduleRequest::take(fields, limits, now, kept);
            rules.note(fields, now);
            let request = request?;
            let definition = definition(request, name, now)?;
            let times = definition.times().map_err(|fault| fields.refuse("cron", fault.to_string())).ok()?;
            match times.next_after(now) {
                None => never(fields, &definition, now),
                Some(first) if first.since(now) > EIGHT_YEARS => {
                    fields.refuse("start_at", "must be within the next 8 years");
                }
                Some(_) => {}
            }
            Some((definition, times))
        })
    }

    /// The request's JSON without what has its default.
    ///
    /// # Errors
    /// If the payload is not JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let default = members(&ScheduleSettings::default())?;
        let mut given = members(&self.settings)?;
        given.retain(|name, value| default.get(name).is_none_or(|default| default.get() != value.get()));
        given.insert("task".to_owned(), RawValue::from_string(self.task.to_json()?)?);
        serde_json::to_string(&given)
    }
}

/// The JSON Schema of what [`ScheduleRequest::read`] takes: an answer may be put back as it is.
pub fn schedule_schema(limits: &Limits, now: Time) -> Schema {
    let mut schema = ScheduleRequest::schema(limits, now, None);
    schema["properties"]["name"] =
        json!({ "type": ["string", "null"], "description": "If it is given, the name in the path." });
    for name in ANSWERED {
        schema["properties"][name] = json!({ "description": "Of an answer. It is not read." });
    }
    let just = |name: &str, cron: &str, every: &str| {
        let properties = json!({ "cron": { "type": cron }, "every_seconds": { "type": every } });
        // Some readers take a rule without a type for one that says nothing.
        json!({ "type": "object", "required": [name], "properties": properties })
    };
    schema["oneOf"] = json!([just("cron", "string", "null"), just("every_seconds", "null", "integer")]);
    schema
}

/// Takes what an answer had and a request does not say.
fn answered(fields: &mut Fields<'_, '_>, name: &str) {
    for field in ANSWERED {
        fields.take(field);
    }
    if let Some(given) = fields.take("name")
        && !given.is_null()
        && !string(given).is_ok_and(|given| given == name)
    {
        fields.refuse("name", format!("must be the name in the path, {name}"));
    }
}

fn cron() -> PlainCheck<Box<str>> {
    let judge = |value: Value<'_>| {
        let expression = string(value)?;
        // Whether it is an expression does not depend on the zone.
        Recurrence::of_client(&expression, Zone::UTC).map_err(|fault| fault.to_string())?;
        Ok(Box::<str>::from(&*expression))
    };
    Check::new(judge, || json!({ "type": "string", "format": "cron" }))
}

fn every() -> Check<impl Fn(Value<'_>) -> Result<NonZeroU32, String>, impl Fn() -> Schema> {
    let Check { judge, schema } = whole(1..=FARTHEST_SECONDS);
    let judge = move |value: Value<'_>| NonZeroU32::new(judge(value)?).ok_or_else(|| "must be at least 1".to_owned());
    Check::new(judge, schema)
}

fn zone() -> PlainCheck<Box<str>> {
    let judge = |value: Value<'_>| {
        Zone::parse(&string(value)?).map(|zone| zone.name().into()).map_err(|fault| fault.to_string())
    };
    Check::new(judge, || json!({ "type": "string", "format": "time-zone" }))
}

/// The task of a schedule: without what each firing has of its own.
fn firing_schema(limits: &Limits, now: Time) -> Schema {
    let mut schema = TaskRequest::schema(limits, now, None);
    schema["title"] = "ScheduleTaskRequest".into();
    schema["description"] =
        "What each firing submits: a task without a time, a deadline and an idempotency key of its own.".into();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.retain(|name, _| {
            let of_a_request = OF_A_REQUEST.iter().any(|(other, _)| name == other);
            !of_a_request && !OF_EACH_FIRING.contains(&name.as_str())
        });
    }
    schema
}

fn firing(fields: &mut Fields<'_, '_>, limits: &Limits, now: Time, kept: Option<&HttpTarget>) -> Option<TaskRequest> {
    for own in OF_EACH_FIRING {
        if fields.take(own).is_some_and(|value| !value.is_null()) {
            fields.refuse(own, "is not taken: each firing has its own");
        }
    }
    for (name, why) in OF_A_REQUEST {
        if fields.take(name).is_some_and(|value| !value.is_null()) {
            fields.refuse(name, why);
        }
    }
    TaskRequest::judged(fields, limits, now, Late::Refused, kept)
}

/// What holds fields of a schedule against each other.
struct Rules {
    has_cron: bool,
    has_interval: bool,
    zone: Option<Box<str>>,
    start_at: Option<Instant>,
    end_at: Option<Instant>,
}

impl Rules {
    fn of(fields: &Fields<'_, '_>) -> Self {
        Rules {
            has_cron: fields.has("cron"),
            has_interval: fields.has("every_seconds"),
            zone: fields.peek("time_zone", zone().judge),
            start_at: fields.peek("start_at", times::any().judge),
            end_at: fields.peek("end_at", times::any().judge),
        }
    }

    fn note(self, fields: &mut Fields<'_, '_>, now: Time) {
        match (self.has_cron, self.has_interval) {
            (true, false) => {}
            (false, true) => {
                if self.zone.is_some_and(|zone| *zone != *Zone::UTC.name()) {
                    fields.refuse("time_zone", "is for cron: an interval is the same in every zone");
                }
            }
            (both, _) => {
                let got = if both { "both" } else { "neither" };
                fields.refuse_all(format!("must have exactly one of cron, every_seconds, got {got}"));
            }
        }
        let start = self.start_at.map_or(now, |Instant(start)| start.max(now));
        if let Some(Instant(end)) = self.end_at.filter(|Instant(end)| *end < start) {
            let (start, end) = (instant::text(start), instant::text(end));
            fields.refuse("end_at", format!("must not be before its start, {start}, got {end}"));
        }
    }
}

/// What the request says, nothing if that is not sound.
fn definition(request: ScheduleRequest, name: &str, now: Time) -> Option<Definition> {
    let ScheduleRequest { settings, task } = request;
    let timing = match (settings.cron, settings.every_seconds) {
        (Some(expression), _) => {
            let zone = settings.time_zone.map_or(Some(Zone::UTC), |name| Zone::parse(&name).ok())?;
            Timing::Cron { expression, zone }
        }
        (None, Some(seconds)) => {
            let first = now.after(Duration::from_secs(seconds.get().into()));
            Timing::Every { seconds, anchor: settings.start_at.map_or(first, |Instant(start)| start) }
        }
        (None, None) => return None,
    };
    let (target, payload, labels) = (task.target, task.payload, task.labels);
    let content = TaskContent {
        payload,
        labels,
        schedule: Some(name.into()),
        on_success: task.on_success.as_ref().map(CallbackRequest::callback),
        on_failure: task.on_failure.as_ref().map(CallbackRequest::callback),
        ..TaskContent::of(target)
    };
    let spec = Spec {
        callbacks: Callbacks::of(&content),
        options: task.options,
        route: content.target.route(),
        body: Stored::Inline("".into()),
        run_at: Time::default(),
        deadline: None,
        idempotency: None,
    };
    Some(Definition {
        timing,
        template: Template { spec, text: content.to_text() },
        overlap: settings.overlap,
        misfire: settings.misfire,
        start_at: settings.start_at.map(|Instant(start)| start),
        end_at: settings.end_at.map(|Instant(end)| end),
        jitter_seconds: settings.jitter_seconds,
        paused: settings.paused,
    })
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
