//! The scheduler's Lambda function: EventBridge calls it every minute.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use taskway_scheduler::Config;

// One thread: a tick waits for DynamoDB and SQS, and more threads are more to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    taskway::log::init("info");
    let scheduler = Arc::new(Config::from_env()?.scheduler().await);
    let tick = service_fn(move |_: LambdaEvent<EventBridgeEvent>| {
        let scheduler = Arc::clone(&scheduler);
        async move { Ok::<_, Error>(scheduler.tick(Duration::from_secs(50)).await) }
    });
    lambda_runtime::run(tick).await
}
