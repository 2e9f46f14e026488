//! A door before DynamoDB that notes who asks for what, and hands every request on as it came.
//!
//! The engine serves its protocol on a listener alone, and what it answers in HTTP it does not offer otherwise. So a
//! request goes through here to a port that nobody else knows; which about doubles what it takes, and is why the door is
//! there only where somebody wants to know.

use std::future::Future;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
    serve::ListenerExt,
};
use http::{StatusCode, header};
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    calls::Calls,
    template::{ACCOUNT, REGION},
};

/// DynamoDB takes bodies of up to 16 MiB.
const BODY_LIMIT: usize = 16 << 20;

const TARGET: &str = "DynamoDB_20120810.";

#[derive(Clone)]
struct Door {
    client: Client,
    engine: String,
    calls: Calls,
}

/// Hands on to `engine`, a URL, until `shutdown` ends and the requests under way are answered.
pub(super) async fn serve(
    listener: TcpListener,
    engine: String,
    calls: Calls,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), String> {
    let client = Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
    let router = Router::new().fallback(answer).with_state(Door { client, engine, calls });
    let listener = listener.tap_io(|stream| {
        // Only latency is lost without it.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await.map_err(|error| error.to_string())
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    if let Some(operation) = target.and_then(|target| target.strip_prefix(TARGET)) {
        for (action, resource) in permissions(operation, &body) {
            door.calls.note(&head.headers, action, resource);
        }
    }
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let onward = door.client.request(head.method, format!("{}{path}", door.engine)).headers(head.headers).body(body);
    let answered = match onward.send().await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::warn!(error = %taskway_runtime::log::causes(&error), "the engine does not answer");
            return StatusCode::BAD_GATEWAY.into_response();
        }
    };
    let (status, mut headers) = (answered.status(), answered.headers().clone());
    // These are of one connection, and this is another.
    headers.remove(header::CONNECTION);
    headers.remove(header::TRANSFER_ENCODING);
    match answered.bytes().await {
        Ok(body) => (status, headers, Body::from(body)).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// The permissions that AWS looks for before it does an operation.
fn permissions(operation: &str, body: &Bytes) -> Vec<(String, String)> {
    // What is no JSON is refused before anybody's permissions matter.
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let of = |action: &str, table: &str| (format!("dynamodb:{action}"), arn(table));
    let named = |value: &Value| value["TableName"].as_str().unwrap_or_default().to_owned();
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| of(operation, table)).collect()
        }
        // A transaction is not permitted as such, but each of its parts as what it is.
        "TransactGetItems" | "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
            let action = |part: &str| match part {
                "Get" => "GetItem",
                "Put" => "PutItem",
                "Update" => "UpdateItem",
                "Delete" => "DeleteItem",
                "ConditionCheck" => "ConditionCheckItem",
                _ => "Transact",
            };
            parts.map(|(part, request)| of(action(part), &named(request))).collect()
        }
        _ => {
            let (action, resource) = of(operation, &named(&body));
            match (&body["TableName"], &body["IndexName"]) {
                (Value::String(_), Value::String(index)) => vec![(action, format!("{resource}/index/{index}"))],
                (Value::String(_), _) => vec![(action, resource)],
                // Whatever it is about.
                _ => vec![(action, "*".to_owned())],
            }
        }
    }
}

/// Of a table's name, or of its ARN, which is as good as its name.
fn arn(table: &str) -> String {
    if table.starts_with("arn:") {
        return table.to_owned();
    }
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
}

#[cfg(test)]
mod tests;
