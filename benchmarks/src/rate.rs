//! How exactly a rate is kept, and how much of it is used: three executors drain a queue with a rate, and each notes when its
//! handlers start.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use taskway::{Context, Handlers, Task};
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
    worker::{self, WorkerOptions},
};
use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, SystemClock};
use taskway_submit::{Submit, validate::Limits};
use tokio_util::sync::CancellationToken;

use crate::{api::Api, endpoints::Endpoints, options::Options, report::Report};

/// The tasks of a second.
const TASKS: u32 = 100;

/// How many may start at once.
const BURST: u32 = 5;

/// How many executors share the rate.
const EXECUTORS: usize = 3;

/// How much of the rate must be used.
const USED: f64 = 0.98;

/// How long executors need to learn of a rate.
const KNOWN: Duration = Duration::from_secs(6);

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let seconds: u32 = if options.quick { 5 } else { 60 };
    let mut report = Report::new("rate", options);
    let endpoints = Endpoints::open(options).await?;
    let (store, lanes) = endpoints.place.adapters(None).await;
    let services = Services::new(store, lanes);
    let api = Api::new(Submit::new(services.clone(), Limits::default()));
    let queue = format!("q{}", services.nonce().0);
    let rate = json!({"rate": {"tasks": TASKS, "per_seconds": 1, "burst": BURST}});
    api.patch(&format!("/v1/queues/{queue}"), rate.to_string()).await?;
    tokio::time::sleep(KNOWN).await;

    let starts = Starts::default();
    let stop = CancellationToken::new();
    let mut polling = Vec::new();
    for _ in 0..EXECUTORS {
        let (store, lanes) = endpoints.place.adapters(None).await;
        let targets = Targets::new(starts.handlers(), Http::new(Allowed::default(), Secrets::default())?)?;
        let executor = Arc::new(Executor::new(Services::new(store, lanes), targets));
        polling.push(tokio::spawn(worker::poll(executor, WorkerOptions::default(), stop.clone())));
    }
    let tasks = (TASKS * seconds + TASKS / 2) as usize;
    let task = json!({"queue": queue, "target": {"handler": "start"}}).to_string();
    for first in (0..tasks).step_by(100) {
        api.submit_batch(&task, 100.min(tasks - first)).await?;
    }
    for passed in 1..=seconds + 2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if passed % 10 == 0 {
            report.progress(format!("{passed} s: {} have started", starts.times().len()));
        }
    }
    stop.cancel();
    for polling in polling {
        polling.await?;
    }
    let times = starts.times();
    let Some(first) = times.first().copied() else { anyhow::bail!("no task has started") };
    let within = |window: Duration| times.iter().take_while(|time| time.since(first) < window).count();
    // What starts at once at the beginning is not of the rate.
    let used = (within(Duration::from_secs(seconds.into())) as f64 - f64::from(BURST)) / f64::from(TASKS * seconds);
    report.found("rate", f64::from(TASKS), "tasks/s");
    report.found("executors", EXECUTORS as f64, "");
    report.limited("most in a second that slides", most(&times) as f64, "tasks", f64::from(TASKS + BURST));
    report.aimed("rate / what was used of it", 1.0 / used, "", 1.0 / USED);
    Ok(report)
}

/// The most of these times in any second.
fn most(times: &[Time]) -> usize {
    let second = Duration::from_secs(1);
    let (mut first, mut most) = (0, 0);
    for (last, time) in times.iter().enumerate() {
        while time.since(times[first]) >= second {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// When handlers have started.
#[derive(Clone, Debug, Default)]
struct Starts(Arc<Mutex<Vec<Time>>>);

impl Starts {
    fn handlers(&self) -> Handlers {
        let starts = self.clone();
        Handlers::new().on("start", move |_: Task<()>, _: Context| {
            starts.0.lock().unwrap_or_else(PoisonError::into_inner).push(SystemClock.now());
            async { Ok(()) }
        })
    }

    fn times(&self) -> Vec<Time> {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        times.sort();
        times
    }
}
