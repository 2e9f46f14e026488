//! Two Lambda functions: `report` answers, and `busy` is throttled at the first call of each task.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::Value;
use tokio::net::TcpListener;

type Called = Arc<Mutex<HashSet<String>>>;

/// Serves them until the process ends, and returns the URL.
pub(super) async fn serve() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let functions = Router::new()
        .route("/2015-03-31/functions/report/invocations", post(async || "null"))
        .route("/2015-03-31/functions/busy/invocations", post(busy))
        .with_state(Called::default());
    tokio::spawn(async move { axum::serve(listener, functions).await });
    Ok(url)
}

async fn busy(State(called): State<Called>, Json(event): Json<Value>) -> (StatusCode, &'static str) {
    let is_first = called.lock().unwrap_or_else(PoisonError::into_inner).insert(event["taskway"]["id"].to_string());
    if is_first { (StatusCode::TOO_MANY_REQUESTS, "{}") } else { (StatusCode::OK, "null") }
}
