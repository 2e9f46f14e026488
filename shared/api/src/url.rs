//! The URL of an HTTP target.
//!
//! Where it leads is checked by the executor, after name resolution and at connect: an address that is harmless today
//! may not be when the task runs. Here only the text is judged, more strictly than browsers do: what they mend in
//! silence, such as `https:\\host`, may be read differently by the next reader.

use ::url::Url;
use taskway_protocol::masked_url;
use taskway_strict::words::shown;

/// The longest URL, in characters.
pub(crate) const LONGEST: usize = 2_048;

/// What the rules below ask of a URL, as far as a regular expression can say it.
pub(crate) const PATTERN: &str = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\\/?#@]+([/?][^\s\\#]*)?$";

/// `text`, if it is an absolute URL that a task can be delivered to.
pub(crate) fn url(text: &str, plain_http: bool) -> Result<String, String> {
    let schemes = if plain_http { "https:// or http://" } else { "https://" };
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!("must be at most {LONGEST} characters, got {length}"));
    }
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let (host, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let rules = [
        (
            !(scheme.eq_ignore_ascii_case("https") || plain_http && scheme.eq_ignore_ascii_case("http")),
            // Not with the password that a client may have put into it.
            format!("must begin with {schemes}, got {}", shown(&masked_url(text))),
        ),
        (
            text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\'),
            "must have no whitespace, control characters or backslashes".into(),
        ),
        (host.contains('@'), "must have no user name or password; an authorization header can carry them".into()),
        (host.is_empty(), "must have a host".into()),
        (text.contains('#'), "must have no fragment, which would not be sent".into()),
    ];
    if let Some((_, detail)) = rules.into_iter().find(|(broken, _)| *broken) {
        return Err(detail);
    }
    match Url::parse(text) {
        Ok(url) if url.has_host() => Ok(text.to_owned()),
        Ok(_) => Err("must have a host".into()),
        Err(error) => Err(format!("must be a URL: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_kept_as_it_was_given() {
        for text in [
            "https://example.com",
            "HTTPS://Example.com:8443/a/../b?c=d%20e&f=@#".trim_end_matches('#'),
            "https://192.0.2.7/hook",
            "https://[2001:db8::1]:443/",
            "https://bücher.example/ä",
        ] {
            assert_eq!(url(text, false).as_deref(), Ok(text));
        }
        assert_eq!(url("http://10.0.0.1/", true).as_deref(), Ok("http://10.0.0.1/"));
    }

    #[test]
    fn what_cannot_be_delivered_to_is_refused() {
        let long = format!("https://example.com/{}", "a".repeat(2_029));
        for (text, detail) in [
            ("", "must begin with https://, got "),
            ("/hook", "must begin with https://, got /hook"),
            ("//example.com/", "must begin with https://, got //example.com/"),
            ("http://example.com/", "must begin with https://, got http://example.com/"),
            ("ftp://example.com/", "must begin with https://, got ftp://example.com/"),
            ("http://u:pw@example.com/", "must begin with https://, got http://*masked*@example.com/"),
            ("http://example.com/?key=1", "must begin with https://, got http://example.com/?key=*masked*"),
            ("https:example.com", "must begin with https://, got https:example.com"),
            ("https://user:pw@example.com", "must have no user name"),
            ("https://@example.com", "must have no user name"),
            ("https:///example.com", "must have a host"),
            ("https://?q", "must have a host"),
            ("https://:443/", "must be a URL: "),
            ("https://example.com:99999/", "must be a URL: "),
            ("https://[::1/", "must be a URL: "),
            ("https://exa mple.com/", "must have no whitespace"),
            ("https://example.com/\r\nx", "must have no whitespace"),
            ("https://example.com\\@evil.example/", "must have no whitespace"),
            ("https://example.com/a\u{0}", "must have no whitespace"),
            ("https://example.com/#top", "must have no fragment"),
            (&long, "must be at most 2048 characters, got 2049"),
        ] {
            let told = url(text, false);
            assert!(told.as_ref().is_err_and(|told| told.starts_with(detail)), "{text}: {told:?}");
        }
    }
}
