//! Which path is answered by what.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, patch, post, put},
};
use http::{HeaderValue, Method, StatusCode};
use taskway_runtime::random::Random;

use crate::{Auth, Submit, caller, lists, problem::Problem, queues, schedules, stats, tasks};

/// The API over these parts.
pub fn router(submit: Submit) -> Router {
    let ids = submit.services.random.clone();
    identified(routes(submit), ids)
}

/// The API behind API Gateway: as [`router`], for callers that the authorizer has passed, and 401 to others. Requests
/// must carry the request context that `lambda_http` gives them.
pub fn guarded(submit: Submit, auth: Auth) -> Router {
    let ids = submit.services.random.clone();
    let guard = middleware::from_fn(move |request: Request, next: Next| caller::known(auth.clone(), request, next));
    // Around a router of its own: a layer of the routes' router would have axum add their `Allow` to its refusals, which
    // tells a known path from another. The ids are outside of it, for its refusals and their log lines.
    identified(Router::new().fallback_service(routes(submit)).layer(guard), ids)
}

fn routes(submit: Submit) -> Router {
    Router::new()
        .route(
            "/v1/tasks",
            only(get(lists::tasks).merge(post(tasks::create)), &[Method::GET, Method::HEAD, Method::POST]),
        )
        .route("/v1/tasks/batch", only(post(tasks::batch), &[Method::POST]))
        .route(
            "/v1/tasks/{id}",
            only(get(tasks::get).merge(patch(tasks::change)), &[Method::GET, Method::HEAD, Method::PATCH]),
        )
        .route("/v1/tasks/{id}/cancel", only(post(tasks::cancel), &[Method::POST]))
        .route("/v1/tasks/{id}/run", only(post(tasks::run), &[Method::POST]))
        .route("/v1/tasks/{id}/retry", only(post(tasks::retry), &[Method::POST]))
        .route("/v1/schedules", only(get(schedules::list), &[Method::GET, Method::HEAD]))
        .route(
            "/v1/schedules/{name}",
            only(
                get(schedules::get).merge(put(schedules::put)).merge(delete(schedules::delete)),
                &[Method::GET, Method::HEAD, Method::PUT, Method::DELETE],
            ),
        )
        .route("/v1/schedules/{name}/run", only(post(schedules::run), &[Method::POST]))
        .route("/v1/queues", only(get(queues::list), &[Method::GET, Method::HEAD]))
        .route(
            "/v1/queues/{name}",
            only(
                get(queues::get).merge(put(queues::put)).merge(patch(queues::patch)),
                &[Method::GET, Method::HEAD, Method::PUT, Method::PATCH],
            ),
        )
        .route("/v1/queues/{name}/pause", only(post(queues::pause), &[Method::POST]))
        .route("/v1/queues/{name}/resume", only(post(queues::resume), &[Method::POST]))
        .route("/v1/queues/{name}/purge", only(post(queues::purge), &[Method::POST]))
        .route("/v1/tasks/cancel", only(post(lists::cancel), &[Method::POST]))
        .route("/v1/dead", only(get(lists::dead), &[Method::GET, Method::HEAD]))
        .route("/v1/dead/redrive", only(post(lists::redrive), &[Method::POST]))
        .route("/v1/stats", only(get(stats::stats), &[Method::GET, Method::HEAD]))
        .route("/healthz", only(get(healthy), &[Method::GET, Method::HEAD]))
        .fallback(async || Problem::not_found("path"))
        .with_state(submit)
}

fn only(methods: MethodRouter<Submit>, allow: &'static [Method]) -> MethodRouter<Submit> {
    methods.fallback(async move || Problem::method_not_allowed(allow))
}

async fn healthy() -> Response {
    (StatusCode::OK, [("content-type", "application/json")], r#"{"status":"ok"}"#).into_response()
}

/// Gives every request an id that its answer and its log lines carry.
fn identified(router: Router, ids: Arc<dyn Random>) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let id = format!("{:016x}", ids.bits());
        answered(id, request, next)
    }))
}

async fn answered(id: String, request: Request, next: Next) -> Response {
    use tracing::Instrument;
    // The guard fills in the caller.
    let span = tracing::info_span!(
        "request",
        request.id = id,
        http.method = %request.method(),
        http.path = request.uri().path(),
        caller = tracing::field::Empty
    );
    let mut answer = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert("x-request-id", id);
    }
    answer
}
