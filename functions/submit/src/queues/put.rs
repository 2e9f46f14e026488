//! `PUT` and `PATCH /v1/queues/{name}`.

use std::time::Duration;

use axum::{body::Body, extract::State, response::Response};
use http::{Extensions, HeaderMap};
use taskway_api::{LONGEST_CHANGE_BODY, QueueRequest};
use taskway_protocol::{QueueSettings, Wanted};
use taskway_strict::json::Document;

use super::find::{Name, answer, named};
use crate::{
    Submit,
    accept::unavailable,
    problem::{FieldError, Problem},
    request,
};

/// How many held tasks a request sends that lets a queue go on. The next tick sends the rest.
const SENT_AT_ONCE: usize = 500;

/// How often settings are written again upon what somebody else has set meanwhile.
const TRIES: usize = 5;

/// How long such a request sends.
const SENDS_FOR: Duration = Duration::from_secs(5);

/// Sets up a queue: what is left out has its default.
pub(crate) async fn put(
    State(submit): State<Submit>,
    name: Name,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<Response, Problem> {
    let (name, asked) = read(&submit, name, &headers, body).await?;
    let per_key = asked.per_key.flatten().unwrap_or_default();
    let whole = Wanted {
        paused: asked.paused.unwrap_or_default(),
        concurrency: asked.concurrency.flatten(),
        rate: asked.rate.flatten().map(Into::into),
        key_concurrency: per_key.concurrency.flatten(),
        key_rate: per_key.rate.flatten().map(Into::into),
    };
    submit.steer(&name, |wanted| *wanted = whole, &extensions).await
}

/// Changes a queue: what is left out stays.
pub(crate) async fn patch(
    State(submit): State<Submit>,
    name: Name,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<Response, Problem> {
    let (name, asked) = read(&submit, name, &headers, body).await?;
    let change = |wanted: &mut Wanted| {
        wanted.paused = asked.paused.unwrap_or(wanted.paused);
        wanted.concurrency = asked.concurrency.unwrap_or(wanted.concurrency);
        wanted.rate = asked.rate.map_or(wanted.rate, |rate| rate.map(Into::into));
        match &asked.per_key {
            None => {}
            Some(None) => (wanted.key_concurrency, wanted.key_rate) = (None, None),
            Some(Some(per_key)) => {
                wanted.key_concurrency = per_key.concurrency.unwrap_or(wanted.key_concurrency);
                wanted.key_rate = per_key.rate.map_or(wanted.key_rate, |rate| rate.map(Into::into));
            }
        }
    };
    submit.steer(&name, change, &extensions).await
}

async fn read(submit: &Submit, name: Name, headers: &HeaderMap, body: Body) -> Result<(String, QueueRequest), Problem> {
    let bytes = request::json_body(headers, body, LONGEST_CHANGE_BODY).await?;
    // A name that no queue can have is a fault of this request, which would make a queue.
    let name = named(name)
        .map_err(|_| Problem::validation(vec![FieldError::parameter("name", taskway_strict::words::NAME)]))?;
    let document = Document::read(&bytes).map_err(|fault| Problem::not_json(&fault))?;
    let asked = QueueRequest::read(document.root(), submit.limits.most_errors).map_err(Problem::validation)?;
    Ok((name, asked))
}

impl Submit {
    /// Changes what is wanted of a queue. If the queue is not paused then, sends what it has held, as far as there is room.
    /// The same settings again change nothing.
    pub(super) async fn steer(
        &self,
        name: &str,
        change: impl Fn(&mut Wanted),
        extensions: &Extensions,
    ) -> Result<Response, Problem> {
        let began = self.services.clock.now();
        let settings = self.set(name, change).await?;
        if !settings.paused {
            let most = began.after(SENDS_FOR);
            let until = request::answer_by(extensions, began).map_or(most, |by| by.min(most));
            if let Err(error) = self.services.dispatch_held(name, until, SENT_AT_ONCE).await {
                let error = taskway_runtime::log::causes(&error);
                tracing::warn!(queue.name = name, %error, "cannot send held tasks; a tick will");
            }
        }
        // The queue is steered, whether or not its tasks can be counted.
        let counts = self.counts(name, settings).await.unwrap_or_default();
        Ok(answer(name, settings, counts))
    }

    /// Writes the settings upon the newest ones, and returns what they are then.
    async fn set(&self, name: &str, change: impl Fn(&mut Wanted)) -> Result<QueueSettings, Problem> {
        for _ in 0..TRIES {
            let before = self.settings(name).await?;
            let mut wanted = before.wanted();
            change(&mut wanted);
            if wanted == before.wanted() {
                return Ok(before);
            }
            let settings = before.changed(wanted, self.services.clock.now());
            let set = self.services.store.set_queue(name, before, settings).await;
            if set.map_err(|error| unavailable(&error))? {
                return Ok(settings);
            }
        }
        Err(Problem { detail: "the queue is being changed by others".into(), ..Problem::throttled(1) })
    }
}
