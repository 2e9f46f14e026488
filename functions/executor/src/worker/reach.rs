//! Whether a worker can work at all.

use std::time::Duration;

use anyhow::{Context, anyhow};
use futures::future::try_join_all;
use taskway_cloud::{aws, dynamo::StoreError, sqs::Source};
use taskway_protocol::{Priority, TaskKey};

use crate::executor::Executor;

/// A service that has not answered by then does not answer. The SDK's own tries are within this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// No task has this key: a random one would have to be all zeros.
const NO_TASK: TaskKey = TaskKey::from_bytes([0; 16]);

/// Asks the table and every lane once, as the worker will ask them for as long as it runs. A message that a lane gives is
/// not hidden, so it comes again at once.
///
/// # Errors
/// Names the lane or table that did not answer, and the cause. A setting, a missing permission and a service that is down
/// look alike from here, and a worker that says `ready` although it gets no tasks helps with none of them.
pub(super) async fn everything(executor: &Executor, lanes: &[Priority]) -> anyhow::Result<()> {
    let queues = try_join_all(lanes.iter().map(|lane| queue(executor, *lane)));
    let all = async { tokio::try_join!(queues, table(executor)).map(|_| ()) };
    let asked = tokio::time::timeout(PATIENCE, all).await;
    let asked =
        asked.unwrap_or_else(|_| Err(anyhow!("the table or a lane did not answer within {} s", PATIENCE.as_secs())));
    let Err(error) = asked else { return Ok(()) };
    Err(match aws::login_command().await {
        Some(login) if std::env::var_os("AWS_ACCESS_KEY_ID").is_none() => error.context(format!(
            "the AWS profile signs in by a browser, which a worker cannot: run `{login}`, then \
             `eval \"$(aws configure export-credentials --format env)\"`, then the worker"
        )),
        Some(_) | None => error,
    })
}

async fn queue(executor: &Executor, lane: Priority) -> anyhow::Result<()> {
    let received = executor.services.lanes.receive(Source::Lane(lane), 1, Duration::ZERO, Duration::ZERO).await;
    received.map(|_| ()).with_context(|| {
        format!(
            "cannot poll lane {}: check its queue's URL, AWS_REGION, AWS_ENDPOINT_URL_SQS and the credentials",
            lane.as_str()
        )
    })
}

async fn table(executor: &Executor) -> anyhow::Result<()> {
    match executor.services.store.get(&NO_TASK).await {
        Ok(_) | Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(anyhow::Error::new(error).context(
            "cannot read the table: check TASKWAY_TABLE, AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB and the credentials",
        )),
    }
}
