//! What requests signed for AWS may be, and where they may go.

use std::net::IpAddr;

use crate::HttpAuth;

/// The longest part of a host's name between dots, by DNS.
const LONGEST_LABEL: usize = 63;

/// The longest name of a service or a region.
const LONGEST_NAME: usize = 64;

/// The requests that may be signed for AWS: for which service and region, to which hosts. None, unless the operator says
/// otherwise.
///
/// A signature is for one service, so a task cannot have one made for another service that the role may use.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AwsHosts(Vec<Pattern>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Pattern {
    service: Box<str>,
    region: Box<str>,
    host: Name,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Name {
    /// This host.
    One(Box<str>),
    /// Every host whose name ends so. It begins with a dot.
    Below(Box<str>),
}

/// A word that is not a pattern of signed requests.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0:?} is not SERVICE/REGION@HOST, such as sqs/eu-central-1@sqs.eu-central-1.amazonaws.com or \
     execute-api/eu-central-1@*.execute-api.eu-central-1.amazonaws.com, in lower case and without a port"
)]
pub struct AwsHostError(String);

impl AwsHosts {
    /// No host.
    pub const NONE: Self = AwsHosts(Vec::new());

    /// Reads `SERVICE/REGION@HOST`, several with commas or spaces between. `*.` at the beginning of a host stands for one or more
    /// parts of its name; at least two must follow.
    ///
    /// # Errors
    /// The first word that is not of this form.
    pub fn parse(text: &str) -> Result<Self, AwsHostError> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let pattern = |word: &str| Pattern::parse(word).ok_or_else(|| AwsHostError(word.to_owned()));
        words.map(pattern).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a request to a URL of this scheme and host may be signed so. It must be https, unless it leads to this machine. The
    /// port does not matter.
    pub fn allow(&self, scheme: &str, host: &str, HttpAuth::Aws { service, region }: &HttpAuth) -> bool {
        let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_here = ip.is_ok_and(|ip| ip.is_loopback());
        (scheme == "https" || is_here)
            && self.0.iter().any(|one| one.service == *service && one.region == *region && one.host.is(host))
    }

    /// Whether no request is signed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Name {
    fn is(&self, host: &str) -> bool {
        match self {
            Name::One(one) => **one == *host,
            Name::Below(end) => host.len() > end.len() && host.ends_with(&**end),
        }
    }
}

impl Pattern {
    fn parse(word: &str) -> Option<Self> {
        let (scope, host) = word.split_once('@')?;
        let (service, region) = scope.split_once('/')?;
        if !is_aws_name(service) || !is_aws_name(region) {
            return None;
        }
        let is_label = |label: &str| {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_word)
        };
        let is_name = |name: &str| name.split('.').all(is_label) && name.contains('.');
        let host = match host.strip_prefix('*') {
            Some(end) => end.strip_prefix('.').is_some_and(is_name).then(|| Name::Below(end.into())),
            None => is_name(host).then(|| Name::One(host.into())),
        };
        Some(Pattern { service: service.into(), region: region.into(), host: host? })
    }
}

/// Whether an AWS service or a region can be called so: 1 to 64 lower-case letters, digits, and dashes between them.
pub fn is_aws_name(text: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [text.bytes().next(), text.bytes().next_back()];
    text.len() <= LONGEST_NAME
        && text.bytes().all(|byte| is_end(byte) || byte == b'-')
        && ends.into_iter().all(|end| end.is_some_and(is_end))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn allows(hosts: &str, url: &str, service: &str) -> bool {
        let auth = HttpAuth::Aws { service: service.into(), region: "eu-west-1".into() };
        let (scheme, host) = url.split_once("://").unwrap();
        AwsHosts::parse(hosts).unwrap().allow(scheme, host, &auth)
    }

    #[test]
    fn a_request_is_allowed_by_its_service_its_region_and_its_host() {
        let hosts =
            "sqs/eu-west-1@sqs.eu-west-1.amazonaws.com, execute-api/eu-west-1@*.execute-api.eu-west-1.amazonaws.com";
        for (url, service) in [
            ("https://sqs.eu-west-1.amazonaws.com", "sqs"),
            ("https://a1.execute-api.eu-west-1.amazonaws.com", "execute-api"),
            ("https://b.a.execute-api.eu-west-1.amazonaws.com", "execute-api"),
        ] {
            assert!(allows(hosts, url, service), "{url}");
        }
        for (url, service) in [
            ("https://sqs.eu-west-1.amazonaws.com", "sts"),
            ("https://a1.execute-api.eu-west-1.amazonaws.com", "sqs"),
            ("http://sqs.eu-west-1.amazonaws.com", "sqs"),
            ("https://sqs.eu-west-1.amazonaws.com.", "sqs"),
            ("https://x.sqs.eu-west-1.amazonaws.com", "sqs"),
            ("https://execute-api.eu-west-1.amazonaws.com", "execute-api"),
            ("https://.execute-api.eu-west-1.amazonaws.com", "execute-api"),
            ("https://a-execute-api.eu-west-1.amazonaws.com", "execute-api"),
            ("https://a1.execute-api.eu-west-1.amazonaws.com.example.com", "execute-api"),
            ("https://", "sqs"),
        ] {
            assert!(!allows(hosts, url, service), "{url} {service}");
        }
        assert!(!allows(" ,", "https://a.b", "sqs") && AwsHosts::parse(" ,").unwrap().is_empty());
        assert!(!allows("sqs/us-east-1@a.b", "https://a.b", "sqs"), "another region");
        assert!(allows("sqs/eu-west-1@127.0.0.1", "http://127.0.0.1", "sqs"), "this machine");
        assert!(!allows("sqs/eu-west-1@10.0.0.1", "http://10.0.0.1", "sqs"), "plain http");
    }

    #[test]
    fn what_is_not_a_pattern_is_refused_and_named() {
        for word in ["a.b", "sqs@a.b", "/x@a.b", "sqs/@a.b", "SQS/x@a.b", "sqs/x@", "-s/x@a.b"] {
            assert!(
                AwsHosts::parse(&format!("s/x@a.b,{word}")).unwrap_err().to_string().contains(&format!("{word:?}")),
                "{word}"
            );
        }
        for host in [
            "*",
            "*.com",
            "*com",
            "a.*.com",
            "A.example.com",
            "localhost",
            "a..b",
            "a.b:443",
            "https://a.b",
            "a_b.c",
            ".",
        ] {
            assert!(AwsHosts::parse(&format!("s/x@{host}")).is_err(), "{host}");
        }
    }
}
