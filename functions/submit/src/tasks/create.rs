//! `POST /v1/tasks`.

use taskway_api::{LONGEST_TASK_BODY, Late, TaskRequest};
use taskway_protocol::Limits;
use taskway_strict::json::{Document, Value};

use axum::{body::Body, extract::State, response::Response};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header::LOCATION};
use taskway_protocol::Time;

use super::find::{Parts, json};
use crate::{
    Mount, Submit,
    accept::Accepted,
    caller::Client,
    draft::{Draft, key_of},
    headers,
    problem::{FieldError, Place, Problem},
    request,
};

pub(crate) async fn create(
    State(submit): State<Submit>,
    mount: Mount,
    client: Client,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<Response, Problem> {
    let now = submit.services.clock.now();
    let answer_by = request::answer_by(&extensions, now);
    let bytes = request::json_body(&headers, body, LONGEST_TASK_BODY).await?;
    let header_key = headers::idempotency_key(&headers);
    let asked = {
        let document = Document::read(&bytes).map_err(|fault| Problem::not_json(&fault))?;
        Asked::read(document.root(), header_key.as_deref(), &submit.limits, now)
    };
    let traceparent = headers::traceparent(&headers);
    let submission = submit.judge(asked).await?;
    let mut draft = submit.draft(&submission, traceparent, now);
    if header_key.is_some() {
        draft.key_place = Place::Header("Idempotency-Key".into());
    }
    if draft.content.large_payload.is_some() {
        Box::pin(submit.take_upload(&mut draft, &client)).await?;
    }
    let accepted = submit.accept(&draft).await?;
    let (mut task, replayed) = match accepted {
        Accepted::New(task) => (task, false),
        Accepted::Replayed(task) => (task, true),
    };

    // From here on the task is accepted: whatever fails, that is the answer.
    let mut wait = headers::wait(&headers);
    if let Some(asked) = wait {
        let until = submit.services.clock.now().after(asked);
        let waited;
        (task, waited) = submit.wait_for_end(task, answer_by.map_or(until, |by| until.min(by))).await;
        wait = Some(asked).filter(|_| waited);
    }
    let ended = task.state_at(submit.services.clock.now()).is_ended();
    let status = if replayed || (wait.is_some() && ended) { StatusCode::OK } else { StatusCode::ACCEPTED };
    let own = Parts::new(draft.content);
    let parts = if ended || replayed { submit.parts(&task).await.unwrap_or(own) } else { own };
    let mut answer = json(status, &parts.whole(&task, submit.services.clock.now()));
    if let Some(location) = mount.location(&format!("/v1/tasks/{}", task.id)) {
        answer.headers_mut().insert(LOCATION, location);
    }
    if replayed {
        let name = HeaderName::from_static("idempotent-replayed");
        answer.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    if let Some(applied) = wait.and_then(|wait| HeaderValue::from_str(&format!("wait={}", wait.as_secs())).ok()) {
        answer.headers_mut().insert(HeaderName::from_static("preference-applied"), applied);
    }
    Ok(answer)
}

/// What a request asks for.
pub(super) enum Asked {
    /// A task.
    Sound(TaskRequest),
    /// A task, were it not too late for its deadline.
    Late(TaskRequest, Vec<FieldError>),
    /// Nothing that can be done.
    Wrong(Vec<FieldError>),
}

impl Asked {
    pub(super) fn read(json: Value<'_>, header_key: Option<&str>, limits: &Limits, now: Time) -> Self {
        match TaskRequest::read(json, header_key, limits, now, Late::Refused) {
            Ok(submission) => Asked::Sound(submission),
            Err(errors) => match TaskRequest::read(json, header_key, limits, now, Late::Taken) {
                Ok(late) => Asked::Late(late, errors),
                Err(_) => Asked::Wrong(errors),
            },
        }
    }
}

impl Submit {
    pub(super) fn draft(&self, submission: &TaskRequest, traceparent: Option<String>, now: Time) -> Draft {
        Draft::of(submission, traceparent, self.services.random.bytes(), now)
    }

    /// A request that is late may still be the replay of one that was not: if its task is there, it is answered with
    /// that; else it has its faults.
    pub(super) async fn judge(&self, asked: Asked) -> Result<TaskRequest, Problem> {
        let (late, errors) = match asked {
            Asked::Sound(submission) => return Ok(submission),
            Asked::Late(late, errors) => (late, errors),
            Asked::Wrong(errors) => return Err(Problem::validation(errors)),
        };
        let replayed = late.idempotency_key.as_deref().filter(|_| !late.replace);
        let Some(key) = replayed else { return Err(Problem::validation(errors)) };
        match self.kept(&key_of(key)).await? {
            Some(_) => Ok(late),
            None => Err(Problem::validation(errors)),
        }
    }
}
