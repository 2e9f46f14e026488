//! The submit Lambda function.

use taskway_submit::{Config, guarded};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    taskway::log::init("info");
    let config = Config::from_env()?;
    let auth = config.auth.clone();
    lambda_http::run(guarded(config.submit().await, auth)).await
}
