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
use taskway_engine::FUNCTION_TELLS;
use taskway_runtime::random::Random;

use crate::{
    Auth, Submit, caller, document::document, lists, payloads, problem::Problem, queues, schedules, stats, tasks,
    validate,
};

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

/// The same with the dashboard beside it, whose files need no caller. The page asks its user for a token and calls the API with it.
///
/// # Errors
/// If what the page is told cannot be written as JSON.
pub fn guarded_with_dashboard(submit: Submit, auth: Auth) -> serde_json::Result<Router> {
    taskway_dashboard::beside(guarded(submit, auth), &ABOUT)
}

/// What the dashboard is told of its server.
const ABOUT: taskway_dashboard::About = taskway_dashboard::About {
    version: env!("CARGO_PKG_VERSION"),
    serves: "api",
    api: None,
    sender: taskway_dashboard::Sender::Token,
    read_only: false,
};

/// A path, the methods that it takes, and what answers them.
type Route = (&'static str, &'static [Method], MethodRouter<Submit>);

/// Answers that take no parameters: a request with one is refused.
fn plain(router: MethodRouter<Submit>) -> MethodRouter<Submit> {
    router.route_layer(middleware::from_fn(async |request: Request, next: Next| {
        match validate::no_parameters(request.uri().query().unwrap_or_default()) {
            Ok(()) => next.run(request).await,
            Err(errors) => Problem::validation(errors).into_response(),
        }
    }))
}

const READ: &[Method] = &[Method::GET, Method::HEAD];
const POST: &[Method] = &[Method::POST];

fn table() -> [Route; 21] {
    [
        ("/v1/tasks", &[Method::GET, Method::HEAD, Method::POST], get(lists::tasks).merge(plain(post(tasks::create)))),
        ("/v1/tasks/batch", POST, plain(post(tasks::batch))),
        ("/v1/tasks/cancel", POST, post(lists::cancel)),
        (
            "/v1/tasks/{id}",
            &[Method::GET, Method::HEAD, Method::PATCH],
            plain(get(tasks::get).merge(patch(tasks::change))),
        ),
        ("/v1/tasks/{id}/cancel", POST, plain(post(tasks::cancel))),
        ("/v1/tasks/{id}/run", POST, plain(post(tasks::run))),
        ("/v1/tasks/{id}/retry", POST, plain(post(tasks::retry))),
        ("/v1/dead", READ, get(lists::dead)),
        ("/v1/dead/redrive", POST, post(lists::redrive)),
        ("/v1/schedules", READ, get(schedules::list)),
        (
            "/v1/schedules/{name}",
            &[Method::GET, Method::HEAD, Method::PUT, Method::DELETE],
            plain(get(schedules::get).merge(put(schedules::put)).merge(delete(schedules::delete))),
        ),
        ("/v1/schedules/{name}/run", POST, plain(post(schedules::run))),
        ("/v1/queues", READ, get(queues::list)),
        (
            "/v1/queues/{name}",
            &[Method::GET, Method::HEAD, Method::PUT, Method::PATCH],
            plain(get(queues::get).merge(put(queues::put)).merge(patch(queues::patch))),
        ),
        ("/v1/queues/{name}/pause", POST, plain(post(queues::pause))),
        ("/v1/queues/{name}/resume", POST, plain(post(queues::resume))),
        ("/v1/queues/{name}/purge", POST, post(queues::purge)),
        ("/v1/payloads", POST, plain(post(payloads::create))),
        ("/v1/stats", READ, plain(get(stats::stats))),
        ("/healthz", READ, get(healthy)),
        ("/openapi.json", READ, get(document)),
    ]
}

/// Every path of the API, with the methods that it takes.
pub fn paths() -> impl Iterator<Item = (&'static str, &'static [Method])> {
    table().into_iter().map(|(path, methods, _)| (path, methods))
}

fn routes(submit: Submit) -> Router {
    let router = table().into_iter().fold(Router::new(), |router, (path, methods, answers)| {
        router.route(path, answers.fallback(async move || Problem::method_not_allowed(methods)))
    });
    let services = submit.services.clone();
    let told = middleware::from_fn(move |request: Request, next: Next| {
        let services = services.clone();
        async move {
            // Beside the request, so that no answer waits for what earlier ones have cost.
            let ((), answer) = tokio::join!(services.tell_usage(), next.run(request));
            services.tell_ended(FUNCTION_TELLS).await;
            answer
        }
    });
    router.fallback(async || Problem::not_found("path")).with_state(submit).layer(told)
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
