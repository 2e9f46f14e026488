//! The functions, and the events that Lambda sends them.

use std::time::Duration;

use serde_json::{Value, json};
use taskway_cloud::sqs::{Lanes, Source};
use taskway_engine::Services;
use taskway_local::mapping;
use taskway_protocol::Priority;
use taskway_submit::{Submit, validate::Limits};

use crate::{
    api::{Api, NO_OP},
    endpoints::Place,
};

/// A function that can be started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    Empty,
    Submit,
    Executor,
    Scheduler,
}

/// Creates events whose tasks exist in a place.
pub(crate) struct Events {
    api: Api,
    lanes: Lanes,
    /// The name of the normal lane's queue.
    queue: String,
}

/// How long a received message is hidden: longer than a benchmark runs.
const TAKEN: Duration = Duration::from_secs(3600);

/// The longest wait for a message.
const SOON: Duration = Duration::from_secs(5);

impl Function {
    pub(crate) const ALL: [Function; 4] = [Function::Empty, Function::Submit, Function::Executor, Function::Scheduler];

    /// The name of its binary.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Function::Empty => "empty-function",
            Function::Submit => "taskway-submit",
            Function::Executor => "taskway-executor",
            Function::Scheduler => "taskway-scheduler",
        }
    }

    /// Checks that the answer reports success.
    pub(crate) fn check(self, answer: &Value) -> anyhow::Result<()> {
        let done = match self {
            Function::Empty => answer == &json!({}),
            Function::Submit => answer["statusCode"] == 202,
            Function::Executor => answer["batchItemFailures"] == json!([]),
            Function::Scheduler => answer.is_object(),
        };
        anyhow::ensure!(done, "{} answered {answer}", self.program());
        Ok(())
    }
}

impl Events {
    pub(crate) async fn new(place: &Place) -> Self {
        let (store, lanes) = place.adapters(None).await;
        let api = Api::new(Submit::new(Services::new(store, lanes.clone()), Limits::default()));
        let queue = place.normal.rsplit('/').next().unwrap_or_default().to_owned();
        Events { api, lanes, queue }
    }

    /// A new event for the function.
    pub(crate) async fn next(&mut self, function: Function) -> anyhow::Result<Value> {
        match function {
            Function::Empty => Ok(json!({})),
            Function::Submit => Ok(request()),
            Function::Executor => self.message().await,
            Function::Scheduler => Ok(tick()),
        }
    }

    /// Submits a task, and returns the event with its message.
    async fn message(&self) -> anyhow::Result<Value> {
        self.api.submit(NO_OP).await?;
        let taken = self.lanes.receive(Source::Lane(Priority::Normal), 1, TAKEN, SOON).await?;
        anyhow::ensure!(!taken.is_empty(), "the message of the submitted task is not in its queue");
        Ok(mapping::event(&taken, &self.queue))
    }
}

/// The event of API Gateway for `POST /v1/tasks`.
fn request() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/v1/tasks",
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "api.execute-api.us-east-1.amazonaws.com" },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "authorizer": { "iam": { "userArn": "arn:aws:iam::000000000000:user/benchmark" } },
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "api",
            "http": {
                "method": "POST", "path": "/v1/tasks", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "benchmark",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_305_600_000_u64,
        },
        "body": NO_OP,
        "isBase64Encoded": false,
    })
}

/// The event of EventBridge for a tick.
fn tick() -> Value {
    json!({
        "version": "0", "id": "00000000-0000-0000-0000-000000000000", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "000000000000", "time": "2026-11-22T00:00:00Z", "region": "us-east-1",
        "resources": [], "detail": {},
    })
}
