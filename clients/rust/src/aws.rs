//! Signs requests for an API behind IAM (AWS Signature Version 4).
//!
//! ```no_run
//! use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
//! use taskway_client::{Client, aws::Signer};
//!
//! # fn main() -> Result<(), taskway_client::Error> {
//! // A program takes the region and the provider of `aws_config::load_defaults`.
//! let keys = Credentials::new("AKIA…", "secret", None, None, "example");
//! let signer = Signer::new("eu-west-1", SharedCredentialsProvider::new(keys));
//! let client = Client::builder("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com").signer(signer).build()?;
//! # Ok(())
//! # }
//! ```

use std::{
    future::Future,
    pin::Pin,
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Mutex;

use crate::auth::{Sign, SignError, Signature, Signed, Unsigned};

/// What API Gateway's APIs are called in a signature.
const SERVICE: &str = "execute-api";
/// Credentials that end within this time are asked for anew: a signature must hold until it arrives.
const SPARE: Duration = Duration::from_secs(60);

/// Signs requests by AWS credentials for one region.
#[derive(Debug)]
pub struct Signer {
    region: String,
    provider: SharedCredentialsProvider,
    /// The latest credentials: a role's are not asked for at every request.
    latest: Mutex<Option<Credentials>>,
}

/// Why a request was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// There are no credentials, or they cannot be had.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// A part of the request or of the credentials cannot be signed.
    #[error("cannot sign the request")]
    Request(#[source] SignError),
}

impl Signer {
    /// A signer for this region, with the credentials of this provider: `aws_config::load_defaults` finds both. A signature for
    /// another region than the API's is refused; [`region_of`] finds it in the API's host, if it is there.
    pub fn new(region: impl Into<String>, provider: SharedCredentialsProvider) -> Self {
        Signer { region: region.into(), provider, latest: Mutex::new(None) }
    }

    /// Signs a request for this moment.
    ///
    /// # Errors
    /// If there are no credentials.
    pub async fn sign(&self, request: Unsigned<'_>) -> Result<Signed, SigningError> {
        let credentials = self.credentials().await?;
        let signature = Signature { access_key: credentials.access_key_id().to_owned(), region: self.region.clone() };
        let headers = self.headers(request, credentials, SystemTime::now()).map_err(SigningError::Request)?;
        Ok(Signed { headers, signature })
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut latest = self.latest.lock().await;
        let lasts = |one: &Credentials| one.expiry().is_none_or(|expiry| expiry > SystemTime::now() + SPARE);
        if let Some(credentials) = latest.as_ref().filter(|one| lasts(one)) {
            return Ok(credentials.clone());
        }
        let credentials = self.provider.provide_credentials().await?;
        *latest = Some(credentials.clone());
        Ok(credentials)
    }

    fn headers(&self, request: Unsigned<'_>, by: Credentials, now: SystemTime) -> Result<HeaderMap, SignError> {
        let identity = by.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()?;
        let headers = request.headers.iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
        let headers = headers.collect::<Result<Vec<_>, SignError>>()?;
        let (method, url, body) = (request.method.as_str(), request.url, SignableBody::Bytes(request.body));
        let signable = SignableRequest::new(method, url, headers.into_iter(), body)?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        let (added, _) = instructions.into_parts();
        let header = |name: &str, text: &str, is_secret| {
            let mut value = HeaderValue::from_str(text)?;
            value.set_sensitive(is_secret);
            Ok((HeaderName::try_from(name)?, value))
        };
        added.into_iter().map(|added| header(added.name(), added.value(), added.sensitive())).collect()
    }
}

impl Sign for Signer {
    fn sign<'a>(
        &'a self,
        request: Unsigned<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Signed, SignError>> + Send + 'a>> {
        Box::pin(async move { Ok(Signer::sign(self, request).await?) })
    }
}

/// The region in a host such as `<id>.execute-api.eu-west-1.amazonaws.com`. A domain of one's own has none, nor has an emulator's
/// `<id>.execute-api.localhost`.
pub fn region_of(host: &str) -> Option<&str> {
    let label = host.split('.').skip_while(|label| *label != SERVICE).nth(1)?;
    let (place, number) = label.rsplit_once('-')?;
    let is_region = place.contains('-') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_region.then_some(label)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use aws_credential_types::credential_fn::provide_credentials_fn;

    use super::*;

    #[test]
    fn the_region_is_the_hosts_where_it_names_one() {
        for (host, region) in [
            ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("a1b2c3d4e5-vpce-0a1b.execute-api.us-gov-east-1.amazonaws.com", Some("us-gov-east-1")),
            ("a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("a1b2c3d4e5.execute-api.ap-southeast-4.api.aws", Some("ap-southeast-4")),
            ("a1b2c3d4e5.execute-api.localhost", None),
            ("a1b2c3d4e5.execute-api.localhost.localstack.cloud", None),
            ("execute-api", None),
            ("tasks.eu-west-1.example.com", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(region_of(host), region, "{host}");
        }
    }

    #[tokio::test]
    async fn credentials_are_kept_while_they_last() {
        for (lasts, expected) in [(Some(SPARE / 2), 3), (Some(SPARE * 10), 1), (None, 1)] {
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            let provider = provide_credentials_fn(move || {
                count.fetch_add(1, Ordering::Relaxed);
                let expiry = lasts.map(|lasts| SystemTime::now() + lasts);
                async move { Ok(Credentials::new("id", "secret", None, expiry, "test")) }
            });
            let signer = Signer::new("eu-west-1", SharedCredentialsProvider::new(provider));
            for _ in 0..3 {
                signer.credentials().await.unwrap();
            }
            assert_eq!(asked.load(Ordering::Relaxed), expected, "{lasts:?}");
        }
    }
}
