//! The start of an executor binary. Under Lambda it serves invocations; elsewhere it polls the lanes as a worker.

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use taskway::Handlers;
use taskway_cloud::aws;
use taskway_runtime::log;

use crate::{
    batch::{self, Event},
    config::Config,
    worker::{self, WorkerOptions},
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

async fn serve(config: Config, handlers: Handlers) -> anyhow::Result<()> {
    let executor = Arc::new(config.executor(handlers).await?);
    let serve = service_fn(move |event: LambdaEvent<Event>| {
        let executor = Arc::clone(&executor);
        Box::pin(async move {
            Ok::<_, lambda_runtime::Error>(batch::run(&executor, event.payload, event.context.deadline).await)
        })
    });
    lambda_runtime::run(serve).await.map_err(|error| anyhow::anyhow!(error))
}
