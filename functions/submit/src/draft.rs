//! From what a client asked for to a task's first record.

use sha2::{Digest as _, Sha256};
use taskway_api::{CallbackRequest, Instant, TaskRequest, fingerprint};
use taskway_cloud::dynamo::fitted;
use taskway_protocol::{Callbacks, Idempotency, NewTask, Spec, Stored, TaskId, TaskKey, Time, content::TaskContent};

use crate::problem::Place;

/// A task that is about to be accepted.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its first record.
    pub(crate) new: NewTask,
    /// Its content.
    pub(crate) content: TaskContent,
    /// Where in the request its idempotency key stands.
    pub(crate) key_place: Place,
    /// What becomes of a task that is there under its key.
    pub(crate) found: Found,
}

/// What a request makes of the task that is there under its idempotency key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// It is the answer. If there is none, the draft becomes the task.
    Answers,
    /// It is the answer, and was seen there. The draft must not become a task.
    Only,
    /// It is replaced by the draft. If there is none, the draft becomes the task.
    IsReplaced {
        /// The life for which the draft's upload was taken. `None` if there was none, or the draft has no upload.
        life: Option<TaskId>,
    },
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
    /// Whether it replaces the task that is there under its key.
    pub(crate) fn is_replacing(&self) -> bool {
        matches!(self.found, Found::IsReplaced { .. })
    }

    /// `random` makes the key of a task that has no idempotency key.
    pub(crate) fn of(request: &TaskRequest, traceparent: Option<String>, random: [u8; 16], now: Time) -> Self {
        let (target, payload) = (request.target.clone(), request.payload.clone());
        let content = TaskContent {
            payload,
            large_payload: request.payload_ref,
            labels: request.labels.clone(),
            traceparent,
            on_success: request.on_success.as_ref().map(CallbackRequest::callback),
            on_failure: request.on_failure.as_ref().map(CallbackRequest::callback),
            ..TaskContent::of(target)
        };
        let key = request.idempotency_key.as_deref().map_or(TaskKey::from_bytes(random), key_of);
        let idempotency = request.idempotency_key.clone();
        let spec = Spec {
            options: request.options.clone(),
            route: content.target.route(),
            body: Stored::Inline("".into()),
            run_at: request.start().due(now),
            deadline: request.deadline.map(|Instant(deadline)| deadline),
            callbacks: Callbacks::of(&content),
            idempotency: idempotency.map(|key| Idempotency { key, fingerprint: fingerprint(request) }),
        };
        let found = if request.replace { Found::IsReplaced { life: None } } else { Found::Answers };
        let new = fitted(NewTask::of(TaskId { key, born: now }, spec, content.to_text(), now));
        Draft { new, content, key_place: Place::Pointer("/idempotency_key".into()), found }
    }
}
