//! The scheduler's Lambda function: EventBridge calls it every minute.

use std::sync::Arc;

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use taskway_scheduler::{Config, budget};

#[tokio::main]
async fn main() -> Result<(), Error> {
    taskway::log::init("info");
    let scheduler = Arc::new(Config::from_env()?.scheduler().await);
    let tick = service_fn(move |event: LambdaEvent<EventBridgeEvent>| {
        let scheduler = Arc::clone(&scheduler);
        async move {
            let budget = budget(event.context.deadline, scheduler.clock.now());
            Ok::<_, Error>(scheduler.tick(budget).await)
        }
    });
    lambda_runtime::run(tick).await
}
