//! How a request says who sends it, and what there is to say to one who is not let in.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header::DATE};
use reqwest::Url;
use taskway_client::{Auth, Sender, Signature};

use crate::{client::unusable, failure::Failure, signer::Signer};

/// Whether to sign, as `--sign` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// What goes to an https URL, unless there is another way to say who sends it.
    Auto,
    Always,
    Never,
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

/// How requests to the API at `url` say who sends them; `token` is what `TASKWAY_TOKEN` says. The client itself refuses a URL
/// that is none.
pub(crate) fn choose(url: &str, sign: Sign, token: Option<&str>) -> Result<Auth, Failure> {
    let Ok(base) = Url::parse(url) else { return Ok(Auth::Nobody) };
    let token = token.map(str::trim).filter(|token| !token.is_empty());
    let password = has_password(&base);
    let ways = [(password, "a user in the url"), (token.is_some(), "TASKWAY_TOKEN"), (sign == Sign::Always, "--sign")];
    let given: Vec<_> = ways.iter().filter(|(is_given, _)| *is_given).map(|(_, way)| *way).collect();
    if given.len() > 1 {
        return Err(Failure::Usage(format!("a request has one sender: take one of {}", given.join(" and "))));
    }
    if let Some(token) = token {
        return Auth::token(token).map_err(unusable);
    }
    Ok(match sign {
        Sign::Always => Auth::Signed(Box::new(Signer::new(&base))),
        Sign::Auto if base.scheme() == "https" && !password => Auth::Signed(Box::new(Signer::new(&base))),
        Sign::Auto | Sign::Never => Auth::Nobody,
    })
}

/// How requests to the API at `url` say who sends them, without the credentials.
pub(crate) fn sender(url: &str, auth: &Auth) -> taskway_dashboard::Sender {
    match auth {
        Auth::Signed(_) => taskway_dashboard::Sender::Signature,
        Auth::Token(_) => taskway_dashboard::Sender::Token,
        Auth::Nobody if Url::parse(url).is_ok_and(|url| has_password(&url)) => taskway_dashboard::Sender::Password,
        Auth::Nobody => taskway_dashboard::Sender::Nobody,
    }
}

