//! The embedded stack's parts, put together.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use crate::mapping::MappedLanes;
use anyhow::{Context, bail};
use aws_config::{Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use taskway_cloud::{
    aws,
    dynamo::{Shards, Store},
    sqs::{Lanes, Urls},
};
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_runtime::clock::{Clock, SystemClock};
use taskway_scheduler::Scheduler;
use taskway_submit::{ExecutorKind, LONGEST_INVOCATION, Submit, validate::Limits};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    calls::{Call, Calls},
    dynamo::Dynamo,
    functions::Functions,
    gateway,
    sqs::Sqs,
    template::{self, LocalEndpoints, REGION, Template},
};

/// The template that the stack is made by unless another is given: the one that is deployed.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The name of the stack, in its tables' and queues' names too.
pub const NAME: &str = "taskway";

/// The access key of a worker: what the template calls the permissions of one.
const WORKER: &str = "WorkerPolicy";

/// The access key of everybody else, `taskway dev`'s other shell among them.
const ANYBODY: &str = "local";

/// A client may wait for its task's end for 25 s.
const LONGEST_REQUEST: Duration = Duration::from_secs(26);

/// The binary of the function that answers the API.
const SUBMIT: &str = "taskway-submit";

/// What a stack is started with.
pub struct Setup {
    /// The template's text.
    pub template: String,
    /// Values for its parameters, by name; the others have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Where the database is kept; in memory when it is nowhere.
    pub data: Option<PathBuf>,
    /// The API's port; 0 is any free one, for the others too.
    pub port: u16,
    /// DynamoDB's.
    pub dynamodb_port: u16,
    /// SQS's.
    pub sqs_port: u16,
    /// The time, for all of it.
    pub clock: Arc<dyn Clock>,
    /// Private networks that HTTP targets may be in.
    pub allowed: Allowed,
    /// The longest timeout of an attempt, in seconds.
    pub longest_timeout_seconds: u32,
    /// Whether to note who asks the endpoints for what, which costs DynamoDB's about half of its speed.
    pub record_calls: bool,
    /// Where functions run that answer the API, instead of this process.
    pub functions: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            template: TEMPLATE.to_owned(),
            parameters: BTreeMap::new(),
            data: None,
            port: 0,
            dynamodb_port: 0,
            sqs_port: 0,
            clock: Arc::new(SystemClock),
            allowed: Allowed::default(),
            longest_timeout_seconds: ExecutorKind::Worker.longest_timeout_seconds(LONGEST_INVOCATION),
            record_calls: false,
            functions: None,
        }
    }
}

/// A running stack: both endpoints and the API. Who polls and who ticks is up to its owner.
pub struct Stack {
    /// The API's URL.
    pub api: String,
    /// DynamoDB's URL.
    pub dynamodb: String,
    /// The SQS endpoint, for counts and faults.
    pub sqs: Sqs,
    /// SQS's URL.
    pub sqs_url: String,
    /// What the template says.
    pub template: Template,
    /// The environment of the functions.
    pub settings: Settings,
    calls: Calls,
    clock: Arc<dyn Clock>,
    allowed: Allowed,
    sdk: SdkConfig,
    stop_api: CancellationToken,
    stop_endpoints: CancellationToken,
    api_server: JoinSet<anyhow::Result<()>>,
    endpoint_servers: JoinSet<anyhow::Result<()>>,
}

/// Who calls the endpoints. Each has an access key of its own, as each has a role of its own in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The submit function.
    Submit,
    /// The executor function, and the mappings that feed it, which poll in its role.
    Executor,
    /// The scheduler function.
    Scheduler,
    /// The executor as a worker.
    Worker,
    /// Who is nothing of the stack: a person, a test.
    Anybody,
}

/// What the functions are told by their environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TASKWAY_TABLE`.
    pub table: String,
    /// `TASKWAY_QUEUE_*` and `TASKWAY_DEAD_LETTERS`.
    pub queues: Urls,
    /// `TASKWAY_AGENDA_SHARDS` and `TASKWAY_CATALOG_SHARDS`.
    pub shards: Shards,
}

impl Stack {
    /// Starts the endpoints, makes the template's tables and queues, and serves the API.
    ///
    /// # Errors
    /// When a port is taken, the data directory cannot be used, or the template cannot be read.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let Setup { data, port, dynamodb_port, sqs_port, clock, allowed, longest_timeout_seconds, .. } = setup;
        let functions = setup.functions;
        let (api_listener, api) = bind("the API", port, "--port").await?;
        let (dynamodb_listener, dynamodb) = bind("DynamoDB", dynamodb_port, "--dynamodb-port").await?;
        let (sqs_listener, sqs_url) = bind("SQS", sqs_port, "--sqs-port").await?;

