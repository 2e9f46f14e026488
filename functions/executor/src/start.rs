//! The start of an executor binary. Under Lambda it serves invocations; elsewhere it polls the lanes as a worker.

use std::{sync::Arc, time::Duration};

use lambda_runtime::{LambdaEvent, service_fn};
use taskway::Handlers;
use taskway_cloud::aws;
use taskway_runtime::log;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    batch::{self, Event},
    config::Config,
    worker::{self, Signals, WorkerOptions},
};

/// Runs an executor with these handlers until the process is told to stop. Call it from a `main` that is not async.
///
/// # Errors
/// The environment is incomplete, two handlers have one name, or Lambda's runtime does not answer.
pub fn main(handlers: Handlers) -> anyhow::Result<()> {
    main_with(async || Ok(handlers))
}

/// [`main`] for handlers that are made by async code. `make` runs once, on the executor's own tokio runtime, before the
/// first task: it can open a database pool and give it to the handlers. Under Lambda it runs in the init phase, which may
/// take 10 seconds.
///
/// ```no_run
/// use taskway::{Context, Failure, Handlers, Task};
///
/// # #[derive(Clone)] struct Pool;
/// # impl Pool {
/// #     async fn connect(_url: &str) -> std::io::Result<Self> { Ok(Pool) }
/// #     async fn email_of(&self, user: u64) -> std::io::Result<String> { Ok(format!("{user}@example.com")) }
/// # }
/// async fn send_welcome(pool: Pool, task: Task<u64>, _cx: Context) -> Result<String, Failure> {
///     Ok(pool.email_of(task.payload).await?)
/// }
///
/// fn main() -> anyhow::Result<()> {
///     taskway_executor::main_with(async || {
///         let pool = Pool::connect("postgres://localhost").await?;
///         Ok(Handlers::new().on("send_welcome", move |task, cx| send_welcome(pool.clone(), task, cx)))
///     })
/// }
/// ```
///
/// # Errors
/// What `make` returns, and the errors of [`main`].
pub fn main_with<F>(make: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce() -> anyhow::Result<Handlers>,
{
    log::init("info");
    worker::block_on(async {
        let config = Config::from_env()?;
        if aws::under_lambda() {
            return serve(config, make().await?).await;
        }
        let options = WorkerOptions::from_env()?;
        worker::run(config, make().await?, options).await
    })?
}

/// How long a function that was told to stop may take for its last writes. Lambda kills it after half a second; other hosts
/// may wait longer.
const LAST_WRITES: Duration = Duration::from_secs(2);

/// How long the answer to the last invocation takes.
const ANSWER: Duration = Duration::from_millis(50);

/// Serves invocations until SIGTERM. Lambda sends that only if the function has an extension, and then between invocations,
/// but other hosts of functions send it at any time. An attempt that runs is given back.
async fn serve(config: Config, handlers: Handlers) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let executor = Arc::new(config.executor(handlers).await?);
    let (stop, invocations) = (CancellationToken::new(), TaskTracker::new());
    let (told, running) = (stop.clone(), invocations.clone());
    let serve = service_fn(move |event: LambdaEvent<Event>| {
        let (executor, told, running) = (Arc::clone(&executor), told.clone(), running.token());
        Box::pin(async move {
            let answer = batch::run_until(&executor, event.payload, event.context.deadline, &told).await;
            drop(running);
            Ok::<_, lambda_runtime::Error>(answer)
        })
    });
    let mut serving = std::pin::pin!(lambda_runtime::run(serve));
    tokio::select! {
        biased;
        ended = &mut serving => return ended.map_err(|error| anyhow::anyhow!(error)),
        () = signals.stop() => {}
    }
    stop.cancel();
    invocations.close();
    let answers = if invocations.is_empty() { Duration::ZERO } else { ANSWER };
    let last = async {
        invocations.wait().await;
        tokio::time::sleep(answers).await;
    };
    tokio::select! {
        biased;
        ended = &mut serving => ended.map_err(|error| anyhow::anyhow!(error)),
        () = last => Ok(()),
        () = tokio::time::sleep(LAST_WRITES) => Ok(()),
    }
}
