//! `POST /v1/payloads`, and the uploads with which tasks are submitted.

use std::time::Duration;

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use taskway_api::{Instant, LONGEST_CHANGE_BODY, Upload, UploadCall, UploadRequest};
use taskway_cloud::objects::ObjectError;
use taskway_protocol::{Object, Task};
use taskway_runtime::faults::CrashPoint;
use taskway_strict::json::Document;

use crate::{
    Submit,
    accept::RETRY_AFTER,
    caller::Client,
    draft::{Draft, Found},
    problem::{FieldError, Problem},
    request,
    tasks::json,
};

/// How long a client has to begin its upload, or to begin to read a payload or a result.
const VALID: Duration = Duration::from_secs(15 * 60);

/// Tells a client how to upload.
pub(crate) async fn create(
    State(submit): State<Submit>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = request::json_body(&headers, body, LONGEST_CHANGE_BODY).await?;
    let asked = {
        let document = Document::read(&bytes).map_err(|fault| Problem::not_json(&fault))?;
        UploadRequest::read(document.root()).map_err(Problem::validation)?
    };
    let object = asked.object().ok_or_else(Problem::internal)?;
    let now = submit.services.clock.now();
    let objects = submit.services.objects.as_ref().ok_or_else(|| Problem::not_found("bucket for payloads"))?;
    let signed = objects.presign_upload(&object, client.name(), now, VALID).await;
    let signed = signed.map_err(|error| {
        tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot sign a request to the bucket");
        Problem::unavailable(RETRY_AFTER)
    })?;
    let headers = signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let upload = UploadCall { method: "PUT".to_owned(), url: signed.url, headers };
    let answer = Upload { payload_ref: object.to_string(), upload, expires_at: Instant(now.after(VALID)) };
    Ok(json(StatusCode::CREATED, &answer))
}

impl Submit {
    /// Gives the task the upload that its request names. A task whose upload is gone may be the replay of one that is there.
    pub(crate) async fn take_upload(&self, draft: &mut Draft, client: &Client) -> Result<(), Problem> {
        let Some(upload) = draft.content.large_payload else { return Ok(()) };
        let mut id = draft.new.task.id;
        if draft.new.task.spec.idempotency.is_some()
            && let Some(there) = self.kept(&id.key).await?
        {
            match &mut draft.found {
                Found::Answers | Found::Only => {
                    draft.found = Found::Only;
                    return Ok(());
                }
                // The object's name begins with the id of the life that has it.
                Found::IsReplaced { life } => {
                    *life = Some(there.id);
                    id = there.id;
                }
            }
        }
        let refused = |detail: &str| Problem::validation(vec![FieldError::pointer("/payload_ref", detail)]);
        let Some(objects) = &self.services.objects else {
            return Err(refused("is not taken: this stack has no bucket for payloads"));
        };
        match objects.take_upload(&upload, client.name(), id).await {
            Ok(()) => {
                self.services.faults.reach(CrashPoint::UploadTaken).await;
                Ok(())
            }
            Err(ObjectError::NotFound) => Err(refused(
                "names no upload of yours: make the request that POST /v1/payloads answers with, and submit the task within a day",
            )),
            Err(ObjectError::Other) => Err(refused("names an upload of other bytes: upload it again")),
            Err(error @ (ObjectError::Call(_) | ObjectError::Unreadable)) => {
                tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot take an upload");
                Err(Problem::unavailable(RETRY_AFTER))
            }
        }
    }

    /// Where a client can read an object of this task. `None` if it cannot be signed now.
    pub(crate) async fn download_url(&self, task: &Task, object: &Object) -> Option<String> {
        let now = self.services.clock.now();
        match self.services.objects.as_ref()?.presign_download(object, task.id, now, VALID).await {
            Ok(url) => Some(url),
            Err(error) => {
                tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot sign a request to the bucket");
                None
            }
        }
    }
}
