//! A proxy in front of the engine that passes on what its doors let through, and can record every call.
//!
//! The engine offers its HTTP answers only on a listener of its own, where it answers every web page. So the proxy has the
//! known port, and forwards each request to a [hidden one](hidden). That about doubles the time of a request, so the
//! stack's own parts ask the engine directly.

use std::{future::Future, io, net::Ipv4Addr};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
    serve::ListenerExt,
};
use http::{HeaderMap, StatusCode, header};
use reqwest::Client;
use serde_json::Value;
use taskway_runtime::random::{Random, SystemRandom};
use tokio::net::TcpListener;

use crate::emulator::{
    account::{ACCOUNT, REGION},
    calls::Calls,
    doors::Doors,
};

/// The longest request body that DynamoDB accepts, in bytes.
const BODY_LIMIT: usize = 16 << 20;

const TARGET: &str = "DynamoDB_20120810.";

#[derive(Clone)]
struct Door {
    client: Client,
    engine: String,
    calls: Option<Calls>,
}

/// Listens for the engine at an address that nobody can guess: a random one of the 16 million of 127.0.0.0/8, and any free
/// port. Where a system has only 127.0.0.1, the random port has to do.
///
/// # Errors
/// No port is free.
pub async fn hidden() -> io::Result<TcpListener> {
    let [.., a, b, c] = SystemRandom.bits().to_be_bytes();
    match TcpListener::bind((Ipv4Addr::new(127, a, b, c.clamp(1, 254)), 0)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}

/// Forwards requests to the URL `engine`, and records them if there are `calls`. Ends when `shutdown` has resolved and the
/// open requests are answered.
pub(super) async fn serve(
    doors: Doors,
    listener: TcpListener,
    engine: String,
    calls: Option<Calls>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), String> {
    // The client asks for a TLS provider, though it never speaks TLS here. Installing fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Nor do the system's root certificates matter, which may not be readable.
    let client = Client::builder().no_proxy().tls_certs_only([]).build().map_err(|error| error.to_string())?;
    let router = doors.before(Router::new().fallback(answer).with_state(Door { client, engine, calls }));
    let listener = listener.tap_io(|stream| {
        // Without this option requests are only slower.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await.map_err(|error| error.to_string())
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    if let Some(calls) = &door.calls {
        note(calls, &head.headers, &body);
    }
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let onward = door.client.request(head.method, format!("{}{path}", door.engine)).headers(head.headers).body(body);
    let answered = match onward.send().await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot reach the embedded dynamodb engine");
            return StatusCode::BAD_GATEWAY.into_response();
        }
    };
    let (status, mut headers) = (answered.status(), answered.headers().clone());
    // These headers describe the connection to the engine, not the connection to the client.
    headers.remove(header::CONNECTION);
    headers.remove(header::TRANSFER_ENCODING);
    match answered.bytes().await {
        Ok(body) => (status, headers, Body::from(body)).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn note(calls: &Calls, headers: &HeaderMap, body: &Bytes) {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    if let Some(operation) = target.and_then(|target| target.strip_prefix(TARGET)) {
        for (action, resource) in permissions(operation, body) {
            calls.note(headers, action, resource);
        }
    }
}

/// The permissions that AWS checks before an operation, each with the ARN of its resource.
fn permissions(operation: &str, body: &Bytes) -> Vec<(String, String)> {
    // DynamoDB refuses a malformed body before it checks permissions.
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let of = |action: &str, table: &str| (format!("dynamodb:{action}"), arn(table));
    let named = |value: &Value| value["TableName"].as_str().unwrap_or_default().to_owned();
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| of(operation, table)).collect()
        }
        // AWS has no permission for a batch of statements. It checks the permission of each.
        "BatchExecuteStatement" => {
            let statements = body["Statements"].as_array().into_iter().flatten();
            statements
                .filter_map(|one| one["Statement"].as_str())
                .map(|text| of(partiql(text), table_of(text)))
                .collect()
        }
        // AWS has no permission for a transaction. It checks the permission of each part.
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
                // The operation names no table.
                _ => vec![(action, "*".to_owned())],
            }
        }
    }
}

/// The permission of a PartiQL statement, by its first word.
fn partiql(statement: &str) -> &'static str {
    match statement.split_whitespace().next().map(str::to_uppercase).as_deref() {
        Some("UPDATE") => "PartiQLUpdate",
        Some("INSERT") => "PartiQLInsert",
        Some("DELETE") => "PartiQLDelete",
        _ => "PartiQLSelect",
    }
}

/// The table of a PartiQL statement: the first name in double quotes.
fn table_of(statement: &str) -> &str {
    statement.split('"').nth(1).unwrap_or_default()
}

/// A request may name its table by name or by ARN.
fn arn(table: &str) -> String {
    if table.starts_with("arn:") {
        return table.to_owned();
    }
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
}

#[cfg(test)]
mod tests;
