//! Requests that are signed here and made by somebody else.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use taskway_protocol::{Object, Time};

use crate::aws::{
    SignError,
    signed::{self, CallError, S3},
};

/// A request by which a client uploads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upload {
    /// The URL. Whoever knows it can upload these bytes.
    pub url: String,
    /// The headers that must be sent with it.
    pub headers: BTreeMap<&'static str, String>,
}

/// Why a request was not signed.
#[derive(Debug, thiserror::Error)]
pub enum PresignError {
    /// There is no region.
    #[error(transparent)]
    Region(#[from] CallError),
    /// There are no credentials, or the request cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The URL cannot be read.
    #[error("the bucket's URL cannot be read")]
    Url(#[from] http::Error),
}

/// The digest in base64, as S3 has it.
pub(super) fn base64(object: &Object) -> String {
    STANDARD.encode(object.sha256)
}

pub(super) fn parse_base64(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// The URL with the signature. The headers are signed too, so other values are refused.
pub(super) async fn presign(
    config: &SdkConfig,
    method: &Method,
    url: &str,
    headers: &[(&'static str, String)],
    now: Time,
    valid: Duration,
) -> Result<String, PresignError> {
    let provider = config.credentials_provider().ok_or(SignError::NoCredentials)?;
    let identity = provider.provide_credentials().await.map_err(SignError::from)?.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(valid);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let region = signed::region(config, S3)?;
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region.as_ref())
        .name(S3.name())
        .time(UNIX_EPOCH + Duration::from_millis(now.as_millis()))
        .settings(settings)
        .build()
        .map_err(SignError::from)?
        .into();
    let signed_headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
    let signable = SignableRequest::new(method.as_str(), url, signed_headers, SignableBody::UnsignedPayload);
    let signed = signable.and_then(|signable| sign(signable, &params)).map_err(SignError::from)?;
    let (instructions, _) = signed.into_parts();
    let mut request = http::Request::builder().uri(url).body(())?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}
