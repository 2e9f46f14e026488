//! Schedules, and minutes that pass with a tick each.

use http::Method;
use serde_json::{Value, json};
use taskway_executor::Executor;
use taskway_protocol::{TaskId, Time, schedule::AHEAD};

use crate::{Answer, Api, Effects, World};

/// The time between two deliveries, in seconds.
const STEP: u64 = 5;

impl Api {
    /// `PUT /v1/schedules/{name}`.
    pub async fn put_schedule(&self, name: &str, schedule: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask(Method::PUT, &format!("/v1/schedules/{name}"), &headers, schedule.to_string()).await
    }

    /// `GET /v1/schedules/{name}`.
    pub async fn schedule(&self, name: &str) -> Answer {
        self.ask(Method::GET, &format!("/v1/schedules/{name}"), &[], "").await
    }

    /// `DELETE /v1/schedules/{name}`.
    pub async fn delete_schedule(&self, name: &str) -> Answer {
        self.ask(Method::DELETE, &format!("/v1/schedules/{name}"), &[], "").await
    }
}

impl World {
    /// Passes this many minutes. Each begins with a tick, and the executor works.
    pub async fn minutes(&self, executor: &Executor, minutes: u64) {
        for _ in 0..minutes {
            self.tick().await;
            self.minute(executor).await;
        }
    }

    /// Passes a minute without a tick while the executor works.
    pub async fn minute(&self, executor: &Executor) {
        let ends = self.now().as_millis() + 60_000;
        while self.now().as_millis() < ends {
            self.work(executor).await;
            // A delivery may move the clock too.
            let left = ends.saturating_sub(self.now().as_millis());
            self.pass(std::time::Duration::from_millis(left.min(STEP * 1000)));
        }
        self.work(executor).await;
    }

    /// The times of the firings that have run, in seconds after `START`, in order. Checks that none started early.
    pub async fn fired(&self, effects: &Effects) -> Vec<u64> {
        let mut fired = Vec::new();
        for effect in effects.all() {
            let record = self.record(effect.id).await;
            let (due, started) = (record.spec.run_at, record.started_at.unwrap());
            assert!(started >= due, "started {:?} early", due.since(started));
            fired.push(after_start(time_of(effect.id)));
        }
        fired.sort_unstable();
        fired
    }
}

/// The schedule's time to which a firing belongs.
pub fn time_of(firing: TaskId) -> Time {
    firing.born.after(AHEAD)
}

/// Whole seconds after `START`.
pub fn after_start(at: Time) -> u64 {
    at.since(crate::START).as_secs()
}

/// A schedule for the handler `note`, with these members beside its task.
pub fn noting(more: Value) -> Value {
    of("note", more)
}

/// A schedule for this handler, with these members beside its task.
pub fn of(handler: &str, more: Value) -> Value {
    let mut schedule = json!({"task": {"target": {"handler": handler}}});
    schedule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    schedule
}
