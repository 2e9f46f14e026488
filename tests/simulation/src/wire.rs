//! The network between a machine and its world's services: an HTTP client for the SDK that injects mishaps into
//! requests.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use taskway_protocol::Time;
use taskway_runtime::clock::Clock;

use crate::{
    clock::WorldClock,
    cloud::Cloud,
    dice::Dice,
    lock::lock,
    weather::Mishap,
    witness::{Kind, Writer},
};

/// A machine's connection to its world.
#[derive(Debug, Default)]
pub struct Wire {
    link: Mutex<Option<Link>>,
    dead: AtomicBool,
    /// The time until which the machine is frozen.
    frozen_until: Mutex<Time>,
    isolated_until: Mutex<Time>,
}

/// What a request of a process needs of its world.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) clock: WorldClock,
    pub(crate) kind: Kind,
    pub(crate) process: u32,
    pub(crate) dice: Arc<Dice>,
}

impl Wire {
    /// Connects a new process, which is neither dead, frozen nor isolated.
    pub(crate) fn connect(&self, link: Link) {
        *lock(&self.link) = Some(link);
        self.dead.store(false, Ordering::Relaxed);
        *lock(&self.frozen_until) = Time::default();
        *lock(&self.isolated_until) = Time::default();
    }

    /// Removes the machine from its world.
    pub(crate) fn disconnect(&self) {
        *lock(&self.link) = None;
    }

    /// Ends all traffic for good, because the process is dead.
    pub fn cut(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Lets no request reach a service until then.
    pub fn isolate(&self, until: Time) {
        *lock(&self.isolated_until) = until;
    }

    /// Whether no request reaches a service now.
    pub(crate) fn is_isolated(&self, now: Time) -> bool {
        *lock(&self.isolated_until) > now
    }

    /// Freezes all traffic until then.
    pub fn freeze(&self, until: Time) {
        *lock(&self.frozen_until) = until;
    }

    /// Waits until the machine is not frozen. Never returns if its process is dead.
    async fn moves(&self, cloud: &Cloud) {
        loop {
            if self.dead.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let until = *lock(&self.frozen_until);
            let frozen = until.since(cloud.now());
            if frozen.is_zero() {
                return;
            }
            tokio::time::sleep(frozen).await;
        }
    }

    /// Carries a request to its service and the answer back, unless a mishap prevents it.
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(link) = lock(&self.link).clone() else {
            let refusal = json!({"__type": "ValidationException", "message": "not in a world"}).to_string();
            let status = StatusCode::try_from(400).map_err(|error| ConnectorError::other(error.into(), None))?;
            return Ok(HttpResponse::new(status, SdkBody::from(refusal)));
        };
        let Link { cloud, clock, kind, process, dice } = link;
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let (service, action) = target.split_once('.').unwrap_or_default();
        let to_sqs = service == "AmazonSQS";
        let body = request.body().bytes().unwrap_or_default().to_vec();

        let on_its_way = || cloud.weather().on_its_way(&dice);
        self.moves(&cloud).await;
        let mishap = cloud.weather().mishap(action, to_sqs, &dice, clock.off_by(0).now());
        let isolated = self.is_isolated(cloud.now());
        let mishap = if isolated { dice.pick(&[Mishap::Refused, Mishap::RequestLost]) } else { mishap };
        if let Some(name) = mishap.name() {
            cloud.tell(format_args!("process {process}: {action}: {name}"));
            if action == "GetItem" {
                cloud.witness().reads_badly(process, clock.now());
            }
        }
        tokio::time::sleep(on_its_way()).await;
        self.moves(&cloud).await;
        let writer = || Writer { kind, process, now: clock.now() };
        let done = async {
            if to_sqs { cloud.sqs_call(action, body.clone()).await } else { cloud.dynamodb(action, &body, writer()) }
        };
        let answer = match mishap {
            Mishap::None => done.await,
            Mishap::Slow => {
                let before = dice.chance(500);
                let wait = dice.millis(300, 2_700);
                tokio::time::sleep(if before { wait } else { Duration::ZERO }).await;
                self.moves(&cloud).await;
                let answer = done.await;
                tokio::time::sleep(if before { Duration::ZERO } else { wait }).await;
                answer
            }
            Mishap::RequestLost => return std::future::pending().await,
            Mishap::Refused => return Err(ConnectorError::io("connection refused".into())),
            Mishap::AnswerLost => {
                done.await;
                return std::future::pending().await;
            }
            Mishap::Broken => {
                done.await;
                return Err(ConnectorError::io("connection reset".into()));
            }
            Mishap::Late => {
                let (cloud, action, after) = (Arc::clone(&cloud), action.to_owned(), late(&dice));
                let body = body.clone();
                // The request is already on its way, so it arrives even if its sender dies.
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    cloud.tell(format_args!("process {process}: {action} arrives late"));
                    let writer = Writer { kind, process, now: clock.now() };
                    if to_sqs {
                        cloud.sqs_call(&action, body).await;
                    } else {
                        cloud.dynamodb(&action, &body, writer);
                    }
                });
                return std::future::pending().await;
            }
            Mishap::Throttled => throttled(to_sqs),
            Mishap::Failed => failed(),
            Mishap::FailedAfter => {
                done.await;
                failed()
            }
            Mishap::Partial if to_sqs => partial(&cloud, action, &body, &dice).await,
            Mishap::Partial => some_statements(&cloud, action, &body, &dice, writer()),
        };
        tokio::time::sleep(on_its_way()).await;
        self.moves(&cloud).await;
        let (status, text) = answer;
        if action == "UpdateItem" || action == "BatchExecuteStatement" {
            cloud.witness().answers(process, &body, &text);
        }
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(text)))
    }
}

