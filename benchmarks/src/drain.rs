//! Runs all tasks of a full queue, in a process of its own: with the executor, or with its SDK calls alone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use taskway::{Context, Handlers, Task};
use taskway_executor::{
    Executor,
    config::Config,
    worker::{self, WorkerOptions},
};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{bare::worker::BareWorker, process::Usage};

/// Run tasks from the queues in the environment, and print time and processor time.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Drain {
    /// What runs the tasks
    by: By,
    /// The number of tasks
    tasks: usize,
}

/// What runs the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The executor as a worker.
    Executor,
    /// Only the worker's SDK calls.
    Bare,
}

/// The cost of running the tasks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Drained {
    pub(crate) cpu_ms: f64,
    pub(crate) seconds: f64,
}

/// The hidden subcommand `drain`.
pub(crate) async fn run(drain: Drain) -> anyhow::Result<()> {
    let drained = match drain.by {
        By::Executor => {
            let counted = Counted::new(drain.tasks);
            let executor = Config::from_env()?.executor(counted.handlers()).await?;
            let measured = Measured::begin()?;
            by_executor(executor, counted).await?;
            measured.end()?
        }
        By::Bare => {
            let bare = BareWorker::from_env().await?;
            let measured = Measured::begin()?;
            by_bare(bare, drain.tasks).await?;
            measured.end()?
        }
    };
    println!("{}", serde_json::to_string(&drained)?);
    Ok(())
}

/// Handlers that count their calls.
#[derive(Clone)]
pub(crate) struct Counted {
    left: Arc<AtomicUsize>,
    all: Arc<Notify>,
}

impl Counted {
    pub(crate) fn new(tasks: usize) -> Self {
        Counted { left: Arc::new(AtomicUsize::new(tasks)), all: Arc::default() }
    }

    /// The handler `echo`. It only counts.
    pub(crate) fn handlers(&self) -> Handlers {
        let counted = self.clone();
        Handlers::new().on("echo", move |_: Task<()>, _: Context| {
            if counted.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                counted.all.notify_one();
            }
            std::future::ready(Ok(()))
        })
    }
}

/// Polls until all calls are counted. Returns when the outcomes are written and the messages deleted.
pub(crate) async fn by_executor(executor: Executor, counted: Counted) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let polling = tokio::spawn(worker::poll(Arc::new(executor), WorkerOptions::default(), stop.clone()));
    counted.all.notified().await;
    stop.cancel();
    Ok(polling.await?)
}

async fn by_bare(bare: BareWorker, tasks: usize) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let (done, mut finished) = mpsc::unbounded_channel();
    let polling = tokio::spawn(bare.poll(done, stop.clone()));
    for _ in 0..tasks {
        anyhow::ensure!(finished.recv().await.is_some(), "the bare worker ended before its last task");
    }
    stop.cancel();
    polling.await?
}

struct Measured(Usage, Instant);

impl Measured {
    fn begin() -> anyhow::Result<Self> {
        Ok(Measured(Usage::own()?, Instant::now()))
    }

    fn end(self) -> anyhow::Result<Drained> {
        let Measured(before, began) = self;
        Ok(Drained { cpu_ms: Usage::own()?.cpu_ms - before.cpu_ms, seconds: began.elapsed().as_secs_f64() })
    }
}

impl By {
    /// The name on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            By::Executor => "executor",
            By::Bare => "bare",
        }
    }
}
