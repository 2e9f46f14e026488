//! How many no-op tasks a second, and what they take of the client's and the worker's processor.
//!
//! Rates on one machine are bound by the endpoints, which stand for services that scale; the processor time does not
//! depend on them.

use std::{path::PathBuf, time::Duration};
use taskway_engine::Services;

use anyhow::Context;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_submit::{Submit, validate::Limits};

use crate::{
    api::Api,
    drain::{self, Counted},
    endpoints::{Endpoints, Place},
    meter::Meter,
    options::Options,
    process::{Process, Usage},
    report::{Report, median},
    submitter::{self, By, Submitted},
};

/// A quarter of what a task takes of machinery, the leanest of the peers, in ms.
const CPU_AIM: f64 = 0.4;

/// In MB.
const MEMORY_GOAL: f64 = 40.0;

/// SQS requests a task: send 1, receive and delete a tenth each, and a tenth to spare.
const REQUESTS_GOAL: f64 = 1.3;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let tasks = if options.quick { 200 } else { 5_000 };
    let rounds = if options.quick { 1 } else { options.rounds.max(1) };
    let mut report = Report::new("throughput", options);

    let mut live = Vec::new();
    let mut drained = Vec::new();
    for round in 1..=rounds {
        let one = Round::live(options, tasks).await?;
        report.progress(format!("round {round} of {rounds}, worker beside client: {one}"));
        live.push(one);
        let one = Round::filled(options, tasks).await?;
        report.progress(format!("round {round} of {rounds}, client before worker: {one}"));
        drained.push(one);
    }
    let of = |rounds: &[Round], value: fn(&Round) -> f64| median(rounds.iter().map(value));
    report.found("end to end", of(&live, |round| round.rate), "tasks/s");
    report.found("end to end, client's processor time a task", of(&live, |round| round.client_ms), "ms");
    report.found("end to end, worker's", of(&live, |round| round.worker_ms), "ms");
    let both = of(&live, |round| round.client_ms + round.worker_ms);
    report.aimed("end to end, both", both, "ms", CPU_AIM);
    report.found("end to end, endpoints'", of(&live, |round| round.endpoints_ms), "ms");
    report.found("drain", of(&drained, |round| round.rate), "tasks/s");
    report.found("drain, client's processor time a task, by batch", of(&drained, |round| round.client_ms), "ms");
    report.found("drain, worker's", of(&drained, |round| round.worker_ms), "ms");
    let both = of(&drained, |round| round.client_ms + round.worker_ms);
    report.aimed("drain, both", both, "ms", CPU_AIM);
    let peak = live.iter().chain(&drained).map(|round| round.worker_mb).fold(0.0, f64::max);
    report.limited("worker's peak memory", peak, "MB", MEMORY_GOAL);

    report.progress("counting requests");
    for (by, goal) in [(By::Single, REQUESTS_GOAL), (By::Batch, REQUESTS_GOAL - 0.9)] {
        count(options, by, tasks, goal, &mut report).await?;
    }
    Ok(report)
}

struct Round {
    rate: f64,
    client_ms: f64,
    worker_ms: f64,
    endpoints_ms: f64,
    worker_mb: f64,
}

/// When tasks were accepted first, started first and done last, in seconds.
struct Times {
    born: f64,
    started: f64,
    done: f64,
}

impl Round {
    /// The worker is there when the first task comes.
    async fn live(options: &Options, tasks: usize) -> anyhow::Result<Self> {
        let endpoints = Endpoints::open(options).await?;
        let began = usage(&endpoints)?;
        let (worker, before) = worker(options, &endpoints.place)?;
        let submitted = submit(&endpoints.place, By::Single, tasks)?;
        let times = done(&endpoints.place, tasks).await?;
        let rate = tasks as f64 / (times.done - times.born);
        Self::of(tasks, rate, submitted, (before, worker.usage()?), (began, usage(&endpoints)?))
    }

    /// All tasks are there when the worker comes.
    async fn filled(options: &Options, tasks: usize) -> anyhow::Result<Self> {
        let endpoints = Endpoints::open(options).await?;
        let began = usage(&endpoints)?;
        let submitted = submit(&endpoints.place, By::Batch, tasks)?;
        let (worker, before) = worker(options, &endpoints.place)?;
        let times = done(&endpoints.place, tasks).await?;
        let rate = tasks as f64 / (times.done - times.started);
        Self::of(tasks, rate, submitted, (before, worker.usage()?), (began, usage(&endpoints)?))
    }

    fn of(
        tasks: usize,
        rate: f64,
        submitted: Submitted,
        worker: (Usage, Usage),
        endpoints: (f64, f64),
    ) -> anyhow::Result<Self> {
        let each = |ms: f64| ms / tasks as f64;
        Ok(Round {
            rate,
            client_ms: each(submitted.cpu_ms),
            worker_ms: each(worker.1.cpu_ms - worker.0.cpu_ms),
            endpoints_ms: each(endpoints.1 - endpoints.0),
            worker_mb: worker.1.peak_mb,
        })
    }
}

