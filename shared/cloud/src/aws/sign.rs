//! Requests that are signed here for any AWS service, and sent by somebody else.

use std::time::{Duration, UNIX_EPOCH};

use aws_config::{SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use http::HeaderMap;
use taskway_protocol::Time;
use tokio::sync::Mutex;

use super::signed::S3;
use crate::objects::PresignError;

/// Credentials are had anew when they are valid for less than this.
const VALID: Duration = Duration::from_secs(300);

/// The name of the sessions of a role, as CloudTrail shows it.
const SESSION: &str = "taskway";

/// Signs requests by the credentials of one identity, which it keeps while they are valid.
#[derive(Debug)]
pub struct Signer {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Credentials>>,
}

/// A request to sign.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'r> {
    /// The method.
    pub method: &'r str,
    /// The whole URL, as it is sent.
    pub url: &'r str,
    /// The headers to sign, beside the host.
    pub headers: &'r [(&'r str, &'r str)],
    /// The body's SHA-256 in hexadecimal digits.
    pub sha256: &'r str,
    /// The service's name in signatures, such as `execute-api`.
    pub service: &'r str,
    /// The region.
    pub region: &'r str,
}

impl Signer {
    /// Signs by these credentials.
    pub fn new(provider: SharedCredentialsProvider) -> Self {
        Signer { provider, kept: Mutex::default() }
    }

    /// Signs by the credentials of this role, which those of the configuration may assume.
    pub async fn of_role(config: &SdkConfig, role: &str) -> Self {
        let provider = AssumeRoleProvider::builder(role).configure(config).session_name(SESSION).build().await;
        Signer::new(SharedCredentialsProvider::new(provider))
    }

    /// The headers that make this a signed request.
    ///
    /// # Errors
    /// There are no credentials, or the request cannot be signed.
    pub async fn sign(&self, request: Unsigned<'_>, now: Time) -> Result<HeaderMap, PresignError> {
        let Unsigned { method, url, headers, sha256, service, region } = request;
        let identity = self.credentials(now).await?.into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if service == S3.name() {
            // S3 takes a path as it stands.
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let params = SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(UNIX_EPOCH + Duration::from_millis(now.as_millis()))
            .settings(settings)
            .build()?
            .into();
        let body = SignableBody::Precomputed(sha256.to_owned());
        let signable = SignableRequest::new(method, url, headers.iter().copied(), body)?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let mut signed = http::Request::new(());
        instructions.apply_to_request_http1x(&mut signed);
        Ok(std::mem::take(signed.headers_mut()))
    }

    async fn credentials(&self, now: Time) -> Result<Credentials, PresignError> {
        let mut kept = self.kept.lock().await;
        let until = UNIX_EPOCH + Duration::from_millis(now.as_millis()) + VALID;
        let is_valid = |credentials: &&Credentials| credentials.expiry().is_none_or(|expiry| until < expiry);
        if let Some(credentials) = kept.as_ref().filter(is_valid) {
            return Ok(credentials.clone());
        }
        let credentials = self.provider.provide_credentials().await?;
        Ok(kept.insert(credentials).clone())
    }
}

/// Whether an error that AWS calls so is one of throttling, or passes by itself.
pub fn is_temporary(code: &str) -> bool {
    THROTTLING_ERRORS.contains(&code) || TRANSIENT_ERRORS.contains(&code)
}