fn has_password(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// What to do about an answer that lets the sender not in; nothing about any other.
pub(crate) fn advice(sender: &Sender, status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Option<String> {
    if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return None;
    }
    let skew = clock_skew(headers, now).filter(|_| matches!(sender, Sender::Signed(_)));
    let clock = skew.map(|skew| format!("\n  this machine's clock is {skew}, and a signature holds for 5 minutes"));
    Some(format!("{}{}", told(sender), clock.unwrap_or_default()))
}

/// How the sender was named, and what that asks for.
fn told(sender: &Sender) -> String {
    match sender {
        Sender::Nobody => {
            "the request was not signed: --sign signs it by your AWS credentials, TASKWAY_TOKEN sends a token"
                .to_owned()
        }
        Sender::Password => "the user and password of the url were sent".to_owned(),
        Sender::Token => {
            "the token in TASKWAY_TOKEN was sent: it must be of the API's issuer and audience, and not have expired"
                .to_owned()
        }
        Sender::Signed(Signature { access_key, region }) => format!(
            "the request was signed by access key {access_key} for {region}: its user or role needs \
             execute-api:Invoke on this API"
        ),
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
    use http::HeaderValue;

    use super::*;

    fn chosen(url: &str, sign: Sign, token: Option<&str>) -> Result<Auth, Failure> {
        choose(url, sign, token)
    }

    #[test]
    fn what_goes_to_a_deployed_api_is_signed() {
        let signs = |url, sign| matches!(chosen(url, sign, None).unwrap(), Auth::Signed(_));
        let aws = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
        for url in [aws, "https://tasks.example.com"] {
            assert!(signs(url, Sign::Auto) && signs(url, Sign::Always) && !signs(url, Sign::Never), "{url}");
        }
        for url in ["http://127.0.0.1:8080", "http://abc.execute-api.localhost:4566", "http://tasks.internal"] {
            assert!(!signs(url, Sign::Auto) && signs(url, Sign::Always) && !signs(url, Sign::Never), "{url}");
        }
        // Who has put a password into the URL has a gateway of another kind.
        assert!(matches!(chosen("https://me:secret@tasks.example.com", Sign::Auto, None).unwrap(), Auth::Nobody));
    }

    #[test]
    fn a_token_stands_in_for_a_signature() {
        let sent = |url, token| match chosen(url, Sign::Auto, Some(token)).unwrap() {
            Auth::Token(value) => value.to_str().unwrap().to_owned(),
            other @ (Auth::Nobody | Auth::Signed(_)) => panic!("{other:?}"),
        };
        assert_eq!(sent("https://tasks.example.com", "abc.def"), "Bearer abc.def");
        assert_eq!(sent("http://127.0.0.1:8080", " abc\n"), "Bearer abc");
        let emptied = chosen("https://tasks.example.com", Sign::Auto, Some("")).unwrap();
        assert!(matches!(emptied, Auth::Signed(_)), "{emptied:?}");
    }

    #[test]
    fn the_dashboard_is_told_how_to_call_and_not_by_which_credential() {
        use taskway_dashboard::Sender;
        for (url, token, expected) in [
            ("https://tasks.example.com", None, Sender::Signature),
            ("https://tasks.example.com", Some("abc"), Sender::Token),
            ("https://me:secret@tasks.example.com", None, Sender::Password),
            ("http://127.0.0.1:8080", None, Sender::Nobody),
        ] {
            assert_eq!(sender(url, &chosen(url, Sign::Auto, token).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn a_request_has_one_sender_and_keeps_its_token_to_itself() {
        for (url, sign, token, part) in [
            ("https://a.example", Sign::Always, Some("t"), "take one of TASKWAY_TOKEN and --sign"),
            ("https://me@a.example", Sign::Auto, Some("t"), "take one of a user in the url and TASKWAY_TOKEN"),
            ("https://:pw@a.example", Sign::Always, None, "take one of a user in the url and --sign"),
            ("https://a.example", Sign::Auto, Some("a\nb"), "is no token"),
        ] {
            match chosen(url, sign, token) {
                Err(Failure::Usage(message)) => assert!(message.contains(part), "{message}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_token_does_not_go_over_plain_http_to_another_machine() {
        let refused = |url: &str| {
            let auth = choose(url, Sign::Auto, Some("t")).unwrap();
            match taskway_client::Client::builder(url).auth(auth).build() {
                Err(misuse) => unusable(misuse).text(),
                other => panic!("{other:?}"),
            }
        };
        assert!(refused("http://a.example").starts_with("TASKWAY_TOKEN is not sent over plain http"));
    }

    #[test]
    fn a_clock_that_is_off_is_named() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 13:00:00 GMT").unwrap();
        let signed = Sender::Signed(Signature { access_key: "AKIA".to_owned(), region: "eu-west-1".to_owned() });
        let told = |date: &'static str, status| {
            advice(&signed, status, &HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]), now)
        };
        let on_time = told("Sun, 22 Nov 2026 13:04:59 GMT", StatusCode::FORBIDDEN).unwrap();
        assert!(on_time.contains("AKIA") && on_time.contains("execute-api:Invoke") && !on_time.contains("clock"));
        let behind = told("Sun, 22 Nov 2026 13:07:30 GMT", StatusCode::FORBIDDEN).unwrap();
        assert!(behind.contains("this machine's clock is 7 min behind the server's"), "{behind}");
        let ahead = told("Sun, 22 Nov 2026 12:00:00 GMT", StatusCode::UNAUTHORIZED).unwrap();
        assert!(ahead.contains("this machine's clock is 60 min ahead of the server's"), "{ahead}");
        assert_eq!(told("Sun, 22 Nov 2026 12:00:00 GMT", StatusCode::NOT_FOUND), None);
    }
}
