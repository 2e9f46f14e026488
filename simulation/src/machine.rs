//! A machine that functions run on: the SDK's clients, whose HTTP goes to the world's services, and a clock of its own.
//!
//! Making the SDK's clients takes longer than a whole life of a task, so machines are kept from world to world.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::{rt::sleep::TokioSleep, time::TimeSource};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use serde_json::{Value, json};
use taskway::{
    aws,
    clock::Clock,
    domain::{TaskKey, Time},
    dynamo::Store,
    sqs::{Lanes, Receipt, Source},
};

use crate::{
    clock::WorldClock,
    cloud::{Cloud, Plan},
    dice::Dice,
    weather::Mishap,
    witness::{Kind, Writer},
};

/// A machine.
#[derive(Debug)]
pub struct Machine {
    /// The table, as it reaches it.
    pub store: Store,
    /// The queues, as it reaches them.
    pub lanes: Lanes,
    wire: Arc<Wire>,
}

/// What connects a machine with its world.
#[derive(Debug, Default)]
pub struct Wire {
    link: Mutex<Option<Link>>,
    dead: AtomicBool,
    /// Milliseconds of the world's time until which nothing moves here.
    frozen_until: Mutex<Time>,
    isolated_until: Mutex<Time>,
    process: AtomicU32,
}

#[derive(Clone, Debug)]
struct Link {
    cloud: Arc<Cloud>,
    clock: WorldClock,
    kind: Kind,
    dice: Arc<Dice>,
}

impl Machine {
    /// A machine that is nowhere yet.
    ///
    /// It is made on a thread of its own, because the SDK draws from its thread's randomness in making its clients, and
    /// does some things only at their first request: a machine's first world must not differ from its second.
    pub fn new(plan: &Arc<Plan>) -> Self {
        let made = {
            let plan = Arc::clone(plan);
            std::thread::spawn(move || Self::warmed(&plan)).join()
        };
        // It would have panicked here as well.
        made.unwrap_or_else(|_| Self::cold(plan))
    }

    fn warmed(plan: &Plan) -> Self {
        let machine = Self::cold(plan);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        if let Ok(runtime) = runtime {
            runtime.block_on(machine.warm());
        }
        machine
    }

    fn cold(plan: &Plan) -> Self {
        let wire = Arc::new(Wire::default());
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "simulated",
                "secret",
                None,
                None,
                "simulation",
            )))
            .endpoint_url("http://services")
            .http_client(Plug(Arc::clone(&wire)))
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(aws_smithy_async::time::SharedTimeSource::new(StandingStill))
            .retry_config(RetryConfig::standard())
            .build();
        // By itself a process keeps one bucket of retries for all that it ever does, and worlds would not be alone.
        let retries = || RetryPartition::custom("machine").token_bucket(TokenBucket::unlimited()).build();
        let table = aws_sdk_dynamodb::config::Builder::from(&sdk)
            .timeout_config(aws::calls())
            .retry_partition(retries())
            .build();
        let queues = |timeouts| {
            let config = aws_sdk_sqs::config::Builder::from(&sdk).timeout_config(timeouts).retry_partition(retries());
            aws_sdk_sqs::Client::from_conf(config.build())
        };
        Machine {
            store: Store::new(aws_sdk_dynamodb::Client::from_conf(table), &plan.table),
            lanes: Lanes::new(queues(aws::calls()), plan.urls.clone()).polled_by(queues(aws::polls())),
            wire,
        }
    }

    /// Has each client make a request, which nobody answers.
    async fn warm(&self) {
        let key = TaskKey::from_bytes([0; 16]);
        let receipt = (Receipt("none".to_owned()), Duration::ZERO);
        let _ = self.store.get(&key).await;
        let _ = self.lanes.set_visibility(Source::DeadLetters, &[receipt]).await;
        let _ = self.lanes.receive(Source::DeadLetters, 1, Duration::ZERO, Duration::ZERO).await;
    }

    /// Starts a process on it.
    pub fn boot(&self, cloud: &Arc<Cloud>, kind: Kind, process: u32, clock: WorldClock, dice: Dice) {
        let link = Link { cloud: Arc::clone(cloud), clock, kind, dice: Arc::new(dice) };
        *lock(&self.wire.link) = Some(link);
        self.wire.dead.store(false, Ordering::Relaxed);
        *lock(&self.wire.frozen_until) = Time::default();
        *lock(&self.wire.isolated_until) = Time::default();
        self.wire.process.store(process, Ordering::Relaxed);
    }

    /// What it is connected by.
    pub fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    /// Takes it out of its world.
    pub fn unplug(&self) {
        *lock(&self.wire.link) = None;
    }
}

impl Wire {
    /// Nothing goes out or comes in any more.
    pub fn cut(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Nobody is reached until then.
    pub fn isolate(&self, until: Time) {
        *lock(&self.isolated_until) = until;
    }

    /// Nothing moves until then.
    pub fn freeze(&self, until: Time) {
        *lock(&self.frozen_until) = until;
    }

    /// Goes on when the machine moves; never on one that is dead.
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

    /// Carries a request to its service and the answer back, or not.
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(link) = lock(&self.link).clone() else {
            let refusal = json!({"__type": "ValidationException", "message": "not in a world"}).to_string();
            let status = StatusCode::try_from(400).map_err(|error| ConnectorError::other(error.into(), None))?;
            return Ok(HttpResponse::new(status, SdkBody::from(refusal)));
        };
        let Link { cloud, clock, kind, dice } = link;
        let process = self.process.load(Ordering::Relaxed);
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let (service, action) = target.split_once('.').unwrap_or_default();
        let to_sqs = service == "AmazonSQS";
        let body = request.body().bytes().unwrap_or_default().to_vec();

        let on_its_way = || cloud.weather().on_its_way(&dice);
        self.moves(&cloud).await;
        let mishap = cloud.weather().mishap(action, to_sqs, &dice, clock.off_by(0).now());
        let isolated = *lock(&self.isolated_until) > cloud.now();
        let mishap = if isolated { dice.pick(&[Mishap::Refused, Mishap::RequestLost]) } else { mishap };
        if let Some(name) = mishap.name() {
            cloud.tell(format_args!("process {process}: {action}: {name}"));
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
                // On its way already, whatever becomes of who sent it.
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
            Mishap::Partial => partial(&cloud, action, &body, &dice).await,
        };
        tokio::time::sleep(on_its_way()).await;
        self.moves(&cloud).await;
        let (status, text) = answer;
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(text)))
    }
}

/// How much later what comes late comes: within the sender's retries, or when it has long done something else.
fn late(dice: &Dice) -> Duration {
    if dice.chance(500) { dice.millis(100, 8_000) } else { dice.millis(8_000, 90_000) }
}

/// Does a part of a batch, and says of the rest that it was not done.
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

/// The SDK's way to a machine's wire.
#[derive(Clone, Debug)]
struct Plug(Arc<Wire>);

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

/// The time that requests are signed with; nobody looks at it.
#[derive(Debug)]
struct StandingStill;

impl TimeSource for StandingStill {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(crate::clock::START.as_millis())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
