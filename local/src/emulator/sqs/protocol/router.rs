//! Reads a request, finds its action, and writes the response.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, header};

use super::{
    action::run,
    attributes::{GetQueueAttributes, SetQueueAttributes},
    error::{self, CONTENT_TYPE},
    permission,
    queues::{CreateQueue, DeleteQueue, GetQueueUrl, ListDeadLetterSourceQueues, ListQueues, PurgeQueue},
    receipts::{ChangeMessageVisibility, ChangeMessageVisibilityBatch, DeleteMessage, DeleteMessageBatch},
    receive,
    send::{SendMessage, SendMessageBatch},
    tags::{ListQueueTags, TagQueue, UntagQueue},
};
use crate::emulator::sqs::{Sqs, SqsError};

/// The longest request body, in bytes. JSON may escape each byte of a 1 MiB batch as six characters.
const BODY_LIMIT: usize = 8 << 20;

/// Answers on every path, because some SDKs post to `/` and others to the queue's URL.
pub(in crate::emulator::sqs) fn router(sqs: Sqs) -> Router {
    Router::new().fallback(answer).with_state(sqs)
}

pub(super) async fn answer(State(sqs): State<Sqs>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let id = request_id(&sqs);
    let mut response = if matches!(head.method, Method::GET | Method::HEAD) {
        "this is an SQS endpoint: send requests of the JSON protocol by POST\n".into_response()
    } else if head.method != Method::POST {
        error::response(&SqsError::UnsupportedOperation(format!("expected the method POST, found {}", head.method)))
    } else if is_query_protocol(&head.headers) {
        error::query_protocol()
    } else {
        match call(&sqs, &head.headers, body).await {
            Ok(json) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], json).into_response(),
            Err(refusal) => {
                tracing::debug!(sqs.action = ?head.headers.get("x-amz-target"), error = %refusal, "refused a call");
                error::response(&refusal)
            }
        }
    };
    response.headers_mut().insert("x-amzn-requestid", id);
    response
}

async fn call(sqs: &Sqs, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, SqsError> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let Some(action) = target.strip_prefix("AmazonSQS.") else {
        return Err(SqsError::UnknownOperation(format!(
            "expected the header X-Amz-Target: AmazonSQS.ACTION, found \"{target}\""
        )));
    };
    let body =
        axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| SqsError::RequestTooLarge { limit: BODY_LIMIT })?;
    // A client may omit the body of an action without parameters.
    let body = if body.is_empty() { b"{}" } else { &body[..] };
    if let Some(calls) = sqs.calls() {
        calls.note(headers, permission::of(action), permission::resource(body));
    }
    match action {
        "SendMessage" => run::<SendMessage>(sqs, action, body),
        "SendMessageBatch" => run::<SendMessageBatch>(sqs, action, body),
        "ReceiveMessage" => receive::run(sqs, action, body).await,
        "DeleteMessage" => run::<DeleteMessage>(sqs, action, body),
        "DeleteMessageBatch" => run::<DeleteMessageBatch>(sqs, action, body),
        "ChangeMessageVisibility" => run::<ChangeMessageVisibility>(sqs, action, body),
        "ChangeMessageVisibilityBatch" => run::<ChangeMessageVisibilityBatch>(sqs, action, body),
        "CreateQueue" => run::<CreateQueue>(sqs, action, body),
        "DeleteQueue" => run::<DeleteQueue>(sqs, action, body),
        "PurgeQueue" => run::<PurgeQueue>(sqs, action, body),
        "GetQueueUrl" => run::<GetQueueUrl>(sqs, action, body),
        "ListQueues" => run::<ListQueues>(sqs, action, body),
        "ListDeadLetterSourceQueues" => run::<ListDeadLetterSourceQueues>(sqs, action, body),
        "GetQueueAttributes" => run::<GetQueueAttributes>(sqs, action, body),
        "SetQueueAttributes" => run::<SetQueueAttributes>(sqs, action, body),
        "TagQueue" => run::<TagQueue>(sqs, action, body),
        "UntagQueue" => run::<UntagQueue>(sqs, action, body),
        "ListQueueTags" => run::<ListQueueTags>(sqs, action, body),
        "StartMessageMoveTask"
        | "CancelMessageMoveTask"
        | "ListMessageMoveTasks"
        | "AddPermission"
        | "RemovePermission" => {
            Err(SqsError::UnsupportedOperation(format!("{action} is not supported by this endpoint")))
        }
        unknown => Err(SqsError::UnknownOperation(format!("unknown action {unknown}"))),
    }
}

fn is_query_protocol(headers: &HeaderMap) -> bool {
    let form = |value: &HeaderValue| value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
    !headers.contains_key("x-amz-target") && headers.get(header::CONTENT_TYPE).is_some_and(form)
}

fn request_id(sqs: &Sqs) -> HeaderValue {
    let id = format!("00000000-0000-4000-8000-{:012x}", sqs.next_request());
    HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"))
}
