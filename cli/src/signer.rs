//! Signs requests for an API behind IAM (AWS Signature Version 4), by the credentials that every tool of AWS finds.

use std::{fmt, future::Future, pin::Pin};

use anyhow::anyhow;
use aws_config::Region;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError};
use reqwest::Url;
use taskway_client::{
    Sign, SignError, Signed, Unsigned,
    aws::{self, SigningError, region_of},
};
use tokio::sync::OnceCell;

mod aws_cli;

/// Signs requests to one API. Region and credentials are looked for at the first.
#[derive(Debug)]
pub(crate) struct Signer {
    /// The region that the API's host names: a signature for any other is refused, whatever the environment says.
    host_region: Option<String>,
    found: OnceCell<aws::Signer>,
}

/// Credentials of the SDK, or else of the AWS CLI.
#[derive(Debug)]
struct WithCli(SharedCredentialsProvider);

/// What to tell a person whose session of the AWS CLI gives no credentials.
#[derive(Debug)]
struct NoSession(String);

impl Signer {
    /// A signer of requests to the API at `base`.
    pub(crate) fn new(base: &Url) -> Self {
        let host_region = base.host_str().and_then(region_of).map(str::to_owned);
        Self { host_region, found: OnceCell::new() }
    }

    async fn signed(&self, request: Unsigned<'_>) -> Result<Signed, SignError> {
        let signer = self.found.get_or_try_init(|| self.find()).await?;
        signer.sign(request).await.map_err(|error| match error {
            SigningError::Credentials(error) => unavailable(error).into(),
            SigningError::Request(_) => error.into(),
        })
    }

    async fn find(&self) -> anyhow::Result<aws::Signer> {
        let mut loader = taskway_cloud::aws::loader().await?;
        if let Some(region) = &self.host_region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = Box::pin(loader.load()).await;
        let region = config.region().map(ToString::to_string).ok_or_else(|| {
            anyhow!("no region to sign for: the url does not name one, so set AWS_REGION or a region in the profile")
        })?;
        let provider = config.credentials_provider().ok_or_else(|| anyhow!("no aws credentials to sign with"))?;
        Ok(aws::Signer::new(region, SharedCredentialsProvider::new(WithCli(provider))))
    }
}

impl Sign for Signer {
    fn sign<'a>(
        &'a self,
        request: Unsigned<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Signed, SignError>> + Send + 'a>> {
        Box::pin(self.signed(request))
    }
}

impl ProvideCredentials for WithCli {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(async {
            match self.0.provide_credentials().await {
                // The profile has a kind of credentials that only the AWS CLI can get.
                Err(error @ CredentialsError::InvalidConfiguration(_)) => aws_cli::credentials(error).await,
                other => other,
            }
        })
    }
}

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoSession {}

/// Says what to do about credentials that are not there, or cannot be had.
fn unavailable(error: CredentialsError) -> anyhow::Error {
    const REMEDY: &str = "`aws configure` sets some up, and AWS_PROFILE chooses a profile
  for an api that takes tokens, set TASKWAY_TOKEN";
    if let Some(NoSession(told)) = std::error::Error::source(&error).and_then(|source| source.downcast_ref()) {
        return anyhow!("{told}");
    }
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        // What each link of the chain lacks would bury what to do.
        let profile = taskway_cloud::aws::chosen_profile();
        let none = profile.map(|name| format!(": none in profile `{name}`")).unwrap_or_default();
        return anyhow!("no aws credentials to sign the request with{none}\n  {REMEDY}");
    }
    let cause = format!("{:#}", anyhow::Error::new(error));
    anyhow!("cannot get aws credentials to sign the request with: {cause}\n  {REMEDY}")
}