        let local = LocalEndpoints { sqs_base: sqs_url.clone(), stack: NAME.to_owned(), parameters: setup.parameters };
        let template = template::read(&setup.template, &local).context("the template cannot be used")?;
        let settings = Settings::of(&template)?;

        let database = Dynamo::open(data.as_deref(), Arc::clone(&clock))?;
        database.create_tables(&template.tables)?;
        let sqs = Sqs::new(Arc::clone(&clock), sqs_url.clone());
        // A queue must be there before another names it for its dead letters.
        let (naming, named): (Vec<_>, Vec<_>) =
            template.queues.iter().partition(|queue| queue.attributes.contains_key("RedrivePolicy"));
        for queue in named.into_iter().chain(naming) {
            sqs.create_queue(&queue.name, &queue.attributes)
                .with_context(|| format!("the template's queue {} cannot be made", queue.logical_id))?;
        }

        let stop_endpoints = CancellationToken::new();
        let mut endpoint_servers = JoinSet::new();
        let stopped = stop_endpoints.clone().cancelled_owned();
        let calls = Calls::default();
        if setup.record_calls {
            // Sets up TLS for the process, which what notes them needs.
            Http::new(allowed.clone(), Secrets::default())?;
            sqs.record(calls.clone());
            let noted = calls.clone();
            endpoint_servers.spawn(async move { Ok(database.serve_noting(dynamodb_listener, noted, stopped).await?) });
        } else {
            endpoint_servers.spawn(async move { Ok(database.serve(dynamodb_listener, stopped).await?) });
        }
        let (serving, stopped) = (sqs.clone(), stop_endpoints.clone().cancelled_owned());
        endpoint_servers.spawn(async move { Ok(serving.serve(sqs_listener, stopped).await?) });

        let sdk = sdk().await;
        let stack = Stack {
            api,
            dynamodb,
            sqs,
            sqs_url,
            template,
            settings,
            calls,
            clock,
            allowed,
            sdk,
            stop_api: CancellationToken::new(),
            stop_endpoints,
            api_server: JoinSet::new(),
            endpoint_servers,
        };
        let plain_http = !stack.allowed.is_empty();
        let limits = Limits { longest_timeout_seconds, plain_http, ..Limits::default() };
        let router = match functions {
            Some(url) => gateway::router(Functions::at(&url)?, stack.submit_function()?, Arc::clone(&stack.clock)),
            None => taskway_submit::router(stack.submit(limits)),
        };
        Ok(stack.serve_api(api_listener, router))
    }

    /// The function behind the API, as its binary is called.
    fn submit_function(&self) -> anyhow::Result<String> {
        let mut binaries = self.template.functions.iter().map(|function| &function.binary);
        let found = binaries.find(|binary| *binary == SUBMIT);
        found.cloned().with_context(|| format!("the template has no function of the binary {SUBMIT}"))
    }

    fn serve_api(mut self, listener: TcpListener, router: axum::Router) -> Self {
        let stopped = self.stop_api.clone().cancelled_owned();
        self.api_server.spawn(async move { Ok(axum::serve(listener, router).with_graceful_shutdown(stopped).await?) });
        self
    }

    /// The table, for anybody.
    pub fn store(&self) -> Store {
        self.store_for(Caller::Anybody)
    }

    /// The lanes, for anybody.
    pub fn lanes(&self) -> Lanes {
        self.lanes_for(Caller::Anybody)
    }

    /// The table, under the caller's access key.
    pub fn store_for(&self, caller: Caller) -> Store {
        aws::store(&self.at(&self.dynamodb, caller), &self.settings.table).sharded(self.settings.shards)
    }

    /// The lanes, under the caller's access key.
    pub fn lanes_for(&self, caller: Caller) -> Lanes {
        aws::lanes(&self.at(&self.sqs_url, caller), self.settings.queues.clone())
    }

    /// The services of a function, under the caller's access key.
    fn services_for(&self, caller: Caller) -> Services {
        Services::new(self.store_for(caller), self.lanes_for(caller)).with_clock(Arc::clone(&self.clock))
    }

    /// The lanes of the executor's event source mappings, which poll in its role.
    pub fn mapped_lanes(&self) -> MappedLanes {
        MappedLanes::new(self.lanes_for(Caller::Executor), self.queues_for(Caller::Executor))
    }

    /// SQS itself, under the caller's access key.
    pub(crate) fn queues_for(&self, caller: Caller) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.at(&self.sqs_url, caller))
    }

    fn at(&self, endpoint: &str, caller: Caller) -> SdkConfig {
        let key = credentials(self.access_key(caller));
        let sdk = self.sdk.clone().into_builder().endpoint_url(endpoint);
        sdk.credentials_provider(SharedCredentialsProvider::new(key)).build()
    }

    /// The access key of a caller: the logical id of a function, for one.
    pub fn access_key(&self, caller: Caller) -> &str {
        let binary = match caller {
            Caller::Submit => "taskway-submit",
            Caller::Executor => "taskway-executor",
            Caller::Scheduler => "taskway-scheduler",
            Caller::Worker => return WORKER,
            Caller::Anybody => return ANYBODY,
        };
        let function = self.template.functions.iter().find(|function| function.binary == binary);
        function.map_or(binary, |function| &function.logical_id)
    }

    /// Who asked the endpoints for what so far; nothing unless [`Setup::record_calls`] is set.
    pub fn calls(&self) -> BTreeSet<Call> {
        self.calls.all()
    }

    /// The submit function's parts.
    pub fn submit(&self, limits: Limits) -> Submit {
        Submit::new(self.services_for(Caller::Submit), limits)
    }

    /// The executor's parts, with these handlers.
    ///
    /// # Errors
    /// When no HTTP client can be made, or two handlers have one name.
    pub fn executor(&self, handlers: taskway::Handlers, secrets: Secrets) -> anyhow::Result<Executor> {
        let targets = Targets::new(handlers, Http::new(self.allowed.clone(), secrets)?)?;
        Ok(Executor::new(self.services_for(Caller::Executor), targets))
    }

    /// The scheduler.
    pub fn scheduler(&self) -> Scheduler {
        Scheduler::new(self.services_for(Caller::Scheduler))
    }

    /// Sends a message for every task that has not ended: those of the process before are gone.
    ///
    /// # Errors
    /// When the table or a queue does not answer.
    pub async fn resend(&self) -> anyhow::Result<usize> {
        crate::resend::open_tasks(&self.store(), &self.lanes(), &*self.clock).await
    }

    /// Stops taking requests, lets open ones end.
    pub async fn close_api(&mut self) {
        self.stop_api.cancel();
        ended(&mut self.api_server, LONGEST_REQUEST).await;
    }

    /// Stops the endpoints, when nobody needs them any more.
    pub async fn stop(mut self) {
        self.close_api().await;
        self.stop_endpoints.cancel();
        ended(&mut self.endpoint_servers, Duration::from_secs(3)).await;
    }

    /// Ends, with the reason, when one of the servers ends by itself.
    pub async fn failed(&mut self) -> anyhow::Error {
        let ended = tokio::select! {
            Some(ended) = self.api_server.join_next() => ended,
            Some(ended) = self.endpoint_servers.join_next() => ended,
            else => std::future::pending().await,
        };
        match ended {
            Ok(Ok(())) => anyhow::anyhow!("a server of the stack ended"),
            Ok(Err(error)) => error,
            Err(error) => error.into(),
        }
    }
}