impl std::fmt::Display for Round {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Round { rate, client_ms, worker_ms, worker_mb, .. } = self;
        write!(f, "{rate:.0} tasks/s, client {client_ms:.3} ms, worker {worker_ms:.3} ms, {worker_mb:.0} MB")
    }
}

/// The processor time of endpoints that are ours.
fn usage(endpoints: &Endpoints) -> anyhow::Result<f64> {
    endpoints.process.as_ref().map_or(Ok(0.0), |process| Ok(process.usage()?.cpu_ms))
}

/// `taskway`, to be started.
pub(crate) fn taskway(options: &Options) -> anyhow::Result<PathBuf> {
    let beside = || Ok(std::env::current_exe()?.with_file_name("taskway"));
    let path = options.taskway.clone().map_or_else(beside, anyhow::Ok)?;
    anyhow::ensure!(path.exists(), "no {}: build taskway-cli likewise, or name it by --taskway", path.display());
    Ok(path)
}

/// `taskway worker`, ready, and what it had used by then.
fn worker(options: &Options, place: &Place) -> anyhow::Result<(Process, Usage)> {
    let mut worker = Process::start(&taskway(options)?, &["worker"], &place.settings())?;
    worker.line(|line| (line == "ready").then_some(()))?;
    let usage = worker.usage()?;
    Ok((worker, usage))
}

fn submit(place: &Place, by: By, tasks: usize) -> anyhow::Result<Submitted> {
    Process::start_self(&["submit", by.as_str(), &tasks.to_string()], &place.settings())?.json()
}

/// Waits until the queue is empty, and looks whether all tasks have succeeded.
async fn done(place: &Place, tasks: usize) -> anyhow::Result<Times> {
    let (dynamodb, sqs) = place.clients(None).await;
    let counts = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    loop {
        let asked = sqs.get_queue_attributes().queue_url(&place.normal).set_attribute_names(Some(counts.to_vec()));
        let attributes = asked.send().await?.attributes.unwrap_or_default();
        if attributes.values().all(|count| count == "0") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut pages = dynamodb
        .scan()
        .table_name(&place.table)
        .filter_expression("#st = :st")
        .projection_expression("born, sa, fin")
        .expression_attribute_names("#st", "st")
        .expression_attribute_values(":st", AttributeValue::S("succeeded".to_owned()))
        .into_paginator()
        .items()
        .send();
    let mut found = Vec::new();
    while let Some(item) = pages.next().await {
        let item = item?;
        let seconds = |name: &str| {
            let ms = item.get(name).and_then(|value| value.as_n().ok()).and_then(|digits| digits.parse::<f64>().ok());
            ms.map(|ms| ms / 1000.0).with_context(|| format!("a record without {name}"))
        };
        found.push((seconds("born")?, seconds("sa")?, seconds("fin")?));
    }
    // On endpoints of the caller's there may be older tasks.
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(tasks);
    anyhow::ensure!(found.len() == tasks, "{} of {tasks} tasks have succeeded", found.len());
    Ok(Times {
        born: found.iter().map(|task| task.0).fold(f64::INFINITY, f64::min),
        started: found.iter().map(|task| task.1).fold(f64::INFINITY, f64::min),
        done: found.iter().map(|task| task.2).fold(0.0, f64::max),
    })
}

/// Once more with client and worker in this process, where the SDK's calls can be counted.
async fn count(options: &Options, by: By, tasks: usize, goal: f64, report: &mut Report) -> anyhow::Result<()> {
    let endpoints = Endpoints::open(options).await?;
    let meter = Meter::default();
    let (store, lanes) = endpoints.place.adapters(Some(&meter)).await;
    let api = Api::new(Submit::new(Services::new(store.clone(), lanes.clone()), Limits::default()));
    let counted = Counted::new(tasks);
    let targets = Targets::new(counted.handlers(), Http::new(Allowed::default(), Secrets::default())?)?;
    let working = drain::by_executor(Executor::new(Services::new(store, lanes), targets), counted);
    let (submitted, worked) = futures::join!(submitter::all(&api, submitter::Submit { by, tasks }), working);
    submitted?;
    worked?;
    let bill = meter.take();
    let each = |count: f64| count / tasks as f64;
    let by = by.as_str();
    for (call, name) in [
        ("receive", "AmazonSQS.ReceiveMessage"),
        ("delete", "AmazonSQS.DeleteMessageBatch"),
        ("visibility", "AmazonSQS.ChangeMessageVisibilityBatch"),
    ] {
        report.found(format!("submitted by {by}: SQS {call} requests a task"), each(bill.calls(name) as f64), "");
    }
    report.limited(format!("submitted by {by}: SQS requests a task"), each(bill.sqs_requests() as f64), "", goal);
    report.limited(format!("submitted by {by}: write units a task"), each(bill.writes), "", 4.0);
    report.limited(format!("submitted by {by}: read units a task"), each(bill.reads), "", 0.0);
    Ok(())
}
