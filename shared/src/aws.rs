//! The SDK's clients. Endpoint, region and credentials come by the SDK's own variables and chain.

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_smithy_http_client::{Builder, tls};

use crate::{
    dynamo::Store,
    sqs::{Lanes, Urls},
};

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
    Store::new(aws_sdk_dynamodb::Client::new(config), table)
}

/// The lanes behind these URLs.
pub fn lanes(config: &SdkConfig, urls: Urls) -> Lanes {
    Lanes::new(aws_sdk_sqs::Client::new(config), urls)
}
