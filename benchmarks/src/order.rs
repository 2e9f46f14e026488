//! Who starts first: a tenant beside another's backlog, short tasks beside long ones, and a lane beside a flood in a lower one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
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
use taskway_submit::{Submit, validate::Limits};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    bars::{self, Group},
    endpoints::{Endpoints, Place},
    options::Options,
    report::{Report, median},
};

/// How many tasks run at once.
const CONCURRENCY: usize = 8;

/// A tenant's single task must start within so many batches of ten.
const BATCHES: f64 = 3.0;

/// The mean completion of tasks that say how long they take, divided by that of tasks that do not.
const SHORTEST_FIRST: f64 = 0.5;

/// The time of a task in lane `high` while lane `low` is full, divided by that without.
const FLOODED: f64 = 1.1;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let backlog = if options.quick { 200 } else { 10_000 };
    let mut report = Report::new("order", options);
    let endpoints = Endpoints::open(options).await?;
    let place = &endpoints.place;

    let scene = Scene::open(place).await?;
    scene.submit(&json!({"fairness_key": "noisy", "target": {"handler": "noisy"}, "payload": 5}), backlog).await?;
    scene.submit(&json!({"fairness_key": "quiet", "target": {"handler": "quiet"}, "payload": 5}), 1).await?;
    let work = scene.work().await?;
    work.ended("noisy", backlog).await;
    let all = work.mean_end("noisy") * 2.0;
    let waited = work.mean_end("quiet");
    work.stop().await?;
    let batch = all / (backlog as f64 / 10.0);
    report.found(format!("a tenant's {backlog} tasks"), all, "s");
    report.found("another's one behind them", waited, "s");
    report.aimed("that, in times of ten tasks", waited / batch, "", BATCHES);
    let seconds = |value: f64| format!("{value:.2} s");
    let mut groups = vec![Group {
        title: format!("one tenant's task, submitted behind {backlog} of another"),
        bars: vec![("the whole backlog", all), ("the one task", waited)],
        told: seconds,
    }];

    let tasks = if options.quick { 100 } else { 400 };
    let mut means = BTreeMap::new();
    for says in [false, true] {
        let scene = Scene::open(place).await?;
        // One in ten takes fifty times as long.
        for first in (0..tasks).step_by(10) {
            for (takes, count) in [(250, 1), (5, 9.min(tasks - first))] {
                let mut task = json!({"target": {"handler": "any"}, "payload": takes});
                if says {
                    task["expected_duration_ms"] = json!(takes);
                }
                scene.submit(&task, count).await?;
            }
        }
        let work = scene.work().await?;
        work.ended("any", tasks).await;
        means.insert(says, work.mean_end("any"));
        report.progress(format!(
            "durations are {}: {:.2} s on the mean",
            if says { "known" } else { "unknown" },
            means[&says]
        ));
        work.stop().await?;
    }
    groups.push(Group {
        title: format!("mean completion of {tasks} tasks, of which one in ten takes fifty times as long"),
        bars: vec![("in the order of submit", means[&false]), ("durations known", means[&true])],
        told: seconds,
    });
    report.found("mean completion, durations unknown", means[&false], "s");
    report.found("mean completion, durations known", means[&true], "s");
    report.aimed("durations known / unknown", means[&true] / means[&false], "", SHORTEST_FIRST);

    let mut times = BTreeMap::new();
    for flood in [0, if options.quick { 100 } else { 2_000 }] {
        let scene = Scene::open(place).await?;
        scene.submit(&json!({"priority": "low", "target": {"handler": "low"}, "payload": 50}), flood).await?;
        let work = scene.work().await?;
        let mut each = Vec::new();
        for n in 1..=if options.quick { 3 } else { 40 } {
            let began = Instant::now();
            scene.submit(&json!({"priority": "high", "target": {"handler": "high"}, "payload": 0}), 1).await?;
            work.ended("high", n).await;
            each.push(began.elapsed().as_secs_f64());
        }
        times.insert(flood, median(each));
        work.stop().await?;
    }
    let times: Vec<f64> = times.into_values().collect();
    report.found("a task in high", times[0] * 1_000.0, "ms");
    report.found("a task in high while low is full", times[1] * 1_000.0, "ms");
    report.aimed("that, compared", times[1] / times[0], "", FLOODED);
    groups.push(Group {
        title: "a task in lane high, from submit to end".to_owned(),
        bars: vec![("low is empty", times[0] * 1_000.0), ("low is full", times[1] * 1_000.0)],
        told: |value| format!("{value:.1} ms"),
    });
    report.picture("order.svg", bars::svg("Who starts first", &groups));
    Ok(report)
}

