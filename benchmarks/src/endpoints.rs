//! The DynamoDB and SQS of a benchmark: embedded ones in another process, or those that the caller named.

use std::{collections::HashMap, io::Read};

use anyhow::Context;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::SharedInterceptor;
use aws_sdk_sqs::types::QueueAttributeName;
use serde::{Deserialize, Serialize};
use taskway_cloud::{
    aws,
    config::{Writing, batches},
    dynamo::Store,
    meter::Meter,
    sqs::{Lanes, Urls},
};
use taskway_local::{
    stack::{Setup, Stack, TEMPLATE},
    template::{self, LocalEndpoints, REGION},
};
use taskway_runtime::env::Env;

use crate::{options::Options, process::Process};

/// The URLs of DynamoDB and SQS, the table and the queues.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) dynamodb: String,
    pub(crate) sqs: String,
    pub(crate) table: String,
    pub(crate) high: String,
    pub(crate) normal: String,
    pub(crate) low: String,
    pub(crate) dead_letters: String,
}

/// A place and the process that serves it. Dropping this ends the process.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) place: Place,
    /// `None` if the caller named the endpoints.
    pub(crate) process: Option<Process>,
}

/// The hidden subcommand `endpoints`. Serves the embedded endpoints, without poller and ticker, until standard input ends.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let stack = Stack::start(Setup::default()).await?;
    println!("{}", serde_json::to_string(&Place::of(&stack))?);
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

impl Endpoints {
    /// Opens the caller's endpoints, or starts new ones.
    pub(crate) async fn open(options: &Options) -> anyhow::Result<Self> {
        if let (Some(dynamodb), Some(sqs)) = (&options.dynamodb, &options.sqs) {
            return Ok(Endpoints { place: Place::furnish(dynamodb, sqs).await?, process: None });
        }
        let mut process = Process::start_self(&["endpoints"], &[])?;
        Ok(Endpoints { place: process.json()?, process: Some(process) })
    }

    /// The processor time of the embedded endpoints so far. 0 if the caller named the endpoints.
    pub(crate) fn cpu_ms(&self) -> anyhow::Result<f64> {
        self.process.as_ref().map_or(Ok(0.0), |process| Ok(process.usage()?.cpu_ms))
    }
}

impl Place {
    pub(crate) fn of(stack: &Stack) -> Self {
        let queues = stack.settings.queues.clone();
        Place {
            dynamodb: stack.dynamodb.clone(),
            sqs: stack.sqs_url.clone(),
            table: stack.settings.table.clone(),
            high: queues.high,
            normal: queues.normal,
            low: queues.low,
            dead_letters: queues.dead_letters.unwrap_or_default(),
        }
    }

    /// Creates the template's table and queues if they are missing.
    async fn furnish(dynamodb: &str, sqs: &str) -> anyhow::Result<Self> {
        let local = LocalEndpoints {
            sqs_base: sqs.trim_end_matches('/').to_owned(),
            stack: "taskway".to_owned(),
            ..LocalEndpoints::default()
        };
        let template = template::read(TEMPLATE, &local)?;
        for table in &template.tables {
            create_table(dynamodb, &table.create).await?;
        }
        let (_, queues) = clients(&sdk(), dynamodb, sqs, None);
        let mut urls = HashMap::new();
        for queue in &template.queues {
            let url = match queues.get_queue_url().queue_name(&queue.name).send().await {
                Ok(found) => found.queue_url,
                Err(_) => {
                    // Other services may not have encryption or redrive, and a benchmark needs neither.
                    let kept = ["VisibilityTimeout", "MessageRetentionPeriod"];
                    let kept = kept
                        .into_iter()
                        .filter_map(|name| Some((QueueAttributeName::from(name), queue.attributes.get(name)?.clone())));
                    let create = queues.create_queue().queue_name(&queue.name).set_attributes(Some(kept.collect()));
                    create.send().await?.queue_url
                }
            };
            urls.insert(queue.name.clone(), url.context("SQS returned no URL of a queue")?);
        }
        let setting = |name: &str| {
            template.functions.iter().find_map(|function| function.environment.get(name)).cloned().unwrap_or_default()
        };
        let url = |name: &str| {
            let queue = setting(name).rsplit('/').next().unwrap_or_default().to_owned();
            urls.get(&queue).cloned().with_context(|| format!("the template has no queue for {name}"))
        };
        Ok(Place {
            dynamodb: dynamodb.to_owned(),
            sqs: sqs.to_owned(),
            table: setting("TASKWAY_TABLE"),
            high: url("TASKWAY_QUEUE_HIGH")?,
            normal: url("TASKWAY_QUEUE_NORMAL")?,
            low: url("TASKWAY_QUEUE_LOW")?,
            dead_letters: url("TASKWAY_DEAD_LETTERS")?,
        })
    }

