//! Requests to AWS APIs: their signature, and what their refusals mean.

use std::{fmt::Write, sync::Arc};

use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use taskway::{Context, attempt::Outcome};
use taskway_cloud::aws::{Signer, Unsigned, is_temporary};
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
        HttpAuth::Aws { service, region }: &HttpAuth,
        (method, url): (&Method, &Url),
        content: &Content,
        headers: &mut HeaderMap,
        cx: &Context,
    ) -> Result<(), Outcome> {
        // The parameter may have changed since the task was submitted.
        let host = url.host_str().unwrap_or_default();
        if !self.hosts.allow(host) {
            return Err(not_allowed(host));
        }
        let mut digest = Sha256::new();
        content.seen_by(|bytes| digest.update(bytes)).await.map_err(unread)?;
        let sha256 = digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        let is_read = |name: &str| name == CONTENT_TYPE.as_str() || name.starts_with("x-amz-");
        let read: Vec<(&str, &str)> = headers
            .iter()
            .filter(|(name, _)| is_read(name.as_str()))
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let unsigned =
            Unsigned { method: method.as_str(), url: url.as_str(), headers: &read, sha256: &sha256, service, region };
        let signed = self.signer.sign(unsigned, cx.now()).await.map_err(|error| Outcome::NotStarted {
            kind: ErrorKind::Http,
            message: format!("the request cannot be signed for AWS: {}", causes(&error)),
            at_least: std::time::Duration::ZERO,
        })?;
        headers.extend(signed);
        Ok(())
    }
}

pub(super) fn not_allowed(host: &str) -> Outcome {
    fatal(format!("requests to {host} are not signed for AWS: AwsHosts (TASKWAY_AWS_HOSTS) does not have it"))
}

/// Whether a refusal with this body may be none later: many services throttle with the status 400.
pub(super) fn may_pass(headers: &HeaderMap, body: &str) -> bool {
    let of_header = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let of_body = || serde_json::from_str::<Refusal>(body).ok().and_then(|refusal| refusal.kind.or(refusal.code));
    let of_xml = || Some(body.split_once("<Code>")?.1.split_once("</Code>")?.0.to_owned());
    let code = of_header.map(str::to_owned).or_else(of_body).or_else(of_xml).unwrap_or_default();
    // `com.amazonaws.sqs#RequestThrottled`, or `ThrottlingException:http://…`.
    let code = code.split(':').next().unwrap_or_default();
    is_temporary(code.rsplit('#').next().unwrap_or_default())
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
    fn a_throttled_request_is_told_from_a_wrong_one_in_each_protocol() {
        let header = |value: &'static str| {
            HeaderMap::from_iter([("x-amzn-errortype".parse().unwrap(), HeaderValue::from_static(value))])
        };
        for (headers, body, expected) in [
            (header("ThrottlingException:http://internal.amazon.com/"), "{}", true),
            (header("ValidationException"), r#"{"__type":"ThrottlingException"}"#, false),
            (
                HeaderMap::new(),
                r#"{"__type":"com.amazon.coral.service#ThrottlingException","message":"Rate exceeded"}"#,
                true,
            ),
            (HeaderMap::new(), r#"{"code":"TooManyRequestsException"}"#, true),
            (HeaderMap::new(), r#"{"message":"Forbidden"}"#, false),
            (HeaderMap::new(), "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", true),
            (HeaderMap::new(), "<Error><Code>AccessDenied</Code></Error>", false),
            (HeaderMap::new(), "", false),
        ] {
            assert_eq!(may_pass(&headers, body), expected, "{headers:?} {body}");
        }
    }
}
