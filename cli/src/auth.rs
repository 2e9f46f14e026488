//! How a request says who sends it, and what there is to say to one who is not let in.

use std::{fmt, time::Duration, time::SystemTime};

use reqwest::{
    Request, StatusCode, Url,
    header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue},
};

use crate::{
    failure::Failure,
    signer::{Signature, Signer},
};

/// Whether to sign, as `--sign` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// What goes to an https URL, unless there is another way to say who sends it.
    Auto,
    Always,
    Never,
}

/// How requests say who sends them.
#[derive(Debug)]
pub(crate) enum Auth {
    /// They do not.
    Nobody,
    /// By the URL's user and password, which reqwest takes out and sends.
    Password,
    /// By a token.
    Token(HeaderValue),
    /// By a signature.
    Signer(Box<Signer>),
}

/// How one request said it.
#[derive(Debug)]
pub(crate) enum Sender {
    Nobody,
    Password,
    Token,
    Signed(Signature),
}

/// AWS refuses a signature whose time is further from its own.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(5 * 60);

impl Sign {
    /// Reads what `--sign` and `TASKWAY_SIGN` may be; an emptied variable is as good as none.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "" | "auto" => Ok(Self::Auto),
            "always" | "yes" | "true" | "1" => Ok(Self::Always),
            "never" | "no" | "false" | "0" => Ok(Self::Never),
            _ => Err("expected auto, always (or 1) or never (or 0)"),
        }
    }
}

impl Auth {
    /// The way for the API at `base`; `token` is what `TASKWAY_TOKEN` says.
    pub(crate) fn choose(base: &Url, sign: Sign, token: Option<&str>, loopback: bool) -> Result<Self, Failure> {
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        let password = !base.username().is_empty() || base.password().is_some();
        let ways =
            [(password, "a user in the url"), (token.is_some(), "TASKWAY_TOKEN"), (sign == Sign::Always, "--sign")];
        let given: Vec<_> = ways.iter().filter(|(is_given, _)| *is_given).map(|(_, way)| *way).collect();
        if given.len() > 1 {
            return Err(Failure::Usage(format!("a request has one sender: take one of {}", given.join(" and "))));
        }
        if let Some(token) = token {
            if base.scheme() == "http" && !loopback {
                let why = "TASKWAY_TOKEN is not sent over plain http, where anyone on the way could read it";
                return Err(Failure::Usage(why.to_owned()));
            }
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| Failure::Usage("TASKWAY_TOKEN is no token: it has characters that none has".to_owned()))?;
            value.set_sensitive(true);
            return Ok(Self::Token(value));
        }
        Ok(match sign {
            Sign::Always => Self::Signer(Box::new(Signer::new(base))),
            Sign::Auto if base.scheme() == "https" && !password => Self::Signer(Box::new(Signer::new(base))),
            Sign::Auto | Sign::Never if password => Self::Password,
            Sign::Auto | Sign::Never => Self::Nobody,
        })
    }

    /// Has a request that is otherwise complete say who sends it.
    pub(crate) async fn authenticate(&self, request: &mut Request) -> Result<Sender, Failure> {
        match self {
            Self::Nobody => Ok(Sender::Nobody),
            Self::Password => Ok(Sender::Password),
            Self::Token(token) => {
                request.headers_mut().insert(AUTHORIZATION, token.clone());
                Ok(Sender::Token)
            }
            Self::Signer(signer) => signer.sign(request).await.map(Sender::Signed).map_err(Failure::Other),
        }
    }
}

impl Sender {
    /// What to do about an answer that lets the sender not in; nothing about any other.
    pub(crate) fn advice(&self, status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Option<String> {
        if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return None;
        }
        let skew = clock_skew(headers, now).filter(|_| matches!(self, Self::Signed(_)));
        let clock = skew.map(|skew| format!("\n  this machine's clock is {skew}, and a signature holds for 5 minutes"));
        Some(format!("{self}{}", clock.unwrap_or_default()))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str(
                "the request was not signed: --sign signs it by your AWS credentials, TASKWAY_TOKEN sends a token",
            ),
            Self::Password => f.write_str("the user and password of the url were sent"),
            Self::Token => f.write_str(
                "the token in TASKWAY_TOKEN was sent: it must be of the API's issuer and audience, and not have expired",
            ),
            Self::Signed(Signature { access_key, region }) => write!(
                f,
                "the request was signed by access key {access_key} for {region}: its user or role needs \
                 execute-api:Invoke on this API"
            ),
        }
    }
}

