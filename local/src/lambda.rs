//! A stand-in for Lambda's endpoint, for the scheduler, which invokes itself. It passes the event on to where the functions
//! run.

use std::net::SocketAddr;

use anyhow::Context;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::doors::Doors;
use crate::functions::{Functions, TICKED_WITHIN};

/// Serves the endpoint on a free port until `stop` is cancelled, and returns its URL.
///
/// # Errors
/// When no port is free.
pub(crate) async fn serve(
    functions: Functions,
    work: &mut JoinSet<()>,
    stop: CancellationToken,
) -> anyhow::Result<String> {
    let listener =
        TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.context("no port for Lambda's endpoint")?;
    let url = format!("http://{}", listener.local_addr()?);
    work.spawn(async move {
        let served = axum::serve(listener, Doors::default().before(router(functions)))
            .with_graceful_shutdown(stop.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::warn!(error = %taskway_runtime::log::causes(&error), "Lambda's endpoint stopped");
        }
    });
    Ok(url)
}

/// `Invoke` with the invocation type `Event`: the answer comes at once, and the function runs after it. Other invocation
/// types are refused; the scheduler does not use them.
fn router(functions: Functions) -> Router {
    Router::new().route("/2015-03-31/functions/{function}/invocations", post(invoke)).with_state(functions)
}

async fn invoke(
    State(functions): State<Functions>,
    Path(function): Path<String>,
    headers: HeaderMap,
    event: Bytes,
) -> Response {
    if headers.get("x-amz-invocation-type").is_none_or(|kind| kind != "Event") {
        return (StatusCode::BAD_REQUEST, "x-amz-invocation-type must be Event").into_response();
    }
    tokio::spawn(async move {
        if let Err(error) = functions.invoke(&function, event.to_vec(), TICKED_WITHIN).await {
            tracing::warn!(function, error = %taskway_runtime::log::causes(&error), "cannot invoke the function");
        }
    });
    StatusCode::ACCEPTED.into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use axum::routing::any;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn an_event_is_accepted_before_the_function_ends_and_a_call_is_refused() {
        let (began, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (begin, end) = (Arc::clone(&began), Arc::clone(&may_end));
        let functions = Router::new().fallback(any(async move |event: Bytes| {
            assert_eq!(&*event, b"{}");
            begin.add_permits(1);
            end.acquire().await.unwrap().forget();
            "null"
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, functions).await });
        let (mut work, stop) = (JoinSet::new(), CancellationToken::new());
        let url = serve(Functions::at(&at).unwrap(), &mut work, stop.clone()).await.unwrap();
        let invoke = |kind: &'static str| {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let url = format!("{url}/2015-03-31/functions/taskway-scheduler/invocations");
            client
                .post(url)
                .header("x-amz-date", "20261128T120000Z")
                .header("x-amz-invocation-type", kind)
                .body("{}")
                .send()
        };
        assert_eq!(invoke("Event").await.unwrap().status(), 202);
        // The endpoint has answered, and the function is still running.
        began.acquire().await.unwrap().forget();
        may_end.add_permits(1);
        assert_eq!(invoke("RequestResponse").await.unwrap().status(), 400);
        stop.cancel();
        work.join_all().await;
    }
}
