//! Where an executor binary begins: under Lambda it serves invocations, elsewhere it polls as a worker.

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use taskway::Handlers;

use crate::{
    batch::{self, Event},
    config::Config,
    worker,
};

/// Serves these handlers until the process is told to stop.
///
/// # Errors
/// When the configuration is incomplete, or Lambda's runtime cannot be reached.
pub fn main(handlers: Handlers) -> anyhow::Result<()> {
    worker::block_on(async {
        if !taskway_cloud::aws::under_lambda() {
            return worker::run_from_env(handlers, worker::WorkerOptions::from_env()?).await;
        }
        taskway_runtime::log::init("info");
        let executor = Arc::new(Config::from_env()?.executor(handlers).await?);
        let serve = service_fn(move |event: LambdaEvent<Event>| {
            let executor = Arc::clone(&executor);
            Box::pin(async move {
                Ok::<_, lambda_runtime::Error>(batch::run(&executor, event.payload, event.context.deadline).await)
            })
        });
        lambda_runtime::run(serve).await.map_err(|error| anyhow::anyhow!(error))
    })?
}
