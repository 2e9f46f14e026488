//! A stack, the time in it, and what a test reaches it by.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use taskway::Handlers;
use taskway_cloud::{
    dynamo::{Store, StoreError},
    sqs::Lanes,
};
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_local::stack::{Caller, Setup, Stack};
use taskway_protocol::{Task, TaskId, Time};
use taskway_runtime::{
    clock::{Clock, ManualClock},
    faults::Faults,
    random::SeededRandom,
};
use taskway_scheduler::{Auditing, Report, Scheduler};
use taskway_submit::{Submit, validate::Limits};
use tokio::net::TcpListener;

use crate::Api;

/// When every world begins: 2026-11-23T08:00:00Z.
pub const START: Time = Time::from_millis(1_795_420_800_000);

/// What a tick may take; the clock stands still while it works, so it is never used up.
const BUDGET: Duration = Duration::from_secs(50);

/// A stack under a clock that the test moves.
pub struct World {
    /// The time.
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
    /// Whose tasks may be delivered to this machine.
    pub async fn new() -> Self {
        Self::open_to("127.0.0.1").await
    }

    /// Whose tasks may be delivered to these private networks.
    pub async fn open_to(networks: &str) -> Self {
        Self::of(networks, Setup::default()).await
    }

    /// That notes who asks for what, of a template that is given these parameters.
    pub async fn recording(parameters: &[(&str, &str)]) -> Self {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::of("127.0.0.1", Setup { parameters, record_calls: true, ..Setup::default() }).await
    }

    async fn of(networks: &str, setup: Setup) -> Self {
        let clock = ManualClock::starting_at(START);
        let allowed = Allowed::parse(networks).unwrap();
        // Sets up TLS for the process, which every client in it needs.
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

    /// Lets time pass.
    pub fn pass(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Lets seconds pass.
    pub fn pass_secs(&self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }

    /// Lets time pass in steps, until the future ends.
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

    /// Services of this world. Jitter and nonces are each caller's own, and the same at each run.
    pub fn services(&self) -> Services {
        Services::new(self.store.clone(), self.lanes.clone())
            .with_clock(Arc::new(self.clock.clone()))
            .with_random(Arc::new(SeededRandom::new(self.seed.fetch_add(1, Ordering::Relaxed))))
    }

    /// The same, under the access key of a caller of the stack's own.
    pub fn services_for(&self, caller: Caller) -> Services {
        self.services().with_store(self.stack.store_for(caller)).with_lanes(self.stack.lanes_for(caller))
    }

    /// An executor with these services and handlers.
    pub fn executor_of(&self, services: Services, handlers: Handlers) -> Executor {
        let allowed = Allowed::parse("127.0.0.1").unwrap();
        let http = Http::new(allowed, Secrets::default()).unwrap();
        Executor::new(services, Targets::new(handlers, http).unwrap())
    }

    /// An executor that lives.
    pub fn executor(&self, handlers: Handlers) -> Arc<Executor> {
        Arc::new(self.executor_of(self.services(), handlers))
    }

    /// An executor that dies where it is told.
    pub fn mortal(&self, handlers: Handlers, faults: &Faults) -> Arc<Executor> {
        Arc::new(self.executor_of(self.services().with_faults(faults.clone()), handlers))
    }

    /// A submit function.
    pub fn submit(&self) -> Submit {
        self.stack.submit(Limits { longest_timeout_seconds: 43_200, plain_http: true, ..Limits::default() })
    }

    /// A submit function with other services.
    pub fn submit_with(&self, change: impl FnOnce(Services) -> Services) -> Submit {
        let Submit { services, queues, limits } = self.submit();
        Submit { services: change(services), queues, limits }
    }

    /// The scheduler with other services.
    pub fn scheduler_with(&self, change: impl FnOnce(Services) -> Services) -> Scheduler {
        let scheduler = self.scheduler.clone();
        Scheduler { services: change(scheduler.services.clone()), ..scheduler }
    }

    /// Serves a submit function of the test's own, until the runtime ends.
    pub async fn serve(&self, submit: Submit) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, taskway_submit::router(submit)).await.unwrap() });
        Api::at(url)
    }

    /// The table, reached at another URL.
    pub fn store_at(&mut self, url: &str) -> Store {
        let direct = std::mem::replace(&mut self.stack.dynamodb, url.to_owned());
        let store = self.stack.store();
        self.stack.dynamodb = direct;
        store
    }

    /// Ticks once.
    pub async fn tick(&self) -> Report {
        self.scheduler.tick(BUDGET).await
    }

    /// Ticks once, in a process of its own, of a stack that is audited so often.
    pub async fn tick_auditing(&self, every: Duration) -> Report {
        Scheduler { auditing: Auditing::every(every), ..self.scheduler.clone() }.tick(BUDGET).await
    }

    /// The task's record, which is there.
    pub async fn record(&self, id: TaskId) -> Task {
        self.find(id).await.unwrap()
    }

    /// The task's record, if it is there.
    pub async fn find(&self, id: TaskId) -> Result<Task, StoreError> {
        self.store.get(&id.key).await
    }

    /// The name of the state that the task's record is in.
    pub async fn state(&self, id: TaskId) -> &'static str {
        self.record(id).await.state.name().as_str()
    }

    /// Asks DynamoDB itself.
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
