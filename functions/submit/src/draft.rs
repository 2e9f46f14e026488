//! From what a client asked for to a task's first record.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use taskway::{
    body::{self, Body},
    domain::{
        Fence, Generation, Idempotency, LONGEST_MESSAGE_DELAY, Spec, State, Stored, Task, TaskId, TaskKey, Time, Wait,
    },
    dynamo::room,
    sqs::{Message, Outgoing},
};

use crate::{
    problem::Place,
    submission::{Submission, Target, fingerprint},
};

/// Space that a record keeps for what its life adds: owner, lease, agenda entry, an error or a small result. With it
/// every later write costs one unit.
const LIFE: usize = 420;

/// How far ahead a task can be put.
const FARTHEST: Duration = Duration::from_secs(366 * 86_400);

/// A task that is about to be written.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its first record.
    pub(crate) task: Task,
    /// Its body's text, which the record holds or names.
    pub(crate) text: Box<str>,
    /// Its body.
    pub(crate) body: Body,
    /// Where in the request its idempotency key stands.
    pub(crate) key_place: Place,
}

/// The key in the table of an idempotency key: the same for ever.
pub(crate) fn key_of(idempotency_key: &str) -> TaskKey {
    let mut hash = Sha256::new();
    hash.update(b"taskway idempotency key\0");
    hash.update(idempotency_key.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    TaskKey::from_bytes(short)
}

impl Draft {
    /// `random` makes the key of a task that has no idempotency key.
    pub(crate) fn of(
        submission: &Submission,
        traceparent: Option<String>,
        random: [u8; 16],
        now: Time,
    ) -> serde_json::Result<Self> {
        let (handler, http) = match &submission.target {
            Target::Handler(name) => (Some(name.clone()), None),
            Target::Http(target) => (None, Some(target.clone())),
        };
        let body = Body { http, payload: submission.payload.clone(), labels: submission.labels.clone(), traceparent };
        let text = body.to_text()?;
        let run_at = submission.start.due(now);
        let key = submission.idempotency_key.as_deref().map_or(TaskKey::from_bytes(random), key_of);
        let state = if run_at.since(now) <= LONGEST_MESSAGE_DELAY {
            State::Queued { due: run_at }
        } else {
            State::Scheduled { due: run_at, wait: Wait::Due }
        };
        let mut task = Task {
            id: TaskId { key, born: now },
            spec: Spec {
                queue: submission.queue.clone(),
                priority: submission.priority,
                handler,
                body: Stored::Inline(text.clone()),
                run_at,
                deadline: submission.deadline,
                timeout_seconds: submission.timeout_seconds,
                retry: submission.retry,
                idempotency: submission
                    .idempotency_key
                    .clone()
                    .map(|key| Idempotency { key, fingerprint: fingerprint(submission) }),
                fairness_key: submission.fairness_key.clone(),
                expected_duration_ms: submission.expected_duration_ms,
                retain_seconds: submission.retain_seconds,
            },
            state,
            generation: Generation::FIRST,
            fence: Fence::NONE,
            attempts: 0,
            started_at: None,
            progress: None,
            checkpoint: None,
            result: None,
            error: None,
        };
        if room(&task) < LIFE {
            task.spec.body = Stored::Aside(body::digest(text.as_bytes()));
        }
        let key_place = Place::Pointer("/idempotency_key".into());
        Ok(Draft { task, text, body, key_place })
    }

    /// How long the body's own item is kept. Fixed now, so that it is never written again: as long as the task can wait
    /// and be kept after that.
    pub(crate) fn keep_body_until(&self) -> Time {
        let spec = &self.task.spec;
        spec.run_at.after(FARTHEST).after(Duration::from_secs(u64::from(spec.retain_seconds)))
    }

    /// Its first message; none when it waits in the agenda.
    pub(crate) fn message(&self) -> Option<Outgoing> {
        match self.task.state {
            State::Queued { due } => Some(Outgoing {
                lane: self.task.spec.priority,
                message: Message::of(&self.task, due).carrying(&self.task.spec.body, &self.text),
                fairness_key: self.task.spec.fairness_key.clone(),
            }),
            State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => None,
        }
    }
}
