//! Signatures of requests to any AWS service. The caller sends them.

use std::time::{Duration, UNIX_EPOCH};

use aws_config::{SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningError, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::{SigningParams, signing_params::BuildError},
};
use http::HeaderMap;
use taskway_protocol::Time;
use tokio::sync::Mutex;

use super::signed::S3;

/// Credentials are renewed when less than this is left of them.
const RENEWED_BEFORE: Duration = Duration::from_secs(300);

/// After a renewal that failed the next one begins this much later.
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);

/// The name of the sessions of a role, as CloudTrail shows it.
const SESSION: &str = "taskway";

/// Signs requests by the credentials of one identity, which it keeps while they are valid.
#[derive(Debug)]
pub struct Signer {
    provider: SharedCredentialsProvider,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    credentials: Option<Credentials>,
    failed_at: Option<Time>,
}

/// Why a request was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// There is no source of credentials.
    #[error("there are no credentials to sign with")]
    NoCredentials,
    /// The credentials cannot be had.
    #[error("the credentials to sign with cannot be had")]
    Credentials(#[from] CredentialsError),
    /// They could not be had a moment ago, and nobody has tried again.
    #[error("the credentials to sign with could not be had just now")]
    Lately,
    /// A part of the request cannot be signed.
    #[error("the request cannot be signed")]
    Request(#[from] SigningError),
    /// A part of the signature is missing.
    #[error("the signature cannot be made")]
    Parts(#[from] BuildError),
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
        let building = AssumeRoleProvider::builder(role).configure(config).session_name(SESSION).build();
        let provider = Box::pin(building).await;
        Signer::new(SharedCredentialsProvider::new(provider))
    }

    /// The headers that make this a signed request.
    ///
    /// # Errors
    /// There are no credentials, or the request cannot be signed.
    pub async fn sign(&self, request: Unsigned<'_>, now: Time) -> Result<HeaderMap, SignError> {
        let Unsigned { method, url, headers, sha256, service, region } = request;
        let identity = self.credentials(now).await?.into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        // S3 and its kin take a path as it stands.
        if service.starts_with(S3.name()) {
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

    /// Has the next request signed by new credentials.
    pub async fn forget(&self) {
        self.kept.lock().await.credentials = None;
    }

    /// The credentials that are kept, or new ones if they end soon. If those cannot be had, the old ones are used to their end.
    async fn credentials(&self, now: Time) -> Result<Credentials, SignError> {
        let mut kept = self.kept.lock().await;
        let at = |time: Time| UNIX_EPOCH + Duration::from_millis(time.as_millis());
        let last =
            |credentials: &Credentials, until: Time| credentials.expiry().is_none_or(|expiry| at(until) < expiry);
        let old = kept.credentials.clone().filter(|credentials| last(credentials, now));
        if let Some(credentials) = old.as_ref().filter(|credentials| last(credentials, now.after(RENEWED_BEFORE))) {
            return Ok(credentials.clone());
        }
        if kept.failed_at.is_some_and(|failed_at| now < failed_at.after(AFTER_A_FAILURE)) {
            return old.ok_or(SignError::Lately);
        }
        match self.provider.provide_credentials().await {
            Ok(credentials) => {
                *kept = Kept { credentials: Some(credentials.clone()), failed_at: None };
                Ok(credentials)
            }
            Err(error) => {
                kept.failed_at = Some(now);
                old.ok_or(error.into())
            }
        }
    }
}

/// Whether an error that AWS calls so is one of throttling, or passes by itself.
pub fn is_temporary(code: &str) -> bool {
    THROTTLING_ERRORS.contains(&code) || TRANSIENT_ERRORS.contains(&code)
}

/// Whether an error that AWS calls so means that the credentials have ended, and that others may be taken.
pub fn is_stale(code: &str) -> bool {
    matches!(
        code,
        "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidToken"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use aws_credential_types::provider::future::ProvideCredentials as Provided;

    use super::*;

    /// Gives credentials that are valid for an hour from the given time. Fails while that time is 0.
    #[derive(Clone, Debug, Default)]
    struct Source {
        now: Arc<AtomicU64>,
        asked: Arc<AtomicU64>,
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> Provided<'a>
        where
            Self: 'a,
        {
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.now.load(Ordering::SeqCst);
            Provided::ready(match now {
                0 => Err(CredentialsError::not_loaded("none")),
                now => {
                    let expiry = UNIX_EPOCH + Duration::from_secs(now + 3_600);
                    Ok(Credentials::new(format!("AKIA{asked}"), "secret", None, Some(expiry), "test"))
                }
            })
        }
    }

    async fn key(signer: &Signer, source: &Source, seconds: u64) -> Option<String> {
        source.now.store(seconds, Ordering::SeqCst);
        kept(signer, seconds).await
    }

    async fn kept(signer: &Signer, seconds: u64) -> Option<String> {
        let credentials = signer.credentials(Time::from_millis(seconds * 1_000)).await.ok()?;
        Some(credentials.access_key_id().to_owned())
    }

    #[tokio::test]
    async fn credentials_are_kept_renewed_before_their_end_and_used_to_it_if_there_are_no_others() {
        let source = Source::default();
        let signer = Signer::new(SharedCredentialsProvider::new(source.clone()));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(key(&signer, &source, 10_000).await, text("AKIA0"));
        assert_eq!(key(&signer, &source, 13_299).await, text("AKIA0"));
        assert_eq!(key(&signer, &source, 13_300).await, text("AKIA1"));
        // No others are to be had. The old ones last until 16,900, and each 5 s somebody asks.
        source.now.store(0, Ordering::SeqCst);
        assert_eq!(kept(&signer, 16_700).await, text("AKIA1"));
        assert_eq!(kept(&signer, 16_704).await, text("AKIA1"));
        assert_eq!(source.asked.load(Ordering::SeqCst), 3);
        assert_eq!(kept(&signer, 16_705).await, text("AKIA1"));
        assert_eq!(source.asked.load(Ordering::SeqCst), 4);
        assert_eq!(kept(&signer, 16_900).await, None);
        assert_eq!(kept(&signer, 16_901).await, None);
        assert_eq!(source.asked.load(Ordering::SeqCst), 5);
        assert_eq!(key(&signer, &source, 16_905).await, text("AKIA5"));
        signer.forget().await;
        assert_eq!(key(&signer, &source, 16_906).await, text("AKIA6"));
    }
}
