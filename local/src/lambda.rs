//! A stand-in for Lambda's endpoint: for tasks that call functions, and for the scheduler, which invokes itself. It passes the
//! events on to where the functions run.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::doors::Doors;
use crate::emulator::account::{ACCOUNT, REGION};
use crate::functions::{Functions, InvokeError, TICKED_WITHIN, broken};

/// How long the answer to an event may wait for a refusal. A function that is served by `cargo lambda watch` answers only when
/// it ends, and then the event counts as accepted.
const REFUSED_WITHIN: Duration = Duration::from_millis(250);

/// The largest event that Lambda takes.
const LARGEST_EVENT: usize = 6 * 1024 * 1024;

/// The kind of an invocation.
const KIND: &str = "x-amz-invocation-type";

/// The name of a durable execution.
const EXECUTION: &str = "x-amz-durable-execution-name";

/// The headers of an invocation that reach the function's runtime.
const PASSED_ON: [&str; 4] = [KIND, EXECUTION, "x-amz-tenant-id", "x-amz-client-context"];

/// The headers of an answer that mean something to the caller.
const PASSED_BACK: [&str; 4] =
    ["x-amz-function-error", "x-amzn-errortype", "retry-after", "x-amz-durable-execution-arn"];

/// Where functions run.
#[derive(Clone, Debug)]
pub(crate) struct Behind {
    /// Taskway's own, with their names, if they run outside this process.
    own: Option<(Functions, Vec<String>)>,
    /// Those that tasks call.
    called: Functions,
    /// The durable executions that were started: function and name.
    started: Arc<Mutex<HashSet<String>>>,
}

impl Behind {
    /// `None` if there are no functions at all. Those that tasks call are beside Taskway's own unless `called` says where.
    pub(crate) fn of(own: Option<(Functions, Vec<String>)>, called: Option<Functions>) -> Option<Self> {
        let called = called.or_else(|| own.as_ref().map(|(own, _)| own.clone()))?;
        Some(Behind { own, called, started: Arc::default() })
    }

    fn functions(&self, name: &str) -> &Functions {
        match &self.own {
            Some((own, names)) if names.iter().any(|own| own == name) => own,
            Some(_) | None => &self.called,
        }
    }

    fn started(&self) -> MutexGuard<'_, HashSet<String>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the endpoint on a free port until `stop` is cancelled, and returns its URL.
///
/// # Errors
/// When no port is free.
pub(crate) async fn serve(behind: Behind, work: &mut JoinSet<()>, stop: CancellationToken) -> anyhow::Result<String> {
    let listener =
        TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.context("no port for Lambda's endpoint")?;
    let url = format!("http://{}", listener.local_addr()?);
    work.spawn(async move {
        let served = axum::serve(listener, Doors::default().before(router(behind)))
            .with_graceful_shutdown(stop.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::warn!(error = %taskway_runtime::log::causes(&error), "Lambda's endpoint stopped");
        }
    });
    Ok(url)
}

/// `Invoke` with the invocation types `RequestResponse` and `Event`.
fn router(behind: Behind) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{function}/invocations", post(invoke))
        .layer(DefaultBodyLimit::max(LARGEST_EVENT))
        .with_state(behind)
}

async fn invoke(
    State(behind): State<Behind>,
    Path(function): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    event: Bytes,
) -> Response {
    let kind = headers.get(KIND).map_or("RequestResponse", |kind| kind.to_str().unwrap_or_default());
    if !matches!(kind, "RequestResponse" | "Event") {
        let message = format!("{KIND} must be RequestResponse or Event, and is {kind:?}");
        return refused(StatusCode::BAD_REQUEST, "InvalidParameterValueException", &message);
    }
    let name = headers.get(EXECUTION).and_then(|name| name.to_str().ok());
    let execution = name.map(|name| format!("{function} {name}"));
    if execution.clone().is_some_and(|execution| !behind.started().insert(execution)) {
        let message = "a durable execution of this name is already started";
        return refused(StatusCode::CONFLICT, "DurableExecutionAlreadyStartedException", message);
    }
    let accepted = accepted(&function, name);
    let passed = passed(&headers, &PASSED_ON);
    let called = call(behind.functions(&function).clone(), function, query, passed, event);
    if kind == "RequestResponse" {
        return called.await.unwrap_or_else(|error| failed(&error));
    }
    let mut called = tokio::spawn(called);
    let answer = tokio::select! {
        biased;
        answer = &mut called => match answer {
            Ok(answer) => answer.unwrap_or_else(|error| failed(&error)),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        () = tokio::time::sleep(REFUSED_WITHIN) => {
            tokio::spawn(async move {
                if let Ok(Err(error)) = called.await {
                    tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot invoke the function");
                }
            });
            return accepted;
        }
    };
    if answer.status().is_success() {
        return accepted;
    }
    execution.inspect(|execution| {
        behind.started().remove(execution);
    });
    answer
}

/// The answer to an event, and to the start of a durable execution of this name.
fn accepted(function: &str, name: Option<&str>) -> Response {
    let mut accepted = StatusCode::ACCEPTED.into_response();
    let arn = |name| format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}/durable-execution/{name}/{name}");
    if let Some(arn) = name.and_then(|name| HeaderValue::from_str(&arn(name)).ok()) {
        accepted.headers_mut().insert("x-amz-durable-execution-arn", arn);
    }
    accepted
}

