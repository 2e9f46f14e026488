//! A running stack: the endpoints and the API.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::Context;
use aws_config::SdkConfig;
use taskway_executor::targets::http::Allowed;
use taskway_runtime::clock::Clock;
use taskway_submit::validate::Limits;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    caller,
    endpoints::{Endpoints, Ports},
    functions::Functions,
    gateway,
    server::{self, Servers},
    settings::Settings,
    setup::{NAME, Setup},
};
use crate::emulator::{
    calls::Call,
    doors::{Doors, Hosts},
    dynamo,
    sqs::Sqs,
    template::{self, LocalEndpoints, Template},
};

/// A client may wait 25 s for the end of its task.
const LONGEST_REQUEST: Duration = Duration::from_secs(26);

/// The usual port of S3's endpoint. Clients are told the URL of their uploads, so any other does as well.
const S3_PORT: u16 = 9325;

/// The binary of the function that answers the API.
const SUBMIT: &str = "taskway-submit";

/// What the dashboard is told of its server.
const ABOUT: taskway_dashboard::About = taskway_dashboard::About {
    version: env!("CARGO_PKG_VERSION"),
    serves: "dev",
    api: None,
    sender: taskway_dashboard::Sender::Nobody,
    read_only: false,
};

/// A running stack: both endpoints and the API. Its owner starts a poller and a ticker if it wants them.
pub struct Stack {
    /// The API's URL.
    pub api: String,
    /// DynamoDB's URL for the stack's own parts. It has no doors, and nobody else is told of it.
    pub dynamodb: String,
    /// DynamoDB's URL for everybody.
    pub dynamodb_url: String,
    /// The SQS endpoint, for counts and faults.
    pub sqs: Sqs,
    /// SQS's URL.
    pub sqs_url: String,
    /// S3's URL.
    pub s3_url: String,
    /// The resolved template.
    pub template: Template,
    /// The environment of the functions.
    pub settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) allowed: Allowed,
    pub(super) sdk: SdkConfig,
    endpoints: Endpoints,
    stop_api: CancellationToken,
    api_server: Servers,
}

impl Stack {
    /// Starts the endpoints, creates the template's tables and queues, and serves the API.
    ///
    /// # Errors
    /// If a port is taken, the data directory cannot be used, or the template is not supported.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let bind = setup.bind;
        let (api_listener, api) = server::bind("the API", bind, setup.port, "--port").await?;
        let (dynamodb, dynamodb_url) = server::bind("DynamoDB", bind, setup.dynamodb_port, "--dynamodb-port").await?;
        let (sqs, sqs_url) = server::bind("SQS", bind, setup.sqs_port, "--sqs-port").await?;
        let s3 = |port| server::bind("S3", bind, port, "--s3-port");
        let (s3, s3_url) = match setup.s3_port {
            Some(port) => s3(port).await?,
            None => match s3(S3_PORT).await {
                Ok(bound) => bound,
                Err(_) => s3(0).await?,
            },
        };
        let engine = dynamo::hidden().await.context("no port for DynamoDB's engine")?;
        // Only calls at the known port are recorded.
        let direct = if setup.record_calls { dynamodb_url.clone() } else { format!("http://{}", engine.local_addr()?) };
        let doors = Doors::new(Hosts::new(bind, setup.hosts));

        let local = LocalEndpoints { sqs_base: sqs_url.clone(), stack: NAME.to_owned(), parameters: setup.parameters };
        let template = template::read(&setup.template, &local).context("the template cannot be used")?;
        let mut settings = Settings::of(&template)?;
        if let Some(callable) = setup.callable {
            settings.functions = callable;
        }
        let clock = setup.clock;
        let endpoints = Endpoints::start(
            &template,
            setup.data.as_deref(),
            Arc::clone(&clock),
            setup.record_calls,
            &doors,
            Ports { dynamodb, engine, sqs, s3, sqs_url: sqs_url.clone() },
        )?;
        let stack = Stack {
            api,
            dynamodb: direct,
            dynamodb_url,
            sqs: endpoints.sqs.clone(),
            sqs_url,
            s3_url,
            template,
            settings,
            clock,
            allowed: setup.allowed,
            sdk: caller::sdk(),
            endpoints,
            stop_api: CancellationToken::new(),
            api_server: Servers::new(),
        };
        let plain_http = !stack.allowed.is_empty();
        let longest_timeout_seconds = setup.longest_timeout_seconds;
        let functions = stack.settings.functions.clone();
        let aws_hosts = setup.aws_hosts;
        let limits = Limits { longest_timeout_seconds, plain_http, functions, aws_hosts, ..Limits::default() };
        let router = match setup.functions {
            Some(url) => {
                gateway::router(Functions::at("--functions", &url)?, stack.submit_function()?, Arc::clone(&stack.clock))
            }
            None => taskway_submit::router(stack.submit(limits)),
        };
        let router = if setup.dashboard { taskway_dashboard::before(router, &ABOUT)? } else { router };
        Ok(stack.serve_api(api_listener, doors.before(router)))
    }

    /// The name under which `cargo lambda watch` serves the function that answers the API.
    fn submit_function(&self) -> anyhow::Result<String> {
        let mut binaries = self.template.functions.iter().map(|function| &function.binary);
        let found = binaries.find(|binary| *binary == SUBMIT);
        found.cloned().with_context(|| format!("no function of the template has the binary {SUBMIT}"))
    }

    fn serve_api(mut self, listener: TcpListener, router: axum::Router) -> Self {
        let stopped = self.stop_api.clone().cancelled_owned();
        self.api_server.spawn(async move { Ok(axum::serve(listener, router).with_graceful_shutdown(stopped).await?) });
        self
    }

    /// The distinct calls of the endpoints so far. Empty unless [`Setup::record_calls`] is set.
    pub fn calls(&self) -> BTreeSet<Call> {
        self.endpoints.calls.all()
    }

    /// Stops accepting requests, and waits for the open ones.
    pub async fn close_api(&mut self) {
        self.stop_api.cancel();
        server::end(&mut self.api_server, LONGEST_REQUEST).await;
    }

    /// Stops the API, then the endpoints.
    pub async fn stop(mut self) {
        self.close_api().await;
        self.endpoints.stop().await;
    }

    /// Resolves with an error if one of the servers ends by itself.
    pub async fn failed(&mut self) -> anyhow::Error {
        let ended = tokio::select! {
            Some(ended) = self.api_server.join_next() => ended,
            Some(ended) = self.endpoints.servers.join_next() => ended,
            else => std::future::pending().await,
        };
        match ended {
            Ok(Ok(())) => anyhow::anyhow!("a server of the stack ended"),
            Ok(Err(error)) => error,
            Err(error) => error.into(),
        }
    }
}
