//! The submit Lambda function.

use taskway_submit::{Config, event, guarded, guarded_with_dashboard};

// One thread: a request waits for DynamoDB and SQS, one request runs at a time, and more threads are more to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    taskway_runtime::log::init("info");
    let config = Config::from_env()?;
    let (auth, base, dashboard) = (config.auth.clone(), config.base_path.clone(), config.dashboard);
    let submit = config.submit().await?;
    let api = if dashboard { guarded_with_dashboard(submit, auth)? } else { guarded(submit, auth) };
    event::serve(api, base).await
}
