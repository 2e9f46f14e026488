//! Signs requests for an API behind IAM (AWS Signature Version 4), by the credentials that every tool of AWS finds.

use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow};
use aws_config::Region;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use reqwest::{Request, Url, header::HeaderValue};
use tokio::sync::{Mutex, OnceCell};

mod aws_cli;

/// What API Gateway's APIs are called in a signature.
const SERVICE: &str = "execute-api";
/// Credentials that end within this time are asked for anew: a signature must hold until it arrives.
const SPARE: Duration = Duration::from_secs(60);

/// Signs requests to one API. Region and credentials are looked for at the first.
#[derive(Debug)]
pub(crate) struct Signer {
    /// The region that the API's host names: a signature for any other is refused, whatever the environment says.
    host_region: Option<String>,
    source: OnceCell<Source>,
    /// The latest credentials: a role's are not asked for at every look of a watch.
    credentials: Mutex<Option<Credentials>>,
}

#[derive(Debug)]
struct Source {
    region: String,
    provider: SharedCredentialsProvider,
}

/// By what a request was signed.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) access_key: String,
    pub(crate) region: String,
}

impl Signer {
    /// A signer of requests to the API at `base`.
    pub(crate) fn new(base: &Url) -> Self {
        let host_region = base.host_str().and_then(host_region).map(str::to_owned);
        Self { host_region, source: OnceCell::new(), credentials: Mutex::new(None) }
    }

    /// Signs a request that is otherwise complete, for this moment.
    pub(crate) async fn sign(&self, request: &mut Request) -> anyhow::Result<Signature> {
        let source = self.source.get_or_try_init(|| self.find()).await?;
        let credentials = self.credentials(source).await?;
        let signature = Signature { access_key: credentials.access_key_id().to_owned(), region: source.region.clone() };
        sign_at(request, credentials, &source.region, SystemTime::now()).context("cannot sign the request")?;
        Ok(signature)
    }

    async fn find(&self) -> anyhow::Result<Source> {
        let mut loader = taskway_cloud::aws::loader().await?;
        if let Some(region) = &self.host_region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = Box::pin(loader.load()).await;
        let region = config.region().map(ToString::to_string).ok_or_else(|| {
            anyhow!("no region to sign for: the url does not name one, so set AWS_REGION or a region in the profile")
        })?;
        let provider = config.credentials_provider().ok_or_else(|| anyhow!("no aws credentials to sign with"))?;
        Ok(Source { region, provider })
    }

    async fn credentials(&self, source: &Source) -> anyhow::Result<Credentials> {
        let mut latest = self.credentials.lock().await;
        let lasts = |one: &Credentials| one.expiry().is_none_or(|expiry| expiry > SystemTime::now() + SPARE);
        if let Some(credentials) = latest.as_ref().filter(|one| lasts(one)) {
            return Ok(credentials.clone());
        }
        let credentials = match source.provider.provide_credentials().await {
            // The profile has a kind of credentials that only the AWS CLI can get.
            Err(error @ CredentialsError::InvalidConfiguration(_)) => aws_cli::credentials(error).await?,
            other => other.map_err(unavailable)?,
        };
        *latest = Some(credentials.clone());
        Ok(credentials)
    }
}

/// Says what to do about credentials that are not there, or cannot be had.
fn unavailable(error: CredentialsError) -> anyhow::Error {
    const REMEDY: &str = "`aws configure` sets some up, and AWS_PROFILE chooses a profile
  for an api that takes tokens, set TASKWAY_TOKEN";
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        // What each link of the chain lacks would bury what to do.
        let profile = taskway_cloud::aws::chosen_profile();
        let none = profile.map(|name| format!(": none in profile `{name}`")).unwrap_or_default();
        return anyhow!("no aws credentials to sign the request with{none}\n  {REMEDY}");
    }
    let cause = format!("{:#}", anyhow::Error::new(error));
    anyhow!("cannot get aws credentials to sign the request with: {cause}\n  {REMEDY}")
}

fn sign_at(request: &mut Request, credentials: Credentials, region: &str, now: SystemTime) -> anyhow::Result<()> {
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(SigningSettings::default())
        .build()?;
    let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
    let headers = headers.collect::<anyhow::Result<Vec<_>>>()?;
    let body = request.body().map_or(Some(&[][..]), |body| body.as_bytes()).context("the body is a stream")?;
    let (method, url) = (request.method().as_str(), request.url().as_str());
    let signable = SignableRequest::new(method, url, headers.into_iter(), SignableBody::Bytes(body))?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    let (headers, _) = instructions.into_parts();
    for header in headers {
        let mut value = HeaderValue::from_str(header.value())?;
        value.set_sensitive(header.sensitive());
        request.headers_mut().insert(header.name(), value);
    }
    Ok(())
}

/// The region in a name such as `<id>.execute-api.eu-west-1.amazonaws.com`. A domain of one's own has none, nor has an
/// emulator's `<id>.execute-api.localhost`.
fn host_region(host: &str) -> Option<&str> {
    let label = host.split('.').skip_while(|label| *label != SERVICE).nth(1)?;
    let (place, number) = label.rsplit_once('-')?;
    let is_region = place.contains('-') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_region.then_some(label)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
            assert_eq!(host_region(host), region, "{host}");
        }
    }

    #[test]
    fn credentials_are_kept_while_they_last() {
        use std::sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        };

        let signer = Signer::new(&Url::parse("https://example.com").unwrap());
        for (lasts, expected) in [(Some(SPARE / 2), 3), (Some(SPARE * 10), 1), (None, 1)] {
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            let provider = aws_credential_types::credential_fn::provide_credentials_fn(move || {
                count.fetch_add(1, Ordering::Relaxed);
                let expiry = lasts.map(|lasts| SystemTime::now() + lasts);
                async move { Ok(Credentials::new("id", "secret", None, expiry, "test")) }
            });
            let source = Source { region: "eu-west-1".to_owned(), provider: SharedCredentialsProvider::new(provider) };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                *signer.credentials.lock().await = None;
                for _ in 0..3 {
                    signer.credentials(&source).await.unwrap();
                }
            });
            assert_eq!(asked.load(Ordering::Relaxed), expected, "{lasts:?}");
        }
    }
}