/// Draws the delay of a late request: it arrives during the sender's retries, or long after the last of them.
fn late(dice: &Dice) -> Duration {
    if dice.chance(500) { dice.millis(100, 8_000) } else { dice.millis(8_000, 90_000) }
}

/// Does some entries of a batch and answers that the others failed.
async fn partial(cloud: &Cloud, action: &str, body: &[u8], dice: &Dice) -> (u16, String) {
    let Ok(mut request) = serde_json::from_slice::<Value>(body) else { return failed() };
    let entries = request["Entries"].as_array().cloned().unwrap_or_default();
    let (kept, dropped): (Vec<Value>, Vec<Value>) = entries.into_iter().partition(|_| dice.chance(500));
    let mut answer = if kept.is_empty() {
        json!({"Successful": []})
    } else {
        request["Entries"] = Value::Array(kept);
        let (status, text) = cloud.sqs_call(action, request.to_string().into_bytes()).await;
        match serde_json::from_str(&text) {
            Ok(answer) if status == 200 => answer,
            _ => return (status, text),
        }
    };
    let failed = dropped.iter().map(|entry| json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}));
    let mut all = answer["Failed"].as_array().cloned().unwrap_or_default();
    all.extend(failed);
    answer["Failed"] = Value::Array(all);
    (200, answer.to_string())
}

/// Executes some statements of a batch. Answers either that the others were throttled or failed, or that the request
/// failed.
fn some_statements(cloud: &Cloud, action: &str, body: &[u8], dice: &Dice, writer: Writer) -> (u16, String) {
    let Ok(mut request) = serde_json::from_slice::<Value>(body) else { return failed() };
    let statements = request["Statements"].as_array().cloned().unwrap_or_default();
    let kept: Vec<bool> = statements.iter().map(|_| dice.chance(500)).collect();
    let done = statements.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(statement, _)| statement);
    let done: Vec<Value> = done.collect();
    let mut answers = Vec::new();
    if !done.is_empty() {
        request["Statements"] = Value::Array(done);
        let (status, text) = cloud.dynamodb(action, request.to_string().as_bytes(), writer);
        let Ok(mut answer) = serde_json::from_str::<Value>(&text) else { return failed() };
        if status != 200 {
            return (status, text);
        }
        answers = answer["Responses"].as_array_mut().map(std::mem::take).unwrap_or_default();
    }
    if dice.chance(300) {
        return failed();
    }
    let code = dice.pick(&["ThrottlingError", "ProvisionedThroughputExceeded", "InternalServerError"]);
    let mut answers = answers.into_iter();
    let all = kept.into_iter().map(|kept| match kept {
        true => answers.next().unwrap_or_default(),
        false => json!({"Error": {"Code": code, "Message": "try again"}}),
    });
    (200, json!({"Responses": all.collect::<Vec<_>>()}).to_string())
}

fn throttled(to_sqs: bool) -> (u16, String) {
    let kind = if to_sqs {
        "com.amazonaws.sqs#RequestThrottled"
    } else {
        "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
    };
    (400, json!({"__type": kind, "message": "slow down"}).to_string())
}

fn failed() -> (u16, String) {
    (500, json!({"__type": "InternalServerError", "message": "something failed"}).to_string())
}

/// The HTTP client that gives the SDK's requests to a machine's wire.
#[derive(Clone, Debug)]
pub(crate) struct Plug(pub(crate) Arc<Wire>);

impl HttpClient for Plug {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Plug {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move { wire.carry(request).await })
    }
}
