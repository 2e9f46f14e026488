//! A stack, its clock, and the clients with which a test reaches it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use serde_json::Value;
use taskway::Handlers;
use taskway_cloud::{
    dynamo::{Store, StoreError},
    sqs::Lanes,
};
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    handlers::shipped,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_local::stack::{Caller, Setup, Stack};
use taskway_protocol::{AllowedFunctions, AwsHosts, Object, Task, TaskId, Time};
use taskway_runtime::{
    clock::{Clock, ManualClock, SystemClock},
    faults::Faults,
    random::SeededRandom,
};
use taskway_scheduler::{Auditing, Report, Scheduler};
use taskway_submit::{Submit, validate::Limits};
use tokio::net::TcpListener;

use crate::Api;

/// The time at which every world begins: 2026-11-23T08:00:00Z.
pub const START: Time = Time::from_millis(1_795_420_800_000);

/// The time limit of a tick. It never runs out, because the clock stands still while a tick works.
const BUDGET: Duration = Duration::from_secs(50);

/// A stack under a clock that the test moves.
pub struct World {
    /// The clock.
    pub clock: ManualClock,
    /// The stack.
    pub stack: Stack,
    /// Its API.
    pub api: Api,
    /// Its table.
    pub store: Store,
    /// Its queues.
    pub lanes: Lanes,
    /// Its scheduler.
    pub scheduler: Scheduler,
    seed: AtomicU64,
}

impl World {
    /// A world whose tasks may be delivered to this machine.
    pub async fn new() -> Self {
        Self::open_to("127.0.0.1").await
    }

    /// A world whose tasks may be delivered to these private networks.
    pub async fn open_to(networks: &str) -> Self {
        Self::of(networks, Setup::default()).await
    }

    /// A world that records every call of AWS with its caller, from a template with these parameters.
    pub async fn recording(parameters: &[(&str, &str)]) -> Self {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::of("127.0.0.1", Setup { parameters, record_calls: true, ..Setup::default() }).await
    }

    /// A world whose tasks may call these Lambda functions.
    pub async fn calling(patterns: &str) -> Self {
        let callable = Some(AllowedFunctions::parse(patterns).unwrap());
        Self::of("127.0.0.1", Setup { callable, ..Setup::default() }).await
    }

    /// A world whose tasks may have these requests signed for AWS.
    pub async fn signing(hosts: &str) -> Self {
        let aws_hosts = AwsHosts::parse(hosts).unwrap();
        Self::of("127.0.0.1", Setup { aws_hosts, ..Setup::default() }).await
    }

    async fn of(networks: &str, setup: Setup) -> Self {
        let clock = ManualClock::starting_at(START);
        let allowed = Allowed::parse(networks).unwrap();
        // Installs the TLS provider of the process, which every HTTP client needs.
        Http::new(allowed.clone(), Secrets::default()).unwrap();
        let setup = Setup { clock: Arc::new(clock.clone()), allowed, ..setup };
        let stack = Stack::start(setup).await.unwrap();
        let (api, store, lanes) = (Api::at(&stack.api), stack.store(), stack.lanes());
        let scheduler = stack.scheduler();
        World { clock, stack, api, store, lanes, scheduler, seed: AtomicU64::new(1) }
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Moves the clock.
    pub fn pass(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Moves the clock by seconds.
    pub fn pass_secs(&self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }

    /// Moves the clock in steps until the future ends.
    pub async fn passing<T>(&self, step: Duration, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                ended = &mut future => return ended,
                () = tokio::time::sleep(Duration::from_millis(5)) => self.pass(step),
            }
        }
    }

    /// The services of this world. Each call returns its own random sequence, which is the same in every run.
    pub fn services(&self) -> Services {
        Services::new(self.store.clone(), self.lanes.clone())
            .with_objects(self.stack.objects_for(Caller::Anybody))
            .with_clock(Arc::new(self.clock.clone()))
            .with_random(Arc::new(SeededRandom::new(self.seed.fetch_add(1, Ordering::Relaxed))))
    }

    /// The services with the access key of this function.
    pub fn services_for(&self, caller: Caller) -> Services {
        let services = self.services().with_objects(self.stack.objects_for(caller));
        services.with_store(self.stack.store_for(caller)).with_lanes(self.stack.lanes_for(caller))
    }

