//! Working off a full queue in a process of its own, by the executor or by its SDK calls alone.

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

use crate::{bare::Bare, process::Usage};

/// Work off so many tasks where the environment says, and say what that took.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Drain {
    /// By what
    by: By,
    /// How many tasks
    tasks: usize,
}

/// What works them off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The executor, as a worker.
    Executor,
    /// Its SDK calls.
    Bare,
}

/// What working took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Drained {
    pub(crate) cpu_ms: f64,
    pub(crate) seconds: f64,
}

/// The hidden subcommand.
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
            let bare = Bare::from_env().await?;
            let measured = Measured::begin()?;
            by_bare(bare, drain.tasks).await?;
            measured.end()?
        }
    };
    println!("{}", serde_json::to_string(&drained)?);
    Ok(())
}

/// Handlers that count.
#[derive(Clone)]
pub(crate) struct Counted {
    left: Arc<AtomicUsize>,
    all: Arc<Notify>,
}

impl Counted {
    pub(crate) fn new(tasks: usize) -> Self {
        Counted { left: Arc::new(AtomicUsize::new(tasks)), all: Arc::default() }
    }

    /// `echo` does nothing else.
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

/// Polls until all have been counted, and ends when they are written and deleted.
pub(crate) async fn by_executor(executor: Executor, counted: Counted) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let polling = tokio::spawn(worker::poll(Arc::new(executor), WorkerOptions::default(), stop.clone()));
    counted.all.notified().await;
    stop.cancel();
    Ok(polling.await?)
}

async fn by_bare(bare: Bare, tasks: usize) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let (done, mut told) = mpsc::unbounded_channel();
    let polling = tokio::spawn(bare.poll(done, stop.clone()));
    for _ in 0..tasks {
        anyhow::ensure!(told.recv().await.is_some(), "polling ended early");
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
    /// As the command line has it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            By::Executor => "executor",
            By::Bare => "bare",
        }
    }
}
