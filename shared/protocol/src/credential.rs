//! Credentials in an HTTP target: which parts they are, and what answers and logs show in their place.
//!
//! The table and the messages hold the true values, and the executor sends them.

use std::{collections::BTreeMap, fmt};

use percent_encoding::percent_decode_str;

/// What stands in the place of a credential. No request may contain it: a client that copies a target from an answer
/// would otherwise submit a task that cannot sign in.
pub const MASK: &str = "*masked*";

/// A word of a name that contains one of these names a credential.
const STEMS: [&str; 13] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "authoriz",
    "authent",
    "cookie",
    "credential",
    "apikey",
    "session",
    "signature",
    "bearer",
    "jwt",
];

/// So does a word that ends in one of these, which are too short to be looked for inside other words.
const ENDINGS: [&str; 8] = ["key", "keys", "auth", "pwd", "sig", "sid", "hmac", "otp"];

/// Names that are not credentials, though a word in them says so.
const PLAIN: [&str; 5] = [
    "idempotency-key",
    "x-idempotency-key",
    "www-authenticate",
    "proxy-authenticate",
    "access-control-allow-credentials",
];

/// Schemes of authorization. A value that begins with one is a credential under any name.
const SCHEMES: [&str; 5] = ["basic", "bearer", "digest", "negotiate", "aws4-hmac-sha256"];

/// Whether a header or a parameter of this name carries a credential: `authorization`, `cookie`, `x-api-key`, and any
/// other whose name says so. A name that only sounds like it is masked too, which does less harm than a credential shown.
pub fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let says = |word: &str| {
        STEMS.iter().any(|stem| word.contains(stem)) || ENDINGS.iter().any(|ending| word.ends_with(ending))
    };
    !PLAIN.contains(&&*name) && name.split(|c: char| !c.is_alphanumeric()).any(says)
}

/// The headers of a target without credentials.
pub(crate) fn masked_headers(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    headers.iter().map(|(name, value)| (name.clone(), masked_header(name, value))).collect()
}

fn masked_header(name: &str, value: &str) -> String {
    let scheme = value.trim_start().split_once([' ', '\t']).map(|(scheme, _)| scheme.to_ascii_lowercase());
    if is_credential(name) || scheme.is_some_and(|scheme| SCHEMES.contains(&&*scheme)) {
        return MASK.to_owned();
    }
    if value.contains("://") { masked_url(value) } else { value.to_owned() }
}

/// A URL without user name and password, and without the values of parameters whose names say that they are credentials.
/// The rest stays as it was written.
pub fn masked_url(url: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, None), |(before, query)| (before, Some(query)));
    let mut masked = masked_user(before);
    if let Some(query) = query {
        let (query, fragment) = query.split_at(query.find('#').unwrap_or(query.len()));
        let parameters: Vec<_> = query.split('&').map(masked_parameter).collect();
        masked = format!("{masked}?{}{fragment}", parameters.join("&"));
    }
    masked
}

fn masked_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '#']).unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{MASK}@{host}{path}"),
        None => url.to_owned(),
    }
}

fn masked_parameter(parameter: &str) -> String {
    let Some((name, _)) = parameter.split_once('=') else { return parameter.to_owned() };
    let decoded = percent_decode_str(name).decode_utf8_lossy();
    // Azure calls the key of a function `code`.
    let masks = is_credential(&decoded) || decoded.eq_ignore_ascii_case("code");
    if masks { format!("{name}={MASK}") } else { parameter.to_owned() }
}

/// Shows only the length of a text that may hold a credential.
pub(crate) struct Hidden<'a>(pub(crate) &'a str);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_credentials_are_known() {
        for name in [
            "authorization",
            "Authorization",
            "proxy-authorization",
            "x-forwarded-authorization",
            "cookie",
            "cookie2",
            "set-cookie",
            "x-api-key",
            "apikey",
            "x-apikey",
            "api_key",
            "x-goog-api-key",
            "ocp-apim-subscription-key",
            "x-functions-key",
            "x-auth-token",
            "x-amz-security-token",
            "private-token",
            "x-vault-token",
            "accesstoken",
            "x-csrf-token",
            "token",
            "x-webhook-secret",
            "client_secret",
            "secretkey",
            "password",
            "x-passwd",
            "passphrase",
            "x-auth",
            "x-session-id",
            "sessionid",
            "x-hub-signature-256",
            "sig",
            "jwt",
            "x-amz-credential",
            "x-signing-keys",
            "authentication",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in [
            "accept",
            "content-type",
            "user-agent",
            "x-request-id",
            "x-tenant",
            "idempotency-key",
            "Idempotency-Key",
            "x-author",
            "x-keyboard",
            "etag",
            "traceparent",
            "www-authenticate",
            "x-amz-date",
            "host",
            "x-design",
            "signal",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn a_value_can_be_a_credential_under_any_name() {
        for value in ["Bearer abc", "basic dTpw", "AWS4-HMAC-SHA256 Credential=a"] {
            assert_eq!(masked_header("x-upstream", value), MASK, "{value}");
        }
        for value in ["basic", "a bearer of news", "text/plain", "", "mailto:me@example.com"] {
            assert_eq!(masked_header("x-note", value), value);
        }
        assert_eq!(masked_header("x-callback", "https://u:p@h/?token=x"), "https://*masked*@h/?token=*masked*");
    }

    #[test]
    fn a_url_shows_no_credentials_and_else_stays_as_it_is() {
        for (url, shown) in [
            ("https://u:p@host/a@b", "https://*masked*@host/a@b"),
            ("https://u:p@x@host", "https://*masked*@host"),
            ("https://host/?api_key=1&x=2&Sig=3#f", "https://host/?api_key=*masked*&x=2&Sig=*masked*#f"),
            ("https://host?%74oken=1", "https://host?%74oken=*masked*"),
            ("https://host/f?code=a==&b", "https://host/f?code=*masked*&b"),
            ("http://u:p@host?key=1", "http://*masked*@host?key=*masked*"),
        ] {
            assert_eq!(masked_url(url), shown);
        }
        for url in ["https://host/hooks/T0/B0?a=b&country-code=de&q=token", "", "?", "https://host/a?b=c@d", "key=1"] {
            assert_eq!(masked_url(url), url);
        }
    }
}
