//! The configuration for endpoints on this machine.

use aws_config::{Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, StalledStreamProtectionConfig};

use super::{connector, defaults, timeouts::CONNECT};

/// The SDK's configuration for plain http endpoints on this machine. The secret key is `local`.
///
/// No AWS setting of the environment or of a profile changes it. Those settings are for the real AWS: an endpoint, a region,
/// keys or a retry mode of the shell must not move the embedded stack.
pub fn local(region: &'static str, access_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, "local", None, None, "endpoints on this machine");
    SdkConfig::builder()
        .behavior_version(defaults())
        .http_client(connector::Shared::plain())
        .region(Region::from_static(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .use_fips(false)
        .use_dual_stack(false)
        .build()
}
