//! Finding a task by its public id, and answering with it.

use axum::extract::Path;
use axum::{
    extract::rejection::PathRejection,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use serde_json::value::RawValue;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{
    LONGEST_MESSAGE_DELAY, State, Stored, Task, TaskId, Time, content::TaskContent, message::Outgoing,
};

use taskway_api::CallbackRequest;

use crate::{Submit, accept::unavailable, problem::Problem};

/// The id in a path. A malformed one is no task's.
pub(super) type Id = Result<Path<String>, PathRejection>;

/// The large parts of a task, read from wherever they are.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) content: TaskContent,
    pub(crate) result: Option<Box<RawValue>>,
    /// Where the payload and the result can be read that are in the bucket.
    urls: Urls,
}

#[derive(Debug, Default)]
struct Urls {
    payload: Option<String>,
    result: Option<String>,
}

impl Parts {
    /// Those of a task that has just been accepted.
    pub(crate) fn new(content: TaskContent) -> Self {
        Parts { content, result: None, urls: Urls::default() }
    }

    /// The task with its payload and result.
    pub(crate) fn whole(&self, task: &Task, now: Time) -> taskway_api::Task<&RawValue> {
        let payload = self.content.payload.as_deref().unwrap_or(RawValue::NULL);
        let result = self.result.as_deref().unwrap_or(RawValue::NULL);
        let brief = taskway_api::Task::of(task, &self.content, now);
        taskway_api::Task {
            payload: Some(payload),
            result: Some(result),
            payload_url: self.urls.payload.clone(),
            result_url: self.urls.result.clone(),
            on_success: self.content.on_success.as_deref().map(CallbackRequest::shown),
            on_failure: self.content.on_failure.as_deref().map(CallbackRequest::shown),
            ..brief
        }
    }
}

impl Submit {
    /// The task of that id.
    pub(super) async fn find(&self, id: Id) -> Result<Task, Problem> {
        let missing = || Problem::not_found("task");
        let id = id.ok().and_then(|Path(text)| TaskId::parse(&text)).ok_or_else(missing)?;
        let task = self.services.store.get(&id.key).await.map_err(|error| unavailable(&error))?;
        // Another life under the same idempotency key is another task.
        if task.id != id || task.is_forgotten(self.services.clock.now()) { Err(missing()) } else { Ok(task) }
    }

    /// The task's large parts, wherever they are kept.
    pub(super) async fn parts(&self, task: &Task) -> Result<Parts, Problem> {
        let text = self.text(task, &task.spec.body).await?;
        let content = TaskContent::from_text(&text, &task.spec.route).map_err(|_| Problem::internal())?;
        let mut urls = Urls::default();
        if let Some(object) = &content.large_payload {
            urls.payload = self.download_url(task, object).await;
        }
        let result = match &task.result {
            Some(Stored::Object(object)) => {
                urls.result = self.download_url(task, object).await;
                None
            }
            Some(stored) => RawValue::from_string(self.text(task, stored).await?).ok(),
            None => None,
        };
        Ok(Parts { content, result, urls })
    }

    async fn text(&self, task: &Task, stored: &Stored) -> Result<String, Problem> {
        self.stored(task, stored).await?.ok_or_else(Problem::internal)
    }

    /// A text of the task's that is in the table; none where its item is gone.
    pub(crate) async fn stored(&self, task: &Task, stored: &Stored) -> Result<Option<String>, Problem> {
        match stored {
            Stored::Inline(text) => Ok(Some(text.to_string())),
            Stored::TextPart(digest) => match self.services.store.get_part(&task.id.key, digest).await {
                Ok(text) => Ok(Some(text)),
                Err(StoreError::NotFound) => Ok(None),
                Err(error) => Err(unavailable(&error)),
            },
            // What is in the bucket may be too much for an answer.
            Stored::Object(_) => Ok(None),
        }
    }

    /// Answers with a whole task.
    pub(super) async fn answer(&self, task: &Task) -> Result<Response, Problem> {
        let parts = self.parts(task).await?;
        Ok(json(StatusCode::OK, &parts.whole(task, self.services.clock.now())))
    }

    /// Sends the message of a task that was just put in the agenda, if it is due soon. Should that fail, the next tick
    /// sends it.
    pub(crate) async fn send_if_near(&self, task: &Task) {
        let State::Scheduled { due, .. } = task.state else { return };
        if due.since(self.services.clock.now()) > LONGEST_MESSAGE_DELAY {
            return;
        }
        if let Err(error) = self.services.send(&Outgoing::of(task, due)).await {
            tracing::warn!(task.id = %task.id, error = %taskway_runtime::log::causes(&error), "cannot send; a tick will");
        }
    }
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => {
            tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot write an answer");
            Problem::internal().into_response()
        }
    }
}
