//! Requests to AWS APIs: their signature, and what their refusals mean.

use std::{fmt::Write, sync::Arc, time::Duration};

use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use taskway::{Context, attempt::Outcome};
use taskway_cloud::aws::{SignError, Signer, Unsigned};
use taskway_protocol::{AwsHosts, ErrorKind, HttpAuth};
use taskway_runtime::log::causes;

use super::{fatal, request::Content, unread};

/// Who signs, and for which hosts.
#[derive(Clone, Debug)]
pub struct AwsAuth {
    hosts: AwsHosts,
    signer: Arc<Signer>,
}

impl AwsAuth {
    /// Requests to these hosts are signed by this signer.
    pub fn new(hosts: AwsHosts, signer: Signer) -> Self {
        AwsAuth { hosts, signer: Arc::new(signer) }
    }

    /// Adds the signature of a request to its headers. It is made of the body, of the headers that AWS reads, and of nothing
    /// that a proxy may change.
    pub(super) async fn sign(
        &self,
        auth: &HttpAuth,
        (method, url): (&Method, &Url),
        content: &Content,
        headers: &mut HeaderMap,
        cx: &Context,
    ) -> Result<(), Outcome> {
        // The parameter may have changed since the task was submitted.
        if !self.hosts.allow(url.scheme(), url.host_str().unwrap_or_default(), auth) {
            return Err(not_allowed(url, auth));
        }
        let HttpAuth::Aws { service, region } = auth;
        let mut digest = Sha256::new();
        content.seen_by(|bytes| digest.update(bytes)).await.map_err(unread)?;
        let sha256 = digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        let is_read = |name: &str| name == CONTENT_TYPE.as_str() || name.starts_with("x-amz-");
        let read = headers.iter().filter(|(name, _)| is_read(name.as_str()));
        let read = read.map(|(name, value)| {
            let value = value.to_str().map_err(|_| fatal(format!("the header {name} cannot be signed")))?;
            Ok((name.as_str(), value))
        });
        let read = read.collect::<Result<Vec<_>, Outcome>>()?;
        let unsigned =
            Unsigned { method: method.as_str(), url: url.as_str(), headers: &read, sha256: &sha256, service, region };
        let signed = self.signer.sign(unsigned, cx.now()).await.map_err(|error| {
            let message = format!("the request cannot be signed for AWS: {}", causes(&error));
            match error {
                SignError::Credentials(_) | SignError::Lately | SignError::NoCredentials => {
                    Outcome::NotStarted { kind: ErrorKind::Http, message, at_least: Duration::ZERO }
                }
                SignError::Request(_) | SignError::Parts(_) => fatal(message),
            }
        })?;
        headers.extend(signed);
        Ok(())
    }

    /// Has the next request signed by other credentials, because AWS does not take these.
    pub(super) async fn forget(&self) {
        self.signer.forget().await;
    }
}

pub(super) fn not_allowed(url: &Url, HttpAuth::Aws { service, region }: &HttpAuth) -> Outcome {
    let host = url.host_str().unwrap_or_default();
    fatal(format!(
        "requests to {host} are not signed for {service}/{region}: AwsHosts (TASKWAY_AWS_HOSTS) does not have that, or the URL is not https"
    ))
}

/// What AWS calls the error of a refusal, by the answer's header.
pub(super) fn code_of_header(headers: &HeaderMap) -> Option<String> {
    headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()).map(code)
}

/// The same by the answer's body.
pub(super) fn code_of_body(body: &str) -> Option<String> {
    let of_json = || serde_json::from_str::<Refusal>(body).ok().and_then(|refusal| refusal.kind.or(refusal.code));
    let of_xml = || Some(body.split_once("<Code>")?.1.split_once("</Code>")?.0.to_owned());
    of_json().or_else(of_xml).as_deref().map(code)
}

/// The name in `com.amazonaws.sqs#RequestThrottled` or `ThrottlingException:http://…`.
fn code(text: &str) -> String {
    let text = text.split(':').next().unwrap_or_default();
    text.rsplit('#').next().unwrap_or_default().to_owned()
}

/// What services whose protocol is JSON call an error.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    kind: Option<String>,
    code: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_error_is_found_in_each_protocol() {
        let header = |value: &'static str| {
            HeaderMap::from_iter([("x-amzn-errortype".parse().unwrap(), HeaderValue::from_static(value))])
        };
        for (headers, expected) in [
            (header("ThrottlingException:http://internal.amazon.com/"), Some("ThrottlingException")),
            (header("ValidationException"), Some("ValidationException")),
            (HeaderMap::new(), None),
        ] {
            assert_eq!(code_of_header(&headers).as_deref(), expected);
        }
        for (body, expected) in [
            (
                r#"{"__type":"com.amazon.coral.service#ThrottlingException","message":"Rate exceeded"}"#,
                Some("ThrottlingException"),
            ),
            (r#"{"code":"TooManyRequestsException"}"#, Some("TooManyRequestsException")),
            (r#"{"message":"Forbidden"}"#, None),
            ("<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", Some("Throttling")),
            ("", None),
        ] {
            assert_eq!(code_of_body(body).as_deref(), expected, "{body}");
        }
    }
}
