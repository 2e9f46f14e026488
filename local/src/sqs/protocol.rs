//! AWS's JSON protocol: one POST a call, the action in `X-Amz-Target`, one JSON object each way.

mod attributes;
mod batch;
mod error;
mod md5;
mod queues;
mod receipts;
mod receive;
mod send;
mod tags;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Interruption, Sqs, SqsError, core::arn};

/// Room for a batch of 1 MiB in which JSON escapes every byte as six characters.
const BODY_LIMIT: usize = 8 << 20;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

/// An action that is over once the broker has been asked.
trait Action: DeserializeOwned {
    type Answer: Serialize;

    /// The queue's URL or name, as it was given.
    fn queue(&self) -> Option<&str>;

    /// Does it. `queue` is the queue's name.
    fn run(self, sqs: &Sqs, queue: &str) -> Result<Self::Answer, SqsError>;
}

/// The answer of actions that say nothing.
#[derive(Serialize)]
struct Nothing {}

/// Every path is one endpoint, because SDKs post to `/` or to the queue's own URL as they see fit.
pub(super) fn router(sqs: Sqs) -> Router {
    Router::new().fallback(answer).with_state(sqs)
}

async fn answer(State(sqs): State<Sqs>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let id = request_id(&sqs);
    let mut response = if matches!(head.method, Method::GET | Method::HEAD) {
        "an Amazon SQS endpoint: POST the JSON protocol here\n".into_response()
    } else if head.method != Method::POST {
        error::response(&SqsError::UnsupportedOperation(format!("{} is not POST", head.method)))
    } else if is_query_protocol(&head.headers) {
        error::query_protocol()
    } else {
        match call(&sqs, &head.headers, body).await {
            Ok(json) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], json).into_response(),
            Err(refusal) => {
                tracing::debug!(sqs.action = ?head.headers.get("x-amz-target"), error = %refusal, "refused");
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
        return Err(SqsError::UnknownOperation(format!("no X-Amz-Target of the form AmazonSQS.Action: \"{target}\"")));
    };
    let body =
        axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| SqsError::RequestTooLarge { limit: BODY_LIMIT })?;
    // An action without parameters may come without a body.
    let body = if body.is_empty() { b"{}" } else { &body[..] };
    if let Some(calls) = sqs.calls() {
        calls.note(headers, permission(action), resource(body));
    }
    match action {
        "SendMessage" => run::<send::SendMessage>(sqs, action, body),
        "SendMessageBatch" => run::<send::SendMessageBatch>(sqs, action, body),
        "ReceiveMessage" => receive::run(sqs, action, body).await,
        "DeleteMessage" => run::<receipts::DeleteMessage>(sqs, action, body),
        "DeleteMessageBatch" => run::<receipts::DeleteMessageBatch>(sqs, action, body),
        "ChangeMessageVisibility" => run::<receipts::ChangeMessageVisibility>(sqs, action, body),
        "ChangeMessageVisibilityBatch" => run::<receipts::ChangeMessageVisibilityBatch>(sqs, action, body),
        "CreateQueue" => run::<queues::CreateQueue>(sqs, action, body),
        "DeleteQueue" => run::<queues::DeleteQueue>(sqs, action, body),
        "PurgeQueue" => run::<queues::PurgeQueue>(sqs, action, body),
        "GetQueueUrl" => run::<queues::GetQueueUrl>(sqs, action, body),
        "ListQueues" => run::<queues::ListQueues>(sqs, action, body),
        "ListDeadLetterSourceQueues" => run::<queues::ListDeadLetterSourceQueues>(sqs, action, body),
        "GetQueueAttributes" => run::<attributes::GetQueueAttributes>(sqs, action, body),
        "SetQueueAttributes" => run::<attributes::SetQueueAttributes>(sqs, action, body),
        "TagQueue" => run::<tags::TagQueue>(sqs, action, body),
        "UntagQueue" => run::<tags::UntagQueue>(sqs, action, body),
        "ListQueueTags" => run::<tags::ListQueueTags>(sqs, action, body),
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

/// The permission that AWS looks for: a batch needs no other than its single action.
fn permission(action: &str) -> String {
    format!("sqs:{}", action.strip_suffix("Batch").unwrap_or(action))
}

/// The ARN of the queue that a request is about.
fn resource(body: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct About {
        queue_url: Option<String>,
        queue_name: Option<String>,
    }
    let about: Option<About> = serde_json::from_slice(body).ok();
    match about.and_then(|about| about.queue_url.or(about.queue_name)) {
        Some(queue) => arn(name_in(&queue)),
        None => "*".to_owned(),
    }
}

fn run<A: Action>(sqs: &Sqs, action: &str, body: &[u8]) -> Result<Vec<u8>, SqsError> {
    let parameters: A = parse(body)?;
    let queue = parameters.queue().map(name_in).unwrap_or_default().to_owned();
    let interruption = sqs.interruption(action, &queue);
    if interruption == Interruption::RefuseBefore {
        return Err(SqsError::ServiceUnavailable);
    }
    finish(interruption, parameters.run(sqs, &queue))
}

/// Writes the answer, or loses it, a refusal too.
fn finish(interruption: Interruption, answer: Result<impl Serialize, SqsError>) -> Result<Vec<u8>, SqsError> {
    match interruption {
        Interruption::LoseAnswer => Err(SqsError::ServiceUnavailable),
        Interruption::None | Interruption::RefuseBefore => {
            serde_json::to_vec(&answer?).map_err(|error| SqsError::Serialization(error.to_string()))
        }
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| SqsError::Serialization(error.to_string()))
}

/// The queue's name in its URL. Host and account are not looked at: a client may reach this process by any name.
fn name_in(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.rsplit('/').next().unwrap_or(url)
}

/// The parameter, or the refusal of a request without it.
fn required<T>(parameter: Option<T>, name: &str) -> Result<T, SqsError> {
    parameter.ok_or_else(|| SqsError::MissingParameter(name.to_owned()))
}

fn is_query_protocol(headers: &HeaderMap) -> bool {
    let form = |value: &HeaderValue| value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
    !headers.contains_key("x-amz-target") && headers.get(header::CONTENT_TYPE).is_some_and(form)
}

fn request_id(sqs: &Sqs) -> HeaderValue {
    let id = format!("00000000-0000-4000-8000-{:012x}", sqs.next_request());
    HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"))
}
