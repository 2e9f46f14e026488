//! Examples. Those of answers are made of the wire types, so they have every field.

use std::borrow::Cow;

use serde_json::{Value, json, value::RawValue};
use taskway_api::{
    Count, EndedMinute, Instant, Lanes, Messages, MonthOfUsage, PastAttempt, PerKey, Program, Queue, Rate, Schedule,
    ScheduleSettings, ScheduleTask, ScheduledRun, Stats, Task,
};
use taskway_protocol::{Target, TaskOptions, Time};

/// 2026-11-23T08:00:00Z.
const NOON: u64 = 1_795_420_800_000;

fn at(seconds: u64) -> Option<Instant> {
    Some(Instant(Time::from_millis(NOON + seconds * 1000)))
}

fn raw(value: &Value) -> Option<Box<RawValue>> {
    RawValue::from_string(value.to_string()).ok()
}

fn value(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

fn example() -> Task {
    Task {
        id: "tGg7ufw2wTZ2a5gVv6Pq3PAGbAN1sAA".to_owned(),
        state: Cow::Borrowed("queued"),
        held: false,
        target: Some(Target::Handler("echo".into())),
        payload: raw(&json!({ "user": 42 })),
        payload_ref: None,
        payload_url: None,
        options: TaskOptions { queue: "emails".into(), ..TaskOptions::default() },
        run_at: at(0),
        next_attempt_at: None,
        deadline: None,
        attempt: 0,
        generation: 1,
        idempotency_key: Some("welcome-42".into()),
        labels: [("team".to_owned(), "growth".to_owned())].into(),
        progress: None,
        result: raw(&Value::Null),
        result_url: None,
        error: None,
        past_attempts: Vec::new(),
        schedule: None,
        parent_id: None,
        on_success: None,
        on_failure: None,
        traceparent: None,
        created_at: at(0),
        started_at: None,
        finished_at: None,
        retained_until: None,
    }
}

/// A task that was just submitted.
pub(crate) fn task() -> Value {
    value(&example())
}

fn past() -> Vec<PastAttempt> {
    let (kind, message) = (Cow::Borrowed("http"), "503 Service Unavailable".into());
    let times = at(0).zip(at(0));
    times
        .map(|(started_at, failed_at)| PastAttempt { attempt: 1, started_at, failed_at, kind, message })
        .into_iter()
        .collect()
}

/// A task that has succeeded.
pub(crate) fn ended() -> Value {
    value(&Task {
        state: Cow::Borrowed("succeeded"),
        attempt: 2,
        result: raw(&json!({ "user": 42 })),
        past_attempts: past(),
        started_at: at(1),
        finished_at: at(2),
        retained_until: at(604_802),
        ..example()
    })
}

/// A task that was cancelled.
pub(crate) fn cancelled() -> Value {
    value(&Task { state: Cow::Borrowed("cancelled"), finished_at: at(2), retained_until: at(604_802), ..example() })
}

fn summary() -> Value {
    value(&Task { payload: None, result: None, ..example() })
}

/// A page of tasks.
pub(crate) fn tasks() -> Value {
    json!({ "tasks": [summary()], "next_cursor": null })
}

/// Bodies of a submit.
pub(crate) fn requests() -> Value {
    json!({
        "the least": { "target": { "handler": "echo" } },
        "with options": {
            "queue": "emails",
            "target": { "handler": "echo" },
            "payload": { "user": 42 },
            "priority": "high",
            "delay_seconds": 90,
            "timeout_seconds": 60,
            "retry": { "max_attempts": 5, "min_backoff_seconds": 1, "max_backoff_seconds": 600, "multiplier": 2.0 },
            "fairness_key": "tenant-7",
            "expected_duration_ms": 250,
            "retain_seconds": 604_800,
            "labels": { "team": "growth" },
        },
        "an HTTP target": {
            "target": { "http": { "url": "https://example.com/welcome", "method": "POST", "headers": { "x-team": "growth" }, "keep": { "headers": ["etag"], "body_bytes": 1024 } } },
            "payload": { "user": 42 },
            "delay_seconds": 3600,
        },
    })
}

/// Bodies of a batch.
pub(crate) fn batches() -> Value {
    json!({
        "two": { "tasks": [
            { "target": { "handler": "echo" }, "payload": 1 },
            { "target": { "handler": "echo" }, "payload": 2, "delay_seconds": 3600 },
        ] },
    })
}

/// What comes of a batch.
pub(crate) fn batch_results() -> Value {
    json!({ "results": [
        { "status": 202, "task": summary() },
        { "status": 422, "problem": {
            "type": "/problems/validation",
            "title": "The request has invalid fields",
            "status": 422,
            "detail": "/target is required",
            "errors": [{ "pointer": "/target", "detail": "is required" }],
        } },
    ] })
}

/// Bodies of a schedule.
pub(crate) fn schedule_requests() -> Value {
    json!({
        "a cron": {
            "cron": "30 4 * * 1",
            "time_zone": "Europe/Berlin",
            "task": { "queue": "reports", "target": { "handler": "echo" } },
            "overlap": "skip",
        },
        "an interval": { "every_seconds": 3600, "task": { "target": { "handler": "echo" } }, "paused": true },
    })
}

/// A schedule.
pub(crate) fn schedule() -> Value {
    value(&Schedule {
        name: "weekly".into(),
        settings: ScheduleSettings {
            cron: Some("30 4 * * 1".into()),
            time_zone: Some("Europe/Berlin".into()),
            ..ScheduleSettings::default()
        },
        task: Some(ScheduleTask {
            target: Some(Target::Handler("echo".into())),
            payload: raw(&Value::Null),
            options: TaskOptions { queue: "reports".into(), ..TaskOptions::default() },
            labels: [].into(),
            on_success: None,
            on_failure: None,
        }),
        created_at: at(0),
        description: Some("at 04:30 on Monday".into()),
        next_runs: at(588_600).into_iter().collect(),
        next_runs_local: vec!["2026-11-30T04:30:00+01:00".to_owned()],
        notes: Vec::new(),
        last_run: at(0).map(|at| ScheduledRun { at, task_id: Some(example().id.into()) }),
    })
}

/// Bodies of a queue's settings.
pub(crate) fn queue_requests() -> Value {
    json!({
        "a limit": { "concurrency": 3 },
        "rates": {
            "rate": { "tasks": 100, "per_seconds": 60, "burst": 10 },
            "per_key": { "concurrency": 1, "rate": { "tasks": 1, "per_seconds": 1 } },
        },
    })
}

/// A queue.
pub(crate) fn queue() -> Value {
    let one = std::num::NonZeroU32::MIN;
    value(&Queue {
        name: "emails".into(),
        paused: false,
        concurrency: Some(one),
        rate: Some(Rate { tasks: one, per_seconds: one, burst: one }),
        per_key: PerKey::default(),
        running: Some(1),
        held: Some(Count::AtLeast { at_least: 1_000 }),
        keys: None,
        failed: Some(Count::Exactly(0)),
    })
}

/// How to upload a payload.
pub(crate) fn upload() -> Value {
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    json!({
        "payload_ref": format!("{sha256}-524288"),
        "upload": {
            "method": "PUT",
            "url": "https://taskway-payloads.s3.eu-west-1.amazonaws.com/uploads/4f2a/2cf24dba?X-Amz-Signature=9d1c",
            "headers": {
                "content-length": "524288",
                "x-amz-checksum-sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
            },
        },
        "expires_at": "2026-11-23T08:15:00Z",
    })
}

/// How much is in a stack.
pub(crate) fn stats() -> Value {
    let messages = |waiting, in_flight, delayed| Messages { waiting, in_flight, delayed };
    value(&Stats {
        lanes: Lanes { high: messages(0, 0, 0), normal: messages(12, 30, 4), low: messages(0, 0, 0) },
        dead_letters: messages(0, 0, 0),
        due_backlog: Count::Exactly(0),
        promotion_lag_seconds: 0.0,
        unreadable: Count::Exactly(0),
        programs: vec![Program {
            handlers: vec!["send_welcome".into()],
            running: true,
            first_seen_at: Instant(Time::from_millis(NOON)),
            last_seen_at: Instant(Time::from_millis(NOON + 7_200_000)),
        }],
        ended: vec![EndedMinute {
            at: Instant(Time::from_millis(NOON + 7_200_000)),
            succeeded: 612,
            failed: 3,
            cancelled: 0,
            expired: 0,
        }],
        usage: vec![MonthOfUsage {
            month: "2026-11".into(),
            write_units: 4_210_377,
            read_units: 96_120.5,
            sqs_requests: 1_911_204,
        }],
    })
}
