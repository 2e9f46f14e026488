//! Hosts that requests signed for AWS may go to.

/// The longest part of a name between dots, by DNS.
const LONGEST_LABEL: usize = 63;

/// The hosts that requests with AWS signatures may go to. None, unless the operator says otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AwsHosts(Vec<Pattern>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Pattern {
    /// This host.
    One(Box<str>),
    /// Every host whose name ends so. It begins with a dot.
    Below(Box<str>),
}

/// A word that is no host.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0:?} is not a host such as sqs.eu-central-1.amazonaws.com, in lower case and without a port, nor a pattern such as \
     *.execute-api.eu-central-1.amazonaws.com"
)]
pub struct NoHost(String);

impl AwsHosts {
    /// No host.
    pub const NONE: Self = AwsHosts(Vec::new());

    /// Reads hosts with commas or spaces between them. `*.` at the beginning stands for one or more parts of a name; at least
    /// two must follow.
    ///
    /// # Errors
    /// The first word that is no host.
    pub fn parse(text: &str) -> Result<Self, NoHost> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words
            .map(|word| Pattern::parse(word).ok_or_else(|| NoHost(word.to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a request to this host may be signed. The port does not matter.
    pub fn allow(&self, host: &str) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::One(one) => **one == *host,
            Pattern::Below(end) => host.len() > end.len() && host.ends_with(&**end),
        })
    }

    /// Whether no request is signed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Pattern {
    fn parse(word: &str) -> Option<Self> {
        let is_label = |label: &str| {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_word)
        };
        let is_name = |name: &str| name.split('.').all(is_label) && name.contains('.');
        match word.strip_prefix('*') {
            Some(end) => end.strip_prefix('.').is_some_and(is_name).then(|| Pattern::Below(end.into())),
            None => is_name(word).then(|| Pattern::One(word.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_host_is_allowed_by_its_name_or_by_the_end_of_it() {
        let hosts = AwsHosts::parse("sqs.eu-west-1.amazonaws.com, *.execute-api.eu-west-1.amazonaws.com").unwrap();
        for host in [
            "sqs.eu-west-1.amazonaws.com",
            "a1.execute-api.eu-west-1.amazonaws.com",
            "b.a.execute-api.eu-west-1.amazonaws.com",
        ] {
            assert!(hosts.allow(host), "{host}");
        }
        for host in [
            "x.sqs.eu-west-1.amazonaws.com",
            "execute-api.eu-west-1.amazonaws.com",
            ".execute-api.eu-west-1.amazonaws.com",
            "a-execute-api.eu-west-1.amazonaws.com",
            "a1.execute-api.eu-west-1.amazonaws.com.example.com",
            "",
        ] {
            assert!(!hosts.allow(host), "{host}");
        }
        assert!(!AwsHosts::NONE.allow("a.b") && AwsHosts::parse(" ,").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_host_is_refused_and_named() {
        for word in [
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
            assert!(
                AwsHosts::parse(&format!("a.b,{word}")).unwrap_err().to_string().contains(&format!("{word:?}")),
                "{word}"
            );
        }
    }
}
