//! The submit Lambda function.

use taskway_submit::{Config, event, guarded};

// One thread: a request waits for DynamoDB and SQS, one request runs at a time, and more threads are more to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    taskway_runtime::log::init("info");
    let config = Config::from_env()?;
    let (auth, base) = (config.auth.clone(), config.base_path.clone());
    event::serve(guarded(config.submit().await?, auth), base).await
}