    /// The environment of a process that uses this place.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let local = || "local".to_owned();
        vec![
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.clone()),
            ("AWS_ENDPOINT_URL_SQS", self.sqs.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", local()),
            ("AWS_SECRET_ACCESS_KEY", local()),
            ("TASKWAY_TABLE", self.table.clone()),
            ("TASKWAY_QUEUE_HIGH", self.high.clone()),
            ("TASKWAY_QUEUE_NORMAL", self.normal.clone()),
            ("TASKWAY_QUEUE_LOW", self.low.clone()),
            ("TASKWAY_DEAD_LETTERS", self.dead_letters.clone()),
        ]
    }

    pub(crate) fn urls(&self) -> Urls {
        Urls {
            high: self.high.clone(),
            normal: self.normal.clone(),
            low: self.low.clone(),
            dead_letters: Some(self.dead_letters.clone()),
        }
    }

    /// The SDK's clients, for calls that Taskway's adapters do not make.
    pub(crate) async fn clients(&self, meter: Option<&Meter>) -> (aws_sdk_dynamodb::Client, aws_sdk_sqs::Client) {
        clients(&sdk(), &self.dynamodb, &self.sqs, intercepted(meter))
    }

    /// Taskway's adapters. With a meter, it counts their calls. They write in batches, unless `TASKWAY_BATCH_WRITES` says
    /// otherwise.
    pub(crate) async fn adapters(&self, meter: Option<&Meter>) -> (Store, Lanes) {
        self.adapters_with(intercepted(meter), batches(&mut Env::new())).await
    }

    /// Taskway's adapters, with an interceptor of all their calls. They write in batches or one by one.
    pub(crate) async fn adapters_with(&self, each_call: Option<SharedInterceptor>, batches: bool) -> (Store, Lanes) {
        let (dynamodb, sqs) = clients(&sdk(), &self.dynamodb, &self.sqs, each_call);
        let writing = Writing { batches, ..Writing::default() };
        (writing.store(Store::new(dynamodb, &self.table)), writing.lanes(Lanes::new(sqs, self.urls())))
    }
}

fn sdk() -> SdkConfig {
    aws::local(REGION, "local")
}

fn intercepted(meter: Option<&Meter>) -> Option<SharedInterceptor> {
    meter.map(|meter| SharedInterceptor::new(meter.clone()))
}

fn clients(
    sdk: &SdkConfig,
    dynamodb: &str,
    sqs: &str,
    each_call: Option<SharedInterceptor>,
) -> (aws_sdk_dynamodb::Client, aws_sdk_sqs::Client) {
    let mut for_dynamodb = aws_sdk_dynamodb::config::Builder::from(sdk).endpoint_url(dynamodb);
    let mut for_sqs = aws_sdk_sqs::config::Builder::from(sdk).endpoint_url(sqs);
    if let Some(interceptor) = each_call {
        for_dynamodb.push_interceptor(interceptor.clone());
        for_sqs.push_interceptor(interceptor);
    }
    (aws_sdk_dynamodb::Client::from_conf(for_dynamodb.build()), aws_sdk_sqs::Client::from_conf(for_sqs.build()))
}

/// Sends the request that the template gives. An endpoint on this machine accepts any signature.
async fn create_table(dynamodb: &str, request: &serde_json::Value) -> anyhow::Result<()> {
    let signed = format!(
        "AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    );
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .post(dynamodb)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.CreateTable")
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", signed)
        .body(request.to_string())
        .send()
        .await?;
    let (status, text) = (answer.status(), answer.text().await?);
    anyhow::ensure!(status.is_success() || text.contains("ResourceInUseException"), "cannot create the table: {text}");
    Ok(())
}
