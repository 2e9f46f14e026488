//! Lambda's runtime API for one function process. The process asks for the next invocation, gets an event, and posts its
//! answer.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::timeout,
};

/// How long to wait for the function's next request.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time limit of an invocation that the function sees.
const BUDGET: Duration = Duration::from_secs(60);

/// The API of one function process.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::Sender<Value>,
    moments: mpsc::Receiver<Moment>,
    serving: JoinHandle<()>,
}

/// A request of the process, or the event that it got.
#[derive(Debug)]
enum Moment {
    /// The process asked for an invocation.
    Asked(Instant),
    /// The process got an event.
    Given(Instant),
    /// The process answered.
    Answered(Instant, Bytes),
    /// The process reported an error.
    Failed(Bytes),
}

struct Shared {
    events: Mutex<mpsc::Receiver<Value>>,
    moments: mpsc::Sender<Moment>,
}

impl RuntimeApi {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let (events, to_give) = mpsc::channel(1);
        let (seen, moments) = mpsc::channel(16);
        let shared = Arc::new(Shared { events: Mutex::new(to_give), moments: seen });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .with_state(shared);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move {
            // The server ends when the task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(RuntimeApi { address, events, moments, serving })
    }

    /// The environment variables that Lambda sets for a function.
    pub(crate) fn settings(&self, name: &str) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_LAMBDA_RUNTIME_API", self.address.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "benchmark".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ]
    }

    /// Waits until the process asks for an invocation, and returns the time.
    pub(crate) async fn asked(&mut self) -> anyhow::Result<Instant> {
        let moment = self.moment().await?;
        let Moment::Asked(at) = moment else {
            bail!("expected the function to ask for an invocation, found {moment:?}")
        };
        Ok(at)
    }

    /// Passes an event to a process that has asked for one. Returns the time until its answer in ms, and the answer. By then
    /// the process has asked for the next event.
    pub(crate) async fn invoke(&mut self, event: Value) -> anyhow::Result<(f64, Value)> {
        self.events.send(event).await.context("the runtime API has ended")?;
        let Moment::Given(given) = self.moment().await? else { bail!("the function did not take the event") };
        let moment = self.moment().await?;
        let Moment::Answered(at, ref answer) = moment else {
            bail!("expected the function to answer, found {moment:?}")
        };
        self.asked().await?;
        let answer = serde_json::from_slice(answer).context("the function's answer is not JSON")?;
        Ok((at.duration_since(given).as_secs_f64() * 1000.0, answer))
    }

    async fn moment(&mut self) -> anyhow::Result<Moment> {
        let moment = timeout(PATIENCE, self.moments.recv()).await.context("the function sent no request in time")?;
        let moment = moment.context("the runtime API has ended")?;
        if let Moment::Failed(error) = &moment {
            bail!("the function failed: {}", String::from_utf8_lossy(error));
        }
        Ok(moment)
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    shared.see(Moment::Asked(Instant::now())).await;
    let Some(event) = shared.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", (now + BUDGET).as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned()),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".into(),
        ),
    ];
    let event = event.to_string();
    shared.see(Moment::Given(Instant::now())).await;
    (headers, event).into_response()
}

async fn answered(State(shared): State<Arc<Shared>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    shared.see(Moment::Answered(Instant::now(), body)).await;
    StatusCode::ACCEPTED
}

async fn failed(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    shared.see(Moment::Failed(body)).await;
    StatusCode::ACCEPTED
}

impl Shared {
    async fn see(&self, moment: Moment) {
        // The receiver is gone if the benchmark is ending the process.
        let _ = self.moments.send(moment).await;
    }
}