/// Calls the function, and answers as Lambda does.
async fn call(
    functions: Functions,
    function: String,
    query: Option<String>,
    headers: HeaderMap,
    event: Bytes,
) -> Result<Response, InvokeError> {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let answer = functions.call(&function, &query, headers, event.to_vec(), TICKED_WITHIN).await?;
    let (status, headers) = (answer.status(), passed(answer.headers(), &PASSED_BACK));
    let body = answer.bytes().await.map_err(|source| broken(&function, TICKED_WITHIN, source))?;
    // A function that failed: `cargo lambda watch` answers 500, and Lambda 200 with a header.
    if status.is_server_error() && !headers.contains_key("x-amzn-errortype") && is_function_error(&body) {
        return Ok((StatusCode::OK, [("x-amz-function-error", "Unhandled")], body).into_response());
    }
    let mut response = Response::new(Body::from(body));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}

/// Whether this is what a function's runtime reports of an error.
fn is_function_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Reported {
        #[serde(rename = "errorMessage")]
        _message: String,
    }
    serde_json::from_slice::<Reported>(body).is_ok()
}

fn passed(headers: &HeaderMap, names: &[&'static str]) -> HeaderMap {
    let named = |name: &&'static str| Some((HeaderName::from_static(name), headers.get(*name)?.clone()));
    names.iter().filter_map(named).collect()
}

/// A call that got no answer, as a fault of Lambda's own: the caller tries again.
fn failed(error: &InvokeError) -> Response {
    let message = taskway_runtime::log::causes(error).to_string();
    refused(StatusCode::SERVICE_UNAVAILABLE, "ServiceException", &message)
}

fn refused(status: StatusCode, kind: &'static str, message: &str) -> Response {
    let headers = [("x-amzn-errortype", HeaderValue::from_static(kind))];
    (status, headers, json!({"Type": "User", "message": message}).to_string()).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::routing::any;
    use tokio::sync::Semaphore;

    use super::*;

    struct Endpoint {
        url: String,
        _work: JoinSet<()>,
    }

    /// An endpoint before what answers every call by `router`.
    async fn before(router: Router) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let mut work = JoinSet::new();
        work.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let behind = Behind::of(None, Some(Functions::at("--lambda", &at).unwrap())).unwrap();
        let url = serve(behind, &mut work, CancellationToken::new()).await.unwrap();
        Endpoint { url, _work: work }
    }

    impl Endpoint {
        async fn invoke(&self, function: &str, headers: &[(&'static str, &str)]) -> reqwest::Response {
            self.invoke_with(function, headers, "{}".to_owned()).await
        }

        async fn invoke_with(
            &self,
            function: &str,
            headers: &[(&'static str, &str)],
            event: String,
        ) -> reqwest::Response {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut request = client.post(format!("{}/2015-03-31/functions/{function}", self.url));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.header("x-amz-date", "20261128T120000Z").body(event).send().await.unwrap()
        }
    }

    #[tokio::test]
    async fn an_event_may_be_as_large_as_for_lambda() {
        let length = any(async |event: Body| {
            let bytes = axum::body::to_bytes(event, usize::MAX).await.unwrap();
            bytes.len().to_string()
        });
        let endpoint = before(Router::new().fallback(length)).await;
        let answer = endpoint.invoke_with("f/invocations", &[], "1".repeat(LARGEST_EVENT)).await;
        assert_eq!(answer.text().await.unwrap(), LARGEST_EVENT.to_string());
        let answer = endpoint.invoke_with("f/invocations", &[], "1".repeat(LARGEST_EVENT + 1)).await;
        assert_eq!(answer.status(), 413);
    }

    #[tokio::test]
    async fn an_event_is_accepted_before_the_function_ends() {
        let (began, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (begin, end) = (Arc::clone(&began), Arc::clone(&may_end));
        let endpoint = before(Router::new().fallback(any(async move |event: Bytes| {
            assert_eq!(&*event, b"{}");
            begin.add_permits(1);
            end.acquire().await.unwrap().forget();
            "null"
        })))
        .await;
        assert_eq!(endpoint.invoke("f/invocations", &[(KIND, "Event")]).await.status(), 202);
        // The endpoint has answered, and the function is still running.
        began.acquire().await.unwrap().forget();
        may_end.add_permits(1);
        let dry = endpoint.invoke("f/invocations", &[(KIND, "DryRun")]).await;
        assert_eq!(
            (dry.status().as_u16(), &dry.headers()["x-amzn-errortype"]),
            (400, &HeaderValue::from_static("InvalidParameterValueException"))
        );
    }

    #[tokio::test]
    async fn a_call_and_its_answer_are_passed_on() {
        let endpoint = before(Router::new().fallback(any(async |uri: http::Uri, headers: HeaderMap| {
            let said = format!("{uri} {}", headers["x-amz-tenant-id"].to_str().unwrap());
            (StatusCode::OK, [("x-amz-function-error", "Handled"), ("set-cookie", "a=b")], said)
        })))
        .await;
        for kind in [&[][..], &[(KIND, "RequestResponse")]] {
            let headers = [kind, &[("x-amz-tenant-id", "tenant 7")]].concat();
            let answer = endpoint.invoke("report/invocations?Qualifier=live", &headers).await;
            assert_eq!(answer.headers()["x-amz-function-error"], "Handled");
            assert!(!answer.headers().contains_key("set-cookie"));
            let said = answer.text().await.unwrap();
            assert_eq!(said, "/2015-03-31/functions/report/invocations?Qualifier=live tenant 7");
        }
    }

    #[tokio::test]
    async fn a_function_that_failed_is_told_as_lambda_tells_it() {
        for (status, kind, body, told) in [
            (500, None, r#"{"errorType":"E","errorMessage":"no"}"#, (200, true)),
            (500, None, "no", (500, false)),
            (500, Some("ServiceException"), r#"{"errorMessage":"no"}"#, (500, false)),
            (429, Some("TooManyRequestsException"), "{}", (429, false)),
            (404, None, "", (404, false)),
        ] {
            let endpoint = before(Router::new().fallback(any(async move || {
                let kind =
                    kind.map(|kind| (HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(kind)));
                (StatusCode::from_u16(status).unwrap(), HeaderMap::from_iter(kind), body)
            })))
            .await;
            let answer = endpoint.invoke("f/invocations", &[]).await;
            let failed = answer.headers().contains_key("x-amz-function-error");
            assert_eq!((answer.status().as_u16(), failed), told, "{status} {body}");
            assert_eq!(answer.text().await.unwrap(), body);
            // A refusal of an event is told too.
            let event = endpoint.invoke("f/invocations", &[(KIND, "Event")]).await.status().as_u16();
            assert_eq!(event, if told.0 == 200 { 202 } else { told.0 });
        }
    }

    #[tokio::test]
    async fn a_durable_execution_starts_once() {
        let endpoint = before(Router::new().fallback(any(async || "null"))).await;
        let start = async |function: &str, name: &str| {
            let answer = endpoint.invoke(function, &[(KIND, "Event"), (EXECUTION, name)]).await;
            let arn = answer.headers().get("x-amz-durable-execution-arn").map(|arn| arn.to_str().unwrap().to_owned());
            (answer.status().as_u16(), arn.unwrap_or_default().contains(name))
        };
        assert_eq!(start("f/invocations", "one").await, (202, true));
        assert_eq!(start("f/invocations", "one").await, (409, false));
        assert_eq!(start("f/invocations", "two").await, (202, true));
        assert_eq!(start("g/invocations", "one").await, (202, true));
        // One that was refused is not started.
        let refusing = before(Router::new().fallback(any(async || StatusCode::TOO_MANY_REQUESTS))).await;
        for _ in 0..2 {
            let answer = refusing.invoke("f/invocations", &[(KIND, "Event"), (EXECUTION, "one")]).await;
            assert_eq!(answer.status(), 429);
        }
    }

    #[tokio::test]
    async fn where_nobody_serves_functions_the_answer_says_what_to_do() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let behind = Behind::of(None, Some(Functions::at("--lambda", &format!("http://{free}")).unwrap())).unwrap();
        let mut work = JoinSet::new();
        let url = serve(behind, &mut work, CancellationToken::new()).await.unwrap();
        let endpoint = Endpoint { url, _work: work };
        for kind in ["RequestResponse", "Event"] {
            let answer = endpoint.invoke("f/invocations", &[(KIND, kind)]).await;
            assert_eq!(answer.status(), 503);
            let said = answer.text().await.unwrap();
            assert!(said.contains("start `cargo lambda watch` there"), "{said}");
        }
    }

    #[test]
    fn taskways_own_functions_may_run_elsewhere() {
        let at = |url: &str| Functions::at("--functions", url).unwrap();
        let url = |behind: &Behind, name: &str| format!("{:?}", behind.functions(name));
        let own = Some((at("http://127.0.0.1:1"), vec!["taskway-scheduler".to_owned()]));
        let both = Behind::of(own.clone(), Some(at("http://127.0.0.1:2"))).unwrap();
        assert!(
            url(&both, "taskway-scheduler").contains("127.0.0.1:1") && url(&both, "report").contains("127.0.0.1:2")
        );
        assert!(url(&Behind::of(own, None).unwrap(), "report").contains("127.0.0.1:1"));
        assert!(Behind::of(None, None).is_none());
    }
}
