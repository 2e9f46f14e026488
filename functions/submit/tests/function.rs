//! The built function, as Lambda runs it: what it is told by its environment, and an event through Lambda's runtime API.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    routing::{get, post},
};
use serde_json::{Value, json};
use support::{ISSUER, event, iam, jwt, passed};
use tokio::{net::TcpListener, process::Command, sync::mpsc, time::timeout};

/// Everything that the function needs but what it must check.
const ENVIRONMENT: [(&str, &str); 12] = [
    ("AWS_ACCESS_KEY_ID", "local"),
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_FUNCTION_NAME", "submit"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_SECRET_ACCESS_KEY", "local"),
    ("TASKWAY_DEAD_LETTERS", "http://127.0.0.1:1/dead-letters"),
    ("TASKWAY_QUEUE_HIGH", "http://127.0.0.1:1/high"),
    ("TASKWAY_QUEUE_LOW", "http://127.0.0.1:1/low"),
    ("TASKWAY_QUEUE_NORMAL", "http://127.0.0.1:1/normal"),
    ("TASKWAY_TABLE", "tasks"),
];

/// Variables.
type Settings<'a> = &'a [(&'a str, &'a str)];

fn function(settings: Settings<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskway-submit"));
    command.env_clear().envs(ENVIRONMENT).envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A process that hangs is no test that passes, and this is far beyond what a start takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn it_does_not_start_without_knowing_what_to_check() {
    let cases: [(Settings<'_>, &[&str]); 10] = [
        (&[], &["TASKWAY_AUTH is not set"]),
        (&[("TASKWAY_AUTH", "")], &["TASKWAY_AUTH is not set"]),
        (&[("TASKWAY_AUTH", "NONE")], &["TASKWAY_AUTH: must be IAM or JWT, got", "NONE"]),
        (&[("TASKWAY_AUTH", "iam")], &["TASKWAY_AUTH: must be IAM or JWT"]),
        (&[("TASKWAY_AUTH", "JWT")], &["TASKWAY_JWT_ISSUER is not set"]),
        (&[("TASKWAY_AUTH", "JWT"), ("TASKWAY_JWT_ISSUER", "")], &["TASKWAY_JWT_ISSUER is not set"]),
        (&[("TASKWAY_AUTH", "IAM"), ("TASKWAY_EXECUTOR", "fargate")], &["TASKWAY_EXECUTOR: must be lambda or worker"]),
        (
            &[("TASKWAY_AUTH", "IAM"), ("TASKWAY_BASE_PATH", "/q/")],
            &["TASKWAY_BASE_PATH: must be a path such as /queue"],
        ),
        (&[("TASKWAY_AUTH", "IAM"), ("TASKWAY_WAITING_REQUESTS", "9.5")], &["TASKWAY_WAITING_REQUESTS: must be 0 to"]),
        // All of it at once.
        (
            &[("TASKWAY_TABLE", ""), ("TASKWAY_DEAD_LETTERS", ""), ("TASKWAY_EXECUTOR", "x")],
            &["TASKWAY_TABLE", "TASKWAY_DEAD_LETTERS", "TASKWAY_EXECUTOR", "TASKWAY_AUTH"],
        ),
    ];
    for (settings, parts) in cases {
        let child = function(settings).env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1").spawn().unwrap();
        let ended = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{settings:?}");
        assert!(parts.iter().all(|part| said.contains(part)), "{settings:?}: {said}");
    }
}

/// Lambda's runtime API, which hands out these events and keeps what comes back.
#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<Vec<Value>>>,
    answers: mpsc::UnboundedSender<Value>,
}

async fn next(State(runtime): State<Runtime>) -> (HeaderMap, String) {
    let event = runtime.events.lock().unwrap().pop();
    // With nothing left it waits, as Lambda's does; the test ends the function.
    let Some(event) = event else { return std::future::pending().await };
    let mut headers = HeaderMap::new();
    headers.insert("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".parse().unwrap());
    headers.insert("lambda-runtime-deadline-ms", "32503680000000".parse().unwrap());
    headers.insert("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:1:function:f".parse().unwrap());
    (headers, event.to_string())
}

async fn answered(State(runtime): State<Runtime>, body: String) {
    runtime.answers.send(serde_json::from_str(&body).unwrap()).unwrap();
}

/// What the function answers to these events, one after another.
async fn answers(settings: Settings<'_>, mut events: Vec<Value>) -> Vec<Value> {
    events.reverse();
    let count = events.len();
    let (answers, mut came) = mpsc::unbounded_channel();
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(answered))
        .with_state(Runtime { events: Arc::new(Mutex::new(events)), answers });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut child = function(settings).env("AWS_LAMBDA_RUNTIME_API", address).spawn().unwrap();
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(timeout(PATIENCE, came.recv()).await.expect("an answer in time").unwrap());
    }
    child.kill().await.unwrap();
    server.abort();
    all
}

fn statuses(answers: &[Value]) -> Vec<&Value> {
    answers.iter().map(|answer| &answer["statusCode"]).collect()
}

#[tokio::test]
async fn behind_iam_it_answers_its_callers_and_health() {
    let unsigned = event("GET", "/v1/tasks/x");
    let events = vec![
        passed(unsigned.clone(), iam()),
        unsigned.clone(),
        passed(unsigned.clone(), jwt(ISSUER)),
        event("GET", "/healthz"),
        event("GET", "/elsewhere"),
        passed(event("GET", "/elsewhere"), iam()),
    ];
    let answers = answers(&[("TASKWAY_AUTH", "IAM")], events).await;
    assert_eq!(statuses(&answers), [404, 401, 401, 200, 401, 404], "{answers:?}");
    let headers = &answers[1]["headers"];
    assert_eq!(headers["www-authenticate"], "AWS4-HMAC-SHA256 realm=\"taskway\"", "{answers:?}");
    assert_eq!(headers["x-request-id"].as_str().map(str::len), Some(16), "{answers:?}");
}

#[tokio::test]
async fn behind_jwt_it_answers_the_issuers_callers_alone() {
    let asked = event("GET", "/v1/tasks/x");
    let events = vec![
        passed(asked.clone(), jwt(ISSUER)),
        passed(asked.clone(), jwt("https://other.example.com/")),
        passed(asked, iam()),
        event("HEAD", "/healthz"),
    ];
    let answers = answers(&[("TASKWAY_AUTH", "JWT"), ("TASKWAY_JWT_ISSUER", ISSUER)], events).await;
    assert_eq!(statuses(&answers), [404, 401, 401, 200], "{answers:?}");
}

#[tokio::test]
async fn the_executor_decides_the_longest_timeout() {
    let longest = async |settings: Settings<'_>| {
        let mut submitted = passed(event("POST", "/v1/tasks"), iam());
        submitted["headers"]["content-type"] = json!("application/json");
        submitted["body"] = json!(r#"{"target":{"handler":"echo"},"timeout_seconds":43201}"#);
        let settings = [&[("TASKWAY_AUTH", "IAM")], settings].concat();
        let answers = answers(&settings, vec![submitted]).await;
        answers[0]["body"].as_str().unwrap().to_owned()
    };
    for lambda in [&[][..], &[("TASKWAY_EXECUTOR", "")], &[("TASKWAY_EXECUTOR", "lambda")]] {
        let body = longest(lambda).await;
        assert!(body.contains("must be 1 to 870, got 43201"), "{lambda:?}: {body}");
    }
    let body = longest(&[("TASKWAY_EXECUTOR", "worker")]).await;
    assert!(body.contains("must be 1 to 43200, got 43201"), "{body}");
}
