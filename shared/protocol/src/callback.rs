//! Callbacks: tasks that follow the end of another.
//!
//! The write that ends a task says whether a callback is owed, and puts the task into the agenda. Then the callback's task is
//! made, and a second write says that nothing is owed any more. Any number of processes may make the callback of one end: its
//! id is always the same.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::{
    End, NewTask, Spec, State, Step, Stored, Target, Task, TaskId, TaskKey, TaskOptions, Time, content::TaskContent,
};

/// A record lists the callbacks of its latest ends, so many at most.
pub const MOST_LISTED: usize = 100;

/// The longest payload that a callback gets from Taskway: 256 KiB. The ended task's payload and result are left out beyond that.
const LONGEST_PAYLOAD: usize = 262_144;

/// The ends of a task that a callback follows.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Callbacks {
    /// Whether one follows a success.
    pub on_success: bool,
    /// Whether one follows a failure, or a deadline that passed.
    pub on_failure: bool,
}

impl Callbacks {
    /// No end has a callback.
    pub const NONE: Self = Callbacks { on_success: false, on_failure: false };

    /// Those of a task with this content.
    pub const fn of(content: &TaskContent) -> Self {
        Callbacks { on_success: content.on_success.is_some(), on_failure: content.on_failure.is_some() }
    }

    /// Whether a callback follows this end.
    pub const fn follows(self, end: End) -> bool {
        match end {
            End::Succeeded => self.on_success,
            End::Failed | End::Expired => self.on_failure,
            End::Cancelled => false,
        }
    }
}

/// What is to run when a task has ended.
#[derive(Clone, Debug)]
pub struct Callback {
    /// What runs it.
    pub target: Target,
    /// Its queue, if it is not that of the ended task.
    pub queue: Option<Box<str>>,
    /// What the target gets. `None` means a description of the ended task.
    pub payload: Option<Box<RawValue>>,
    /// At most 16 labels.
    pub labels: BTreeMap<String, String>,
}

impl Task {
    /// Whether a callback follows this end of the task.
    pub const fn is_followed(&self, end: End) -> bool {
        self.spec.callbacks.follows(end)
    }

    /// The id of the callback that the task owes, and the end for which it does. The ends of one life differ in their
    /// generations, because a retry by a person raises it.
    pub fn owed_callback(&self) -> Option<(TaskId, End)> {
        let State::Ended { end, at, owes: true, .. } = self.state else { return None };
        let mut hash = Sha256::new();
        hash.update(b"taskway callback\0");
        hash.update(self.id.to_string());
        hash.update(self.generation.0.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Some((TaskId { key: TaskKey::from_bytes(key), born: at }, end))
    }

    /// The step that says that the callback is made. `None` if the task owes none.
    pub fn called_back(&self) -> Option<Step> {
        let (id, end) = self.owed_callback()?;
        let State::Ended { at, .. } = self.state else { return None };
        let before = self.children.len().saturating_sub(MOST_LISTED - 1);
        let children = self.children.iter().skip(before).copied().chain([id]).collect();
        let retained_until = self.retained_until(at);
        Some(Step::Callback { generation: self.generation, end, at, retained_until, children })
    }
}

impl Callback {
    /// The task that follows the end of `parent`, whose content and result are given. Every process makes the same one.
    /// `None` if `parent` owes no callback.
    pub fn task(&self, parent: &Task, content: &TaskContent, result: Option<&str>) -> Option<NewTask> {
        let (id, end) = parent.owed_callback()?;
        let options = &parent.spec.options;
        let own = TaskContent {
            target: self.target.clone(),
            payload: Some(match &self.payload {
                Some(payload) => payload.clone(),
                None => description(parent, end, content, result),
            }),
            labels: self.labels.clone(),
            traceparent: content.traceparent.clone(),
            parent: Some(parent.id),
            ..TaskContent::of(self.target.clone())
        };
        let spec = Spec {
            options: TaskOptions {
                queue: self.queue.clone().unwrap_or_else(|| options.queue.clone()),
                priority: options.priority,
                fairness_key: options.fairness_key.clone(),
                retain_seconds: RETAINED_SECONDS,
                ..TaskOptions::default()
            },
            route: own.target.route(),
            body: Stored::Inline("".into()),
            run_at: id.born,
            deadline: None,
            idempotency: None,
            callbacks: Callbacks::NONE,
        };
        Some(NewTask::of(id, spec, own.to_text(), id.born))
    }
}

/// What a callback is told of the task before it.
#[derive(Serialize)]
struct Description<'a> {
    task: Ended<'a>,
}

#[derive(Serialize)]
struct Ended<'a> {
    id: String,
    queue: &'a str,
    state: &'static str,
    attempt: u32,
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    kind: &'static str,
    message: &'a str,
    attempt: u32,
}

/// The payload of a callback without one of its own. What does not fit is left out: the payload first, then the result.
fn description(parent: &Task, end: End, content: &TaskContent, result: Option<&str>) -> Box<RawValue> {
    let result = result.filter(|_| end == End::Succeeded).and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    let error = parent.error.as_ref().filter(|_| end != End::Succeeded);
    let text = |payload, result| {
        let task = Ended {
            id: parent.id.to_string(),
            queue: &parent.spec.options.queue,
            state: crate::StateName::from(end).as_str(),
            attempt: parent.attempts,
            labels: &content.labels,
            payload,
            result,
            error: error.map(|error| Failure {
                kind: error.kind.as_str(),
                message: &error.message,
                attempt: error.attempt,
            }),
        };
        // This cannot fail: every part is text already.
        serde_json::to_string(&Description { task }).unwrap_or_default()
    };
    let payload = content.payload.as_deref();
    let fits = |text: &String| text.len() <= LONGEST_PAYLOAD;
    let choices = [(payload, result), (None, result), (None, None)];
    let fitting = choices.into_iter().map(|(payload, result)| text(payload, result)).find(fits);
    RawValue::from_string(fitting.unwrap_or_else(|| "null".to_owned())).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// How long a record is kept at least while a callback is owed, even if its retention is shorter: SQS keeps a message for no
/// longer than 14 days, and an outage of the scheduler for as long is a lost stack.
pub(crate) const KEPT_WHILE_OWED: std::time::Duration = std::time::Duration::from_secs(14 * 86_400);

/// How long the record of a callback is kept after its end, in seconds: longer than any record owes it. A process that makes a
/// callback once more must find the record.
const RETAINED_SECONDS: u32 = 15 * 86_400;

/// Until when a record is kept that ended at `at`, if it owes a callback.
pub(crate) fn kept_while_owed(at: Time, retained_until: Time) -> Time {
    let kept = at.after(KEPT_WHILE_OWED).as_millis().div_ceil(1000) * 1000;
    retained_until.max(Time::from_millis(kept))
}

#[cfg(test)]
mod tests;
