//! A queue as the API answers it, read for people.

use serde::Deserialize;
use taskway_api::{Count, HeldKey, QueueList, Rate};

use crate::{
    client::Answer,
    failure::Failure,
    output::{Cell, plain},
};

/// A queue in an answer.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Queue(taskway_api::Queue);

impl Queue {
    /// The queue that an answer holds.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        answer.read("the answer holds no queue: is this URL a taskway api's?")
    }

    pub(crate) fn name(&self) -> String {
        plain(&self.0.name)
    }

    /// `emails paused`, or `emails running, 5 at once, 100 per 60 s`.
    pub(crate) fn line(&self) -> String {
        let state = if self.0.paused { "paused" } else { "running" };
        let limit = self.0.concurrency.map_or(String::new(), |limit| format!(", {limit} at once"));
        let rate = self.0.rate.map_or(String::new(), |rate| format!(", {}", pace(rate)));
        let keys = per_key(&self.0).map_or(String::new(), |limits| format!(", each key {limits}"));
        format!("{} {state}{limit}{rate}{keys}", plain(&self.0.name))
    }

    /// Everything, as keys and values in the order of reading.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let rows = [
            ("name", Some(plain(&self.0.name))),
            ("paused", Some(yes(self.0.paused).to_owned())),
            ("concurrency", Some(limit(&self.0))),
            ("rate", Some(rate(&self.0))),
            ("per key", per_key(&self.0)),
            ("running", self.0.running.map(|running| running.to_string())),
            ("held", self.0.held.map(count)),
            ("busiest keys", self.0.keys.as_deref().filter(|keys| !keys.is_empty()).map(busiest)),
            ("failed", self.0.failed.map(count)),
        ];
        rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The names of a list's columns.
    pub(crate) const COLUMNS: [&str; 4] = ["NAME", "PAUSED", "CONCURRENCY", "RATE"];
}

/// The page of a list that an answer holds.
pub(crate) fn page(answer: &Answer) -> Result<QueueList, Failure> {
    answer.read("the answer holds no queues: is this URL a taskway api's?")
}

/// A queue as a row of a list.
pub(crate) fn row(queue: &taskway_api::Queue) -> [Cell; 4] {
    [Cell::of(&queue.name), Cell::of(yes(queue.paused)), Cell::of(&limit(queue)), Cell::of(&rate(queue))]
}

fn limit(queue: &taskway_api::Queue) -> String {
    queue.concurrency.map_or("unlimited".to_owned(), |limit| limit.to_string())
}

fn rate(queue: &taskway_api::Queue) -> String {
    queue.rate.map_or("unlimited".to_owned(), pace)
}

/// `100 per 60 s`, or `100 per 60 s, burst 5`.
fn pace(Rate { tasks, per_seconds, burst }: Rate) -> String {
    let burst = if burst.get() > 1 { format!(", burst {burst}") } else { String::new() };
    format!("{tasks} per {per_seconds} s{burst}")
}

/// `3 at once, 10 per 1 s`, or `None` without limits.
fn per_key(queue: &taskway_api::Queue) -> Option<String> {
    let concurrency = queue.per_key.concurrency.map(|limit| format!("{limit} at once"));
    let limits: Vec<String> = concurrency.into_iter().chain(queue.per_key.rate.map(pace)).collect();
    (!limits.is_empty()).then(|| limits.join(", "))
}

/// `acme 3 held, 1 running; initech 1 held, 1 running`.
fn busiest(keys: &[HeldKey]) -> String {
    let key = |key: &HeldKey| format!("{} {} held, {} running", plain(&key.key), count(key.held), key.running);
    keys.iter().map(key).collect::<Vec<_>>().join("; ")
}

fn yes(paused: bool) -> &'static str {
    if paused { "yes" } else { "no" }
}

/// A number of tasks: `3`, or `1000 or more`.
pub(crate) fn count(count: Count) -> String {
    match count {
        Count::Exactly(count) => count.to_string(),
        Count::AtLeast { at_least } => format!("{at_least} or more"),
    }
}