/// The SDK for a process on this machine: any credentials will do.
async fn sdk() -> SdkConfig {
    aws::loader().region(Region::from_static(REGION)).credentials_provider(credentials(ANYBODY)).load().await
}

fn credentials(access_key: &str) -> Credentials {
    Credentials::new(access_key, "local", None, None, "embedded stack")
}

/// Waits for servers, though not for ever: a request that is never finished must not hold the process.
async fn ended(servers: &mut JoinSet<anyhow::Result<()>>, within: Duration) {
    let all = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(within, all).await.is_err() {
        servers.abort_all();
    }
}

fn bind(what: &str, port: u16, option: &str) -> impl Future<Output = anyhow::Result<(TcpListener, String)>> {
    let refused = format!("{what} cannot listen on 127.0.0.1:{port}: is something else there? choose with {option}");
    async move {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.context(refused)?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((listener, url))
    }
}

impl Settings {
    /// From the environment that the template gives the functions, which must agree.
    fn of(template: &Template) -> anyhow::Result<Self> {
        let variable = |name: &str| -> anyhow::Result<String> {
            let mut values: Vec<&String> =
                template.functions.iter().filter_map(|function| function.environment.get(name)).collect();
            values.dedup();
            match values.as_slice() {
                [value] => Ok((*value).clone()),
                [] => bail!("the template gives no function {name}"),
                _ => bail!("the template gives its functions different values of {name}"),
            }
        };
        Ok(Settings {
            table: variable("TASKWAY_TABLE")?,
            queues: Urls {
                high: variable("TASKWAY_QUEUE_HIGH")?,
                normal: variable("TASKWAY_QUEUE_NORMAL")?,
                low: variable("TASKWAY_QUEUE_LOW")?,
                dead_letters: Some(variable("TASKWAY_DEAD_LETTERS")?),
            },
            shards: Shards {
                agenda: Shards::parse_agenda(&variable("TASKWAY_AGENDA_SHARDS")?).context("TASKWAY_AGENDA_SHARDS")?,
                catalog: Shards::parse_catalog(&variable("TASKWAY_CATALOG_SHARDS")?)
                    .context("TASKWAY_CATALOG_SHARDS")?,
            },
        })
    }
}