    /// Uploads a payload as the API has its clients do, and returns the `payload_ref`. The bucket's endpoint goes by the machine's
    /// clock, so the request is not one that the API of this world has signed.
    pub async fn upload(&self, bytes: &[u8], client: &str) -> String {
        let object = Object::of(bytes);
        let bucket = self.stack.objects_for(Caller::Submit).unwrap();
        let valid = Duration::from_secs(60);
        let upload = bucket.presign_upload(&object, client, SystemClock.now(), valid).await.unwrap();
        let mut request = reqwest::Client::new().put(&upload.url);
        for (name, value) in upload.headers {
            request = request.header(name, value);
        }
        let answer = request.body(bytes.to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        object.to_string()
    }

    /// The bytes of a task's object in the bucket. `None` if it is not there.
    pub async fn object(&self, object: &Object, id: TaskId) -> Option<Vec<u8>> {
        let chunks = self.stack.objects_for(Caller::Anybody).unwrap().open(object, id).await.ok()?;
        let chunks: Vec<_> = chunks.map(Result::unwrap).collect().await;
        Some(chunks.concat())
    }

    /// An executor with these services and handlers.
    pub fn executor_of(&self, services: Services, handlers: Handlers) -> Executor {
        let allowed = Allowed::parse("127.0.0.1").unwrap();
        let http = Http::new(allowed, Secrets::default()).unwrap();
        Executor::new(services, Targets::new(handlers, http).unwrap())
    }

    /// An executor that delivers by this client.
    pub fn executor_by(&self, http: Http) -> Arc<Executor> {
        Arc::new(Executor::new(self.services(), Targets::new(shipped(), http).unwrap()))
    }

    /// An executor that calls Lambda functions at this URL.
    pub fn executor_calling(&self, url: &str) -> Arc<Executor> {
        let http = Http::new(Allowed::default(), Secrets::default()).unwrap();
        let targets = Targets::new(shipped(), http).unwrap().with_lambda(self.stack.lambda(url));
        Arc::new(Executor::new(self.services(), targets))
    }

    /// An executor that does not die.
    pub fn executor(&self, handlers: Handlers) -> Arc<Executor> {
        Arc::new(self.executor_of(self.services(), handlers))
    }

    /// An executor that dies at the points that `faults` selects.
    pub fn mortal(&self, handlers: Handlers, faults: &Faults) -> Arc<Executor> {
        Arc::new(self.executor_of(self.services().with_faults(faults.clone()), handlers))
    }

    /// A submit function.
    pub fn submit(&self) -> Submit {
        self.stack.submit(Limits {
            longest_timeout_seconds: 43_200,
            plain_http: true,
            functions: self.stack.settings.functions.clone(),
            ..Limits::default()
        })
    }

    /// A submit function with changed services.
    pub fn submit_with(&self, change: impl FnOnce(Services) -> Services) -> Submit {
        let submit = self.submit();
        Submit { services: change(submit.services.clone()), ..submit }
    }

    /// The scheduler with changed services.
    pub fn scheduler_with(&self, change: impl FnOnce(Services) -> Services) -> Scheduler {
        let scheduler = self.scheduler.clone();
        Scheduler { services: change(scheduler.services.clone()), ..scheduler }
    }

    /// Serves this submit function until the test ends.
    pub async fn serve(&self, submit: Submit) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, taskway_submit::router(submit)).await.unwrap() });
        Api::at(url)
    }

    /// A client of the table at another URL, which writes one by one: tests there count requests, or let single writes fail.
    pub fn store_at(&mut self, url: &str) -> Store {
        let direct = std::mem::replace(&mut self.stack.dynamodb, url.to_owned());
        let store = self.stack.store().with_single_writes();
        self.stack.dynamodb = direct;
        store
    }

    /// One tick.
    pub async fn tick(&self) -> Report {
        self.scheduler.tick(BUDGET).await
    }

    /// One tick of a new process that audits the table at this interval.
    pub async fn tick_auditing(&self, every: Duration) -> Report {
        Scheduler { auditing: Auditing::every(every), ..self.scheduler.clone() }.tick(BUDGET).await
    }

    /// The task's record, which must exist.
    pub async fn record(&self, id: TaskId) -> Task {
        self.find(id).await.unwrap()
    }

    /// The task's record.
    pub async fn find(&self, id: TaskId) -> Result<Task, StoreError> {
        self.store.get(&id.key).await
    }

    /// The name of the state in the task's record.
    pub async fn state(&self, id: TaskId) -> &'static str {
        self.record(id).await.state.name().as_str()
    }

    /// Sends a request to DynamoDB.
    pub async fn dynamodb(&self, action: &str, request: Value) -> Value {
        let target = format!("DynamoDB_20120810.{action}");
        let credential = "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/dynamodb/aws4_request, \
                          SignedHeaders=host, Signature=0";
        let headers = [
            ("x-amz-target", &*target),
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-date", "20261123T080000Z"),
            ("authorization", credential),
        ];
        Api::at(&self.stack.dynamodb).ask(http::Method::POST, "/", &headers, request.to_string()).await.body
    }
}
