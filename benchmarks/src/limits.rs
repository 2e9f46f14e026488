//! What a limit costs: a queue whose limit never binds beside one without a limit, and how well a limit that binds is used.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use taskway::{Context, Handlers, Task};
use taskway_cloud::meter::Meter;
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
    worker::{self, WorkerOptions},
};
use taskway_submit::{Submit, validate::Limits};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    endpoints::{Endpoints, Place},
    options::Options,
    report::{Report, median},
};

/// The time with a limit that never binds, divided by the time without a limit.
const AIM: f64 = 1.0 / 0.85;

/// The time of a queue whose limit binds, divided by the shortest that the limit allows.
const BOUND_AIM: f64 = 1.0 / 0.9;

/// How long executors need to learn of a limit.
const KNOWN: Duration = Duration::from_secs(6);

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let (tasks, rounds) = if options.quick { (100, 1) } else { (2_000, options.rounds.max(1)) };
    let mut report = Report::new("limits", options);
    let endpoints = Endpoints::open(options).await?;
    let place = &endpoints.place;

    let (mut without, mut with) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        for (limit, found) in [(None, &mut without), (Some(200), &mut with)] {
            let Drained { seconds, writes, requests } = drained(place, limit, tasks, Duration::ZERO).await?;
            report.progress(format!(
                "round {round} of {rounds}, limit {limit:?}: {seconds:.2} s, {writes:.2} write units and {requests:.2} requests a task"
            ));
            found.push(seconds);
        }
    }
    let (without, with) = (median(without), median(with));
    report.found("drain without a limit", tasks as f64 / without, "tasks/s");
    report.found("drain with a limit that never binds", tasks as f64 / with, "tasks/s");
    report.aimed("time with such a limit / without", with / without, "", AIM);

    for (limit, tasks, takes) in [(8u32, tasks / 5, 50u32), (32, tasks / 2, 10u32)] {
        let least = f64::from(takes) / 1_000.0 * tasks as f64 / f64::from(limit);
        let Drained { seconds, .. } = drained(place, Some(limit), tasks, Duration::from_millis(takes.into())).await?;
        report.progress(format!("limit {limit}, tasks of {takes} ms: {seconds:.2} s, at least {least:.2} s"));
        report.found(format!("limit {limit}, tasks of {takes} ms"), tasks as f64 / seconds, "tasks/s");
        let name = format!("limit {limit}, tasks of {takes} ms: time / the shortest");
        if takes >= 50 {
            report.aimed(name, seconds / least, "", BOUND_AIM);
        } else {
            report.found(name, seconds / least, "");
        }
    }
    Ok(report)
}

/// What it took to run the tasks of a queue.
struct Drained {
    seconds: f64,
    /// Write units of the worker, for each task.
    writes: f64,
    /// Requests of the worker to DynamoDB and SQS, for each task.
    requests: f64,
}

/// Fills a queue, then runs its tasks with a worker. Fails if more tasks ran at once than the limit allows.
async fn drained(place: &Place, limit: Option<u32>, tasks: usize, takes: Duration) -> anyhow::Result<Drained> {
    let meter = Meter::by_index();
    let (store, lanes) = place.adapters(Some(&meter)).await;
    let services = Services::new(store, lanes);
    let api = Api::new(Submit::new(services.clone(), Limits::default()));
    let queue = format!("q{}", services.nonce().0);
    if let Some(limit) = limit {
        let path = format!("/v1/queues/{queue}");
        api.patch(&path, json!({"concurrency": limit}).to_string()).await?;
        tokio::time::sleep(KNOWN).await;
    }
    let task = json!({"queue": queue, "target": {"handler": "sleep"}}).to_string();
    for first in (0..tasks).step_by(100) {
        api.submit_batch(&task, 100.min(tasks - first)).await?;
    }
    let running = Running { left: Arc::new(AtomicUsize::new(tasks)), ..Running::default() };
    let targets = Targets::new(running.handlers(takes), Http::new(Allowed::default(), Secrets::default())?)?;
    let executor = Executor::new(services, targets);
    let stop = CancellationToken::new();
    meter.take();
    let began = Instant::now();
    let polling = tokio::spawn(worker::poll(Arc::new(executor), WorkerOptions::default(), stop.clone()));
    running.all.notified().await;
    let seconds = began.elapsed().as_secs_f64();
    stop.cancel();
    polling.await?;
    let most = running.most.load(Ordering::Relaxed);
    anyhow::ensure!(limit.is_none_or(|limit| most <= limit as usize), "{most} tasks ran at once, limit {limit:?}");
    let bill = meter.take();
    Ok(Drained {
        seconds,
        writes: bill.writes / tasks as f64,
        requests: bill.calls.values().sum::<u64>() as f64 / tasks as f64,
    })
}

/// Counts the tasks that run.
#[derive(Clone, Debug, Default)]
struct Running {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    left: Arc<AtomicUsize>,
    all: Arc<Notify>,
}

impl Running {
    fn handlers(&self, takes: Duration) -> Handlers {
        let running = self.clone();
        Handlers::new().on("sleep", move |_: Task<()>, _: Context| {
            let running = running.clone();
            async move {
                let now = running.now.fetch_add(1, Ordering::Relaxed) + 1;
                running.most.fetch_max(now, Ordering::Relaxed);
                if !takes.is_zero() {
                    tokio::time::sleep(takes).await;
                }
                running.now.fetch_sub(1, Ordering::Relaxed);
                if running.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    running.all.notify_one();
                }
                Ok(())
            }
        })
    }
}
