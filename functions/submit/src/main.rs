//! The submit Lambda function.

use taskway_submit::{Config, router};

// One thread: a request waits for DynamoDB and SQS, one request runs at a time, and more threads are more to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    taskway::log::init("info");
    let submit = Config::from_env()?.submit().await;
    lambda_http::run(router(submit)).await
}
