//! Credentials that can be sent.

use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};

/// Refuses credentials that no header can hold, such as those of a file whose lines end as on Windows. The SDK would panic at
/// them.
#[derive(Debug)]
pub(super) struct Sendable(pub(super) SharedCredentialsProvider);

impl ProvideCredentials for Sendable {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(async { checked(self.0.provide_credentials().await?) })
    }
}

fn checked(credentials: Credentials) -> Result<Credentials, CredentialsError> {
    let parts = [("access key id", Some(credentials.access_key_id())), ("session token", credentials.session_token())];
    let is_sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let unfit = parts.into_iter().find(|(_, text)| text.is_some_and(|text| !is_sendable(text)));
    match unfit.map(|(part, _)| part) {
        Some(part) => Err(CredentialsError::invalid_configuration(format!(
            "the {part} of the AWS credentials has a space, a line end or another character that no request can carry: look \
             at the end of AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or of the profile's lines"
        ))),
        None => Ok(credentials),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_no_header_holds_are_named() {
        let of = |key: &str, token: Option<&str>| {
            checked(Credentials::new(key, "secret", token.map(str::to_owned), None, "test"))
        };
        assert!(of("AKIAEXAMPLE", Some("IQoJ/+=")).is_ok());
        for (key, token, part) in [
            ("local\r", None, "access key id"),
            ("lo\u{1}cal", None, "access key id"),
            ("AKIA", Some("a\n"), "session token"),
        ] {
            let error = said(of(key, token));
            assert!(error.contains(part), "{error}");
        }
    }

    fn said(checked: Result<Credentials, CredentialsError>) -> String {
        checked.err().map(|error| taskway_runtime::log::causes(&error).to_string()).unwrap_or_default()
    }
}
