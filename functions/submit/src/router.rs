//! Which path is answered by what.

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, patch, post},
};
use http::{HeaderValue, Method, StatusCode};

use crate::{Submit, problem::Problem, tasks};

/// The API over these parts.
pub fn router(submit: Submit) -> Router {
    let request_ids = submit.random.clone();
    Router::new()
        .route("/v1/tasks", only(post(tasks::create), &[Method::POST]))
        .route("/v1/tasks/batch", only(post(tasks::batch), &[Method::POST]))
        .route(
            "/v1/tasks/{id}",
            only(get(tasks::get).merge(patch(tasks::change)), &[Method::GET, Method::HEAD, Method::PATCH]),
        )
        .route("/v1/tasks/{id}/cancel", only(post(tasks::cancel), &[Method::POST]))
        .route("/v1/tasks/{id}/run", only(post(tasks::run), &[Method::POST]))
        .route("/v1/tasks/{id}/retry", only(post(tasks::retry), &[Method::POST]))
        .route("/healthz", only(get(healthy), &[Method::GET, Method::HEAD]))
        .fallback(async || Problem::not_found("path"))
        .with_state(submit)
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let id = format!("{:016x}", request_ids.bits());
            async move { identified(id, request, next).await }
        }))
}

fn only(methods: MethodRouter<Submit>, allow: &'static [Method]) -> MethodRouter<Submit> {
    methods.fallback(async move || Problem::method_not_allowed(allow))
}

async fn healthy() -> Response {
    (StatusCode::OK, [("content-type", "application/json")], r#"{"status":"ok"}"#).into_response()
}

/// Gives every request an id that its answer and its log lines carry.
async fn identified(id: String, request: Request, next: Next) -> Response {
    use tracing::Instrument;
    let span = tracing::info_span!("request", request.id = id, http.method = %request.method(), http.path = request.uri().path());
    let mut answer = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert("x-request-id", id);
    }
    answer
}
