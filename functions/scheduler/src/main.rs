//! The scheduler's Lambda function. EventBridge invokes it every minute, and it invokes itself when it needs more time.

use std::{io::Write, sync::Arc, time::Duration};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use taskway_scheduler::{Config, Report, Scheduler, Trigger, budget, metrics};

// One thread: a tick mostly waits for DynamoDB and SQS, and more threads would take longer to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    taskway_runtime::log::init("info");
    let config = Config::from_env()?;
    let stack: Arc<str> = config.stack.as_str().into();
    let scheduler = Arc::new(config.scheduler().await?);
    let run = service_fn(move |event: LambdaEvent<Trigger>| {
        let (scheduler, stack) = (Arc::clone(&scheduler), Arc::clone(&stack));
        async move {
            let budget = budget(event.context.deadline, scheduler.services.clock.now());
            Ok::<_, Error>(measured(&scheduler, event.payload, &stack, budget).await)
        }
    });
    lambda_runtime::run(run).await
}

/// Ticks or sweeps, and writes the metrics to standard output. CloudWatch reads that as well as standard error, where the
/// logs go.
async fn measured(scheduler: &Scheduler, trigger: Trigger, stack: &str, budget: Duration) -> Report {
    let began = scheduler.services.clock.now();
    let report = match trigger {
        Trigger::Tick => scheduler.tick(budget).await,
        Trigger::Sweep(sweep) => scheduler.sweep(sweep, budget).await,
    };
    let ended = scheduler.services.clock.now();
    let line = metrics::line(stack, &report, ended, ended.since(began));
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot write the metrics");
    }
    report
}
