//! The submit Lambda function.

use taskway_submit::{Config, router};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    taskway::log::init("info");
    let submit = Config::from_env()?.submit().await;
    lambda_http::run(router(submit)).await
}
