//! Credentials that the AWS CLI gets for us: those of profiles that sign in by a browser (`aws login`, IAM Identity Center).
//! Two more crates of the SDK could get them too, and would make this command take longer to build for everybody.

use aws_config::credential_process::CredentialProcessProvider;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError},
};

use super::NoSession;

/// Prints the credentials of the profile that the environment chooses. Renews them if the session still lasts.
const EXPORT: &str = "aws configure export-credentials --format process";

/// Asks the AWS CLI for credentials that the SDK could not get because of `refused`.
pub(super) async fn credentials(refused: CredentialsError) -> Result<Credentials, CredentialsError> {
    let login = taskway_cloud::aws::login_command().await;
    let Some(login) = login else { return Err(refused) };
    let asked = CredentialProcessProvider::new(EXPORT.to_owned()).provide_credentials().await;
    asked.map_err(|error| {
        let cause = taskway_runtime::log::causes(&error).to_string();
        CredentialsError::provider_error(NoSession(format!(
            "cannot sign the request: no valid session of the AWS CLI: run `{login}`, which AWS CLI 2 has, then try again\n  {}",
            shortened(&cause)
        )))
    })
}

/// The beginning of a text, on one line. An old AWS CLI says all that it can do.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST { line } else { line.chars().take(MOST).chain(['…']).collect() }
}