/// A queue of its own.
struct Scene {
    services: Services,
    api: Api,
    queue: String,
}

impl Scene {
    async fn open(place: &Place) -> anyhow::Result<Self> {
        let (store, lanes) = place.adapters(None).await;
        let services = Services::new(store, lanes);
        let api = Api::new(Submit::new(services.clone(), Limits::default()));
        let queue = format!("q{}", services.nonce().0);
        Ok(Scene { services, api, queue })
    }

    async fn submit(&self, task: &Value, count: usize) -> anyhow::Result<()> {
        let mut task = task.clone();
        task["queue"] = json!(self.queue);
        let task = task.to_string();
        for first in (0..count).step_by(100) {
            self.api.submit_batch(&task, 100.min(count - first)).await?;
        }
        Ok(())
    }

    /// A worker begins.
    async fn work(&self) -> anyhow::Result<Work> {
        let ends = Ends { began: Instant::now(), at: Arc::default(), changed: Arc::default() };
        let targets = Targets::new(ends.handlers(), Http::new(Allowed::default(), Secrets::default())?)?;
        let executor = Arc::new(Executor::new(self.services.clone(), targets));
        let stop = CancellationToken::new();
        let options = WorkerOptions { concurrency: CONCURRENCY, ..WorkerOptions::default() };
        let polling = tokio::spawn(worker::poll(executor, options, stop.clone()));
        Ok(Work { ends, stop, polling })
    }
}

/// A worker.
struct Work {
    ends: Ends,
    stop: CancellationToken,
    polling: tokio::task::JoinHandle<()>,
}

impl Work {
    /// Waits until so many tasks of a handler have ended.
    async fn ended(&self, handler: &str, count: usize) {
        loop {
            let changed = self.ends.changed.notified();
            if self.ends.of(handler).len() >= count {
                return;
            }
            changed.await;
        }
    }

    /// How many seconds after the begin the tasks of a handler have ended, on the mean.
    fn mean_end(&self, handler: &str) -> f64 {
        let ends = self.ends.of(handler);
        ends.iter().map(Duration::as_secs_f64).sum::<f64>() / ends.len().max(1) as f64
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.polling.await?;
        Ok(())
    }
}

/// When the tasks of each handler have ended.
#[derive(Clone, Debug)]
struct Ends {
    began: Instant,
    at: Arc<Mutex<BTreeMap<&'static str, Vec<Duration>>>>,
    changed: Arc<Notify>,
}

impl Ends {
    fn of(&self, handler: &str) -> Vec<Duration> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).get(handler).cloned().unwrap_or_default()
    }

    /// Handlers that take as many milliseconds as their payload says.
    fn handlers(&self) -> Handlers {
        ["noisy", "quiet", "any", "low", "high"].into_iter().fold(Handlers::new(), |handlers, name| {
            let ends = self.clone();
            handlers.on(name, move |task: Task<u64>, _: Context| {
                let ends = ends.clone();
                async move {
                    tokio::time::sleep(Duration::from_millis(task.payload)).await;
                    let at = ends.began.elapsed();
                    ends.at.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default().push(at);
                    ends.changed.notify_waiters();
                    Ok(())
                }
            })
        })
    }
}
