//! The SDK's configuration, and the store and the lanes over it.

use aws_config::{
    ConfigLoader, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use futures::FutureExt;

use super::{
    connector,
    credentials::Sendable,
    defaults,
    lambda::under_lambda,
    settings::{SettingError, Settings, execution_environment},
    timeouts::{calls, polls},
};
use crate::{
    dynamo::Store,
    meter::Meter,
    sqs::{Lanes, Urls},
};

/// Loads the SDK's configuration. A process does this once.
///
/// # Errors
/// A setting of the environment or of the profile means nothing.
pub async fn config() -> Result<SdkConfig, SettingError> {
    let config = loader().await?.load().boxed().await;
    Ok(match config.credentials_provider() {
        Some(provider) => {
            let sendable = SharedCredentialsProvider::new(Sendable(provider));
            config.into_builder().credentials_provider(sendable).build()
        }
        None => config,
    })
}

/// The loader of [`config`], for callers that change some settings.
///
/// # Errors
/// Those of [`config`].
pub async fn loader() -> Result<ConfigLoader, SettingError> {
    let settings = Settings::read().await?;
    settings.endpoints()?;
    execution_environment()?;
    let loader = aws_config::defaults(defaults())
        .http_client(connector::Shared::new(settings.roots()?))
        .retry_config(settings.retries()?)
        // Every try has a timeout, so this protection would only cost time.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    let loader = match settings.profile_that_the_sdk_misses() {
        Some(profile) => loader.profile_name(profile),
        None => loader,
    };
    let loader = match settings.region()? {
        Some(region) => loader.region(region),
        None => loader,
    };
    let is_set = |name: &str| std::env::var_os(name).is_some();
    if !(under_lambda() && is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_REGION")) {
        return Ok(loader);
    }
    // The provider chain would find the same values. But first it would make clients of STS and of the instance
    // metadata, which nothing uses here.
    let loader = loader.credentials_provider(EnvironmentVariableCredentialsProvider::new());
    Ok(loader.region(EnvironmentVariableRegionProvider::new()))
}

/// The table with this name. What its calls cost is counted.
pub fn store(config: &SdkConfig, table: impl Into<String>) -> Store {
    let meter = Meter::default();
    let config = aws_sdk_dynamodb::config::Builder::from(config).timeout_config(calls()).interceptor(meter.clone());
    Store::new(aws_sdk_dynamodb::Client::from_conf(config.build()), table).metered(meter)
}

/// The queues with these URLs. The requests are counted.
pub fn lanes(config: &SdkConfig, urls: Urls) -> Lanes {
    let meter = Meter::default();
    let client = |timeouts| {
        let config = aws_sdk_sqs::config::Builder::from(config).timeout_config(timeouts).interceptor(meter.clone());
        aws_sdk_sqs::Client::from_conf(config.build())
    };
    Lanes::new(client(calls()), urls).polled_by(client(polls())).metered(meter)
}
