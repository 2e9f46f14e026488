//! The executor as a long-running process that polls the lanes itself: in a container, on a server, or in the embedded
//! stack.

mod options;
mod poller;
mod reach;
mod signals;
mod slots;

use std::{
    future::Future,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use taskway::Handlers;
use taskway_runtime::log;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

pub use options::{WorkerOptions, drain, drain_from_env};
pub use poller::{poll, poll_with};
pub use signals::Signals;

/// How long threads may still compute when everything else has ended.
const THREADS: Duration = Duration::from_secs(1);

/// Runs a worker with the settings of the environment, until SIGTERM or Ctrl-C. Prints `ready` on standard output when it
/// polls.
///
/// # Errors
/// The environment is incomplete, two handlers have one name, or the table or a lane does not answer.
pub async fn run_from_env(handlers: Handlers, options: WorkerOptions) -> anyhow::Result<()> {
    log::init("info");
    run(Config::from_env()?, handlers, options).await
}

/// Runs a worker with these settings, as [`run_from_env`] does.
pub(crate) async fn run(config: Config, handlers: Handlers, options: WorkerOptions) -> anyhow::Result<()> {
    let executor = Arc::new(config.executor(handlers).await?);
    reach::everything(&executor, &options.lanes).await?;
    let mut signals = Signals::listen()?;
    let (stop, give_back) = (CancellationToken::new(), CancellationToken::new());
    let drain = options.drain.as_secs();
    let mut polling = tokio::spawn(poll_with(executor, options, stop.clone(), give_back.clone()));
    say_ready()?;
    signals.stop().await;
    tracing::info!("stopping; running tasks have {drain} s to end, a second signal gives them back at once");
    stop.cancel();
    tokio::select! {
        biased;
        drained = &mut polling => return Ok(drained?),
        () = signals.stop() => {}
    }
    tracing::info!("giving running tasks back; a third signal stops at once");
    give_back.cancel();
    tokio::select! {
        biased;
        drained = polling => Ok(drained?),
        () = signals.stop() => Ok(()),
    }
}

/// A reader that has gone, as `| head` does, does not stop the worker.
fn say_ready() -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "ready").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Runs a future on a new tokio runtime. Threads that still compute when the future has ended get a second, and are then
/// abandoned.
///
/// # Errors
/// The runtime cannot be made.
pub fn block_on<T>(run: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(run);
    runtime.shutdown_timeout(THREADS);
    Ok(ended)
}
