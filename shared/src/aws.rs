//! The SDK's clients. Endpoint, region and credentials come by the SDK's own variables and chain.

use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{Builder, tls};

use crate::{
    dynamo::Store,
    sqs::{Lanes, Urls},
};

/// A table that has not answered one try by then does not; by itself the SDK would wait for ever.
const TABLE_TRY: Duration = Duration::from_secs(3);

/// All tries together: well below a lease, and below what an API's client waits.
const TABLE_CALL: Duration = Duration::from_secs(10);

/// A queue may be asked to wait for 20 s before it answers.
const QUEUE_TRY: Duration = Duration::from_secs(25);

/// Loads the SDK's configuration, once a process.
pub async fn config() -> SdkConfig {
    loader().load().await
}

/// What [`config`] loads from, for a caller that has more to say.
pub fn loader() -> ConfigLoader {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    aws_config::defaults(BehaviorVersion::latest()).http_client(Builder::new().tls_provider(tls).build_https())
}

/// The table of that name.
pub fn store(config: &SdkConfig, table: impl Into<String>) -> Store {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TABLE_TRY).operation_timeout(TABLE_CALL).build();
    let config = aws_sdk_dynamodb::config::Builder::from(config).timeout_config(timeouts).build();
    Store::new(aws_sdk_dynamodb::Client::from_conf(config), table)
}

/// The lanes behind these URLs.
pub fn lanes(config: &SdkConfig, urls: Urls) -> Lanes {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(QUEUE_TRY).build();
    let config = aws_sdk_sqs::config::Builder::from(config).timeout_config(timeouts).build();
    Lanes::new(aws_sdk_sqs::Client::from_conf(config), urls)
}
