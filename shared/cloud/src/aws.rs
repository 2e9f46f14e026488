//! The SDK's clients. Endpoint, region and credentials come by the SDK's own variables and chain.

mod connector;
mod roots;
mod warm;

use std::time::Duration;

use aws_config::{
    BehaviorVersion, ConfigLoader, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};

use crate::{
    dynamo::Store,
    sqs::{Lanes, Urls},
};

pub use roots::AMAZON_ROOTS;
pub use warm::{warm, warm_under_lambda};

/// Who has not answered one try by then does not; by itself the SDK would wait for ever.
const TRY: Duration = Duration::from_secs(3);

/// All tries together: an API's client waits longer, and so does a lease of an ordinary task.
const CALL: Duration = Duration::from_secs(8);

/// A queue may be asked to wait for 20 s for messages before it answers.
const POLL: Duration = Duration::from_secs(25);

/// Loads the SDK's configuration, once a process.
pub async fn config() -> SdkConfig {
    loader().load().await
}

/// What [`config`] loads from, for a caller that has more to say.
pub fn loader() -> ConfigLoader {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(connector::Shared::new())
        // Every try has a timeout of its own, so watching how fast its bytes move would only take time.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    let set = |name: &str| std::env::var_os(name).is_some();
    if !(under_lambda() && set("AWS_ACCESS_KEY_ID") && set("AWS_REGION")) {
        return loader;
    }
    // The chain would find the same, but first make clients of STS and of the instance's metadata that nobody uses.
    loader
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .region(EnvironmentVariableRegionProvider::new())
}

/// Whether Lambda runs this process.
pub fn under_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// The table of that name.
pub fn store(config: &SdkConfig, table: impl Into<String>) -> Store {
    let config = aws_sdk_dynamodb::config::Builder::from(config).timeout_config(calls()).build();
    Store::new(aws_sdk_dynamodb::Client::from_conf(config), table)
}

/// The lanes behind these URLs.
pub fn lanes(config: &SdkConfig, urls: Urls) -> Lanes {
    let client = |timeouts| {
        let config = aws_sdk_sqs::config::Builder::from(config).timeout_config(timeouts).build();
        aws_sdk_sqs::Client::from_conf(config)
    };
    Lanes::new(client(calls()), urls).polled_by(client(polls()))
}

/// How long is waited for a receive, which may itself wait for messages.
pub fn polls() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(POLL).build()
}

/// How long is waited for a call that is answered at once.
pub fn calls() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(TRY).operation_timeout(CALL).build()
}
