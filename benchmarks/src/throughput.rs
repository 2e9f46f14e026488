//! No-op tasks per second, and the processor time of client and worker for each task.
//!
//! On one machine the endpoints limit the rate. In the cloud they scale, so only the processor time carries over.

use std::time::{Duration, Instant};

use anyhow::Context;
use aws_sdk_sqs::types::QueueAttributeName;
use taskway_cloud::meter::Meter;
use taskway_engine::{Services, Tally};
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_protocol::{End, State, Task, Time};
use taskway_runtime::clock::{Clock, SystemClock};
use taskway_submit::{Submit, validate::Limits};

use crate::{
    api::{Api, NO_OP},
    drain::{self, Counted},
    endpoints::{Endpoints, Place},
    options::Options,
    process::{Process, Usage},
    report::{Report, median},
    submitter::{self, By, Submitted},
};

/// Processor time of client and worker for each task, in ms. It is a quarter of what machinery, the leanest similar system,
/// takes.
const CPU_AIM: f64 = 0.4;

/// The worker's peak memory, in MB.
const MEMORY_GOAL: f64 = 40.0;

/// SQS requests for each task: one send, a tenth of a receive, a tenth of a delete, and a tenth to spare.
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

/// What one run of many tasks took. Processor times are for each task, in ms.
pub(crate) struct Round {
    /// Tasks a second.
    pub(crate) rate: f64,
    pub(crate) client_ms: f64,
    pub(crate) worker_ms: f64,
    pub(crate) endpoints_ms: f64,
    /// The worker's peak memory.
    worker_mb: f64,
}

/// The times of a task. For several tasks: the first birth, the first start and the last end.
struct Times {
    born: Time,
    started: Time,
    done: Time,
}

impl Round {
    /// The worker starts before the client.
    pub(crate) async fn live(options: &Options, tasks: usize) -> anyhow::Result<Self> {
        let endpoints = Endpoints::open(options).await?;
        let (start, began) = (SystemClock.now(), endpoints.cpu_ms()?);
        let (worker, before) = worker(options, &endpoints.place)?;
        let submitted = submit(&endpoints.place, By::Single, tasks)?;
        let times = done(&endpoints.place, tasks, start).await?;
        let seconds = times.done.since(times.born).as_secs_f64();
        Self::of(tasks, seconds, submitted.cpu_ms, (before, worker.usage()?), (began, endpoints.cpu_ms()?))
    }

    /// The worker starts after all tasks are submitted.
    pub(crate) async fn filled(options: &Options, tasks: usize) -> anyhow::Result<Self> {
        let endpoints = Endpoints::open(options).await?;
        let (start, began) = (SystemClock.now(), endpoints.cpu_ms()?);
        let submitted = submit(&endpoints.place, By::Batch, tasks)?;
        let (worker, before) = worker(options, &endpoints.place)?;
        let times = done(&endpoints.place, tasks, start).await?;
        let seconds = times.done.since(times.started).as_secs_f64();
        Self::of(tasks, seconds, submitted.cpu_ms, (before, worker.usage()?), (began, endpoints.cpu_ms()?))
    }

    /// Takes what the client used, and what worker and endpoints had used before and after.
    pub(crate) fn of(
        tasks: usize,
        seconds: f64,
        client_cpu_ms: f64,
        worker: (Usage, Usage),
        endpoints_cpu_ms: (f64, f64),
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(seconds > 0.0, "{tasks} tasks took no time");
        let each = |ms: f64| ms / tasks as f64;
        Ok(Round {
            rate: tasks as f64 / seconds,
            client_ms: each(client_cpu_ms),
            worker_ms: each(worker.1.cpu_ms - worker.0.cpu_ms),
            endpoints_ms: each(endpoints_cpu_ms.1 - endpoints_cpu_ms.0),
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

/// Starts `taskway worker` and waits until it is ready. Returns what it has used by then.
fn worker(options: &Options, place: &Place) -> anyhow::Result<(Process, Usage)> {
    let mut worker = Process::start(&options.taskway()?, &["worker"], &place.settings())?;
    worker.line(|line| (line == "ready").then_some(()))?;
    let usage = worker.usage()?;
    Ok((worker, usage))
}

fn submit(place: &Place, by: By, tasks: usize) -> anyhow::Result<Submitted> {
    Process::start_self(&["submit", by.as_str(), &tasks.to_string()], &place.settings())?.json()
}

/// Waits until the queue is empty, and checks that all tasks that were accepted after `start` have succeeded.
async fn done(place: &Place, tasks: usize, start: Time) -> anyhow::Result<Times> {
    let (_, sqs) = place.clients(None).await;
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
    let (store, _) = place.adapters(None).await;
    let (mut from, mut found) = (None, Vec::new());
    loop {
        let page = store.scan_for_audit(from, start, None).await?.page;
        found.extend(page.items.iter().filter_map(succeeded).filter(|times| times.born >= start));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    anyhow::ensure!(found.len() == tasks, "{} of {tasks} tasks have succeeded at their first attempt", found.len());
    let all = found.into_iter().reduce(|a, b| Times {
        born: a.born.min(b.born),
        started: a.started.min(b.started),
        done: a.done.max(b.done),
    });
    all.context("there are no tasks")
}

/// The times of a task that succeeded.
fn succeeded(task: &Task) -> Option<Times> {
    match task.state {
        State::Ended { end: End::Succeeded, at, .. } => {
            Some(Times { born: task.id.born, started: task.started_at?, done: at })
        }
        State::Ended { end: End::Failed | End::Cancelled | End::Expired, .. }
        | State::Scheduled { .. }
        | State::Queued { .. }
        | State::Running { .. } => None,
    }
}

/// Runs client and worker in this process, and counts the SDK's calls.
async fn count(options: &Options, by: By, tasks: usize, goal: f64, report: &mut Report) -> anyhow::Result<()> {
    let endpoints = Endpoints::open(options).await?;
    let meter = Meter::by_index();
    let (store, lanes) = endpoints.place.adapters(Some(&meter)).await;
    // What a process tells of itself now and then is not of a task.
    let services = Services { tally: Tally::off(), ..Services::new(store, lanes) };
    let api = Api::new(Submit::new(services.clone(), Limits::default()));
    // The first task of a queue is not counted: with it the client records the queue, which costs two write units once.
    futures::try_join!(api.submit(NO_OP), work(&services, 1))?;
    meter.take();

    let submit = submitter::Submit { by, tasks };
    let began = Instant::now();
    futures::try_join!(submitter::all(&api, submit), work(&services, tasks))?;
    let (bill, took) = (meter.take(), began.elapsed());
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
    // A worker announces its handlers once in 30 seconds, and reads the settings of the queue again after four.
    let once_in = |seconds: f64| each((took.as_secs_f64() / seconds).ceil());
    let (announced, settings) = (once_in(30.0), once_in(4.0));
    report.limited(format!("submitted by {by}: write units a task"), each(bill.writes), "", 4.0 + announced);
    report.limited(format!("submitted by {by}: read units a task"), each(bill.reads), "", settings);
    Ok(())
}

/// Runs tasks with an executor in this process.
async fn work(services: &Services, tasks: usize) -> anyhow::Result<()> {
    let counted = Counted::new(tasks);
    let targets = Targets::new(counted.handlers(), Http::new(Allowed::default(), Secrets::default())?)?;
    drain::by_executor(Executor::new(services.clone(), targets), counted).await
}