/// How far the clock is from the server's, where that is too far.
fn clock_skew(headers: &HeaderMap, now: SystemTime) -> Option<String> {
    let theirs = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let (skew, side) = match now.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    (skew > CLOCK_SKEW_MAX).then(|| format!("{} min {side} the server's", skew.as_secs() / 60))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn chosen(url: &str, sign: Sign, token: Option<&str>) -> Result<Auth, Failure> {
        let url = Url::parse(url).unwrap();
        let loopback = url.host_str() == Some("127.0.0.1");
        Auth::choose(&url, sign, token, loopback)
    }

    #[test]
    fn what_goes_to_a_deployed_api_is_signed() {
        let signs = |url, sign| matches!(chosen(url, sign, None).unwrap(), Auth::Signer(_));
        let aws = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
        for url in [aws, "https://tasks.example.com"] {
            assert!(signs(url, Sign::Auto) && signs(url, Sign::Always) && !signs(url, Sign::Never), "{url}");
        }
        for url in ["http://127.0.0.1:8080", "http://abc.execute-api.localhost:4566", "http://tasks.internal"] {
            assert!(!signs(url, Sign::Auto) && signs(url, Sign::Always) && !signs(url, Sign::Never), "{url}");
        }
        // Who has put a password into the URL has a gateway of another kind.
        assert!(matches!(chosen("https://me:secret@tasks.example.com", Sign::Auto, None).unwrap(), Auth::Password));
    }

    #[test]
    fn a_token_stands_in_for_a_signature() {
        let sent = |url, token| match chosen(url, Sign::Auto, Some(token)).unwrap() {
            Auth::Token(value) => value.to_str().unwrap().to_owned(),
            other @ (Auth::Nobody | Auth::Password | Auth::Signer(_)) => panic!("{other:?}"),
        };
        assert_eq!(sent("https://tasks.example.com", "abc.def"), "Bearer abc.def");
        assert_eq!(sent("http://127.0.0.1:8080", " abc\n"), "Bearer abc");
        let emptied = chosen("https://tasks.example.com", Sign::Auto, Some("")).unwrap();
        assert!(matches!(emptied, Auth::Signer(_)), "{emptied:?}");
    }

    #[test]
    fn a_request_has_one_sender_and_keeps_its_token_to_itself() {
        for (url, sign, token, part) in [
            ("https://a.example", Sign::Always, Some("t"), "take one of TASKWAY_TOKEN and --sign"),
            ("https://me@a.example", Sign::Auto, Some("t"), "take one of a user in the url and TASKWAY_TOKEN"),
            ("https://:pw@a.example", Sign::Always, None, "take one of a user in the url and --sign"),
            ("http://a.example", Sign::Auto, Some("t"), "not sent over plain http"),
            ("https://a.example", Sign::Auto, Some("a\nb"), "is no token"),
        ] {
            match chosen(url, sign, token) {
                Err(Failure::Usage(message)) => assert!(message.contains(part), "{message}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_clock_that_is_off_is_named() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 13:00:00 GMT").unwrap();
        let signed = Sender::Signed(Signature { access_key: "AKIA".to_owned(), region: "eu-west-1".to_owned() });
        let advice = |date: &'static str, status| {
            signed.advice(status, &HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]), now)
        };
        let on_time = advice("Sun, 22 Nov 2026 13:04:59 GMT", StatusCode::FORBIDDEN).unwrap();
        assert!(on_time.contains("AKIA") && on_time.contains("execute-api:Invoke") && !on_time.contains("clock"));
        let behind = advice("Sun, 22 Nov 2026 13:07:30 GMT", StatusCode::FORBIDDEN).unwrap();
        assert!(behind.contains("this machine's clock is 7 min behind the server's"), "{behind}");
        let ahead = advice("Sun, 22 Nov 2026 12:00:00 GMT", StatusCode::UNAUTHORIZED).unwrap();
        assert!(ahead.contains("this machine's clock is 60 min ahead of the server's"), "{ahead}");
        assert_eq!(advice("Sun, 22 Nov 2026 12:00:00 GMT", StatusCode::NOT_FOUND), None);
    }
}
