//! How long after its time a task starts, with the machine's own clock. Half of the tasks are messages with a delay from the
//! beginning. The others wait in the agenda until a tick sends them.
//!
//! This measures the whole embedded stack in one process, so it needs a machine that does nothing else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use taskway::{Context, Handlers, Task};
use taskway_executor::{
    targets::http::Secrets,
    worker::{self, WorkerOptions},
};
use taskway_local::stack::{Setup, Stack};
use taskway_protocol::{Nonce, State, TaskId, TaskKey, Time, message::Outgoing};
use taskway_runtime::{
    clock::{Clock, SystemClock},
    random::{Random, SystemRandom},
};
use tokio_util::sync::CancellationToken;

use crate::{
    crowd,
    histogram::Histogram,
    options::Options,
    page::Page,
    report::{Report, quantile},
};

/// The aim for the delay of a start (p99), in ms.
const GOAL: f64 = 1_000.0;

/// The time between two tasks in ms. It is prime, so that starts fall on all parts of a second.
const APART: u64 = 97;

/// The time until the first task is due. By then all tasks are written and sent.
const BEFORE: Duration = Duration::from_secs(10);

/// The time after the last task is due. By then it has started.
const AFTER: Duration = Duration::from_secs(5);

/// The start of a task.
struct Start {
    by_tick: bool,
    /// The time from due to start, in ms.
    late: f64,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let mut report = Report::new("precision", options);
    let tasks = if options.quick { 20 } else { 600 };
    report.progress(format!("{tasks} tasks, one every {APART} ms, half of them by a tick"));
    let starts = measure(tasks).await?;
    anyhow::ensure!(starts.len() == tasks, "{} of {tasks} tasks have started", starts.len());

    let late = |by_tick: Option<bool>| {
        let of = starts.iter().filter(move |start| by_tick.is_none_or(|by_tick| start.by_tick == by_tick));
        of.map(|start| start.late).collect::<Vec<f64>>()
    };
    let early = starts.iter().filter(|start| start.late < 0.0).count();
    report.limited("started before their time", early as f64, "tasks", 0.0);
    let mut page = Page::new(["", "p50", "p99", "latest"]);
    for (what, by_tick) in [("all", None), ("by a message alone", Some(false)), ("sent by a tick", Some(true))] {
        let late = late(by_tick);
        let [p50, p99, latest] = [0.5, 0.99, 1.0].map(|share| quantile(late.iter().copied(), share));
        report.found(format!("{what}: p50 of start minus due"), p50, "ms");
        report.aimed(format!("{what}: p99"), p99, "ms", GOAL);
        report.found(format!("{what}: the latest"), latest, "ms");
        page.row([what.to_owned(), format!("{p50:.1} ms"), format!("{p99:.1} ms"), format!("{latest:.1} ms")]);
    }
    report.page("precision", page);
    let title = format!("Start minus due of {tasks} tasks, in ms");
    report.picture("precision.svg", Histogram::of(&late(None)).svg(&title));
    Ok(report)
}

async fn measure(tasks: usize) -> anyhow::Result<Vec<Start>> {
    let stack = Stack::start(Setup::default()).await?;
    let seen: Arc<Mutex<HashMap<TaskId, f64>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let handlers = Handlers::new().on("echo", move |task: Task<()>, _: Context| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        noted.lock().unwrap_or_else(PoisonError::into_inner).insert(task.id, now.as_secs_f64() * 1000.0);
        std::future::ready(Ok(()))
    });
    let executor = Arc::new(stack.executor(handlers, Secrets::default(), None)?);
    let stop = CancellationToken::new();
    let polling = tokio::spawn(worker::poll(executor, WorkerOptions::default(), stop.clone()));

    let (store, lanes, now) = (stack.store(), stack.lanes(), SystemClock.now());
    let mut put = HashMap::new();
    for number in 0..tasks as u64 {
        let due = now.after(BEFORE + Duration::from_millis(APART * number));
        let by_tick = number % 2 == 0;
        let mut task = crowd::task(TaskKey::from_bytes(SystemRandom.bytes()), now, due);
        task.state = if by_tick { State::Scheduled { due, held: false } } else { State::Queued { due } };
        store.create(&task, Nonce(number), now).await?;
        if !by_tick {
            lanes.send(&Outgoing::of(&task, due), SystemClock.now()).await?;
        }
        put.insert(task.id, (by_tick, due));
    }
    let report = stack.scheduler().tick(Duration::from_secs(50)).await;
    anyhow::ensure!(
        report.promoted == tasks.div_ceil(2),
        "expected half of the tasks to be promoted, found {report:?}"
    );

    let last: Time = put.values().map(|(_, due)| *due).max().context("there are no tasks")?;
    SystemClock.sleep_until(last.after(AFTER)).await;
    stop.cancel();
    polling.await?;
    stack.stop().await;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let start = |(id, (by_tick, due)): (&TaskId, &(bool, Time))| {
        Some(Start { by_tick: *by_tick, late: seen.get(id)? - due.as_millis() as f64 })
    };
    Ok(put.iter().filter_map(start).collect())
}
