//! Credentials in an HTTP target: which parts they are, and what answers and logs show in their place.
//!
//! The table and the messages hold the true values, and the executor sends them.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use percent_encoding::percent_decode_str;

use crate::find::Words;

/// What stands in the place of a credential. No request may contain it: a client that copies a target from an answer
/// would otherwise submit a task that cannot sign in.
pub const MASK: &str = "*masked*";

/// A word of a name that contains one of these names a credential.
static STEMS: Words<21> = Words::new([
    "token",
    "secret",
    "passw",
    "passphrase",
    "passcode",
    "authoriz",
    "authent",
    "authz",
    "cookie",
    "credential",
    "apikey",
    "accesskey",
    "session",
    "signature",
    "bearer",
    "jwt",
    "csrf",
    "xsrf",
    "dpop",
    "saml",
    "oidc",
]);

/// So does a word that ends in one of these, which are too short to be looked for inside other words.
const ENDINGS: [&str; 8] = ["key", "keys", "auth", "pwd", "sig", "sid", "hmac", "otp"];

/// So does a word that is one of these. Other words have them too: `passenger`, `spin`.
const WORDS: [&str; 4] = ["pass", "pin", "ticket", "license"];

/// So does a name whose last word is one of these: `x-ms-client-principal`, but not `x-principal-type`.
const LAST: [&str; 2] = ["principal", "private"];

/// Names of credentials that no word in them tells.
const NAMES: [&str; 1] = ["x-honeycomb-team"];

/// Names that are not credentials, though a word in them says so.
const PLAIN: [&str; 5] = [
    "idempotency-key",
    "x-idempotency-key",
    "www-authenticate",
    "proxy-authenticate",
    "access-control-allow-credentials",
];

/// Schemes of authorization. A value that begins with one is a credential under any name. So is one that begins with
/// `AWS4-`.
const SCHEMES: [&str; 14] = [
    "basic",
    "bearer",
    "digest",
    "negotiate",
    "ntlm",
    "apikey",
    "sharedkey",
    "sharedkeylite",
    "sharedaccesssignature",
    "oauth",
    "dpop",
    "gnap",
    "ssws",
    "googlelogin",
];

/// Schemes that sentences begin with too. What follows them is one word, or has a `=`.
const WORDY: [&str; 4] = ["token", "key", "hawk", "splunk"];

/// What well-known tokens begin with.
static TOKENS: Words<14> = Words::new([
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "xoxb-",
    "xoxp-",
    "xapp-",
]);

/// What a JWT begins with.
const JWT: &str = "eyJ";

/// What a user name, a parameter or a JWT in a text has.
static MARKS: Words<4> = Words::new(["@", "?", "#", JWT]);

/// How deep the values of a URL's parameters are read: a URL within a URL, or an encoded text, is one deeper. What is
/// deeper is masked.
const DEEPEST: u8 = 6;

/// Whether a header or a parameter of this name carries a credential: `authorization`, `cookie`, `x-api-key`, and any
/// other whose name says so. A name that only sounds like it is masked too, which does less harm than a credential shown.
pub fn is_credential(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if PLAIN.contains(&&*lower) {
        return false;
    }
    let is_one_case = lower == name;
    NAMES.contains(&&*lower) || STEMS.are_in(&lower) || ends(&lower) || (!is_one_case && ends(&divided(name)))
}

/// Whether a word of the name ends as a credential's does, or is one that tells.
fn ends(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    let tells = |word: &str| ENDINGS.iter().any(|ending| word.ends_with(ending)) || WORDS.contains(&word);
    words.clone().any(tells) || words.next_back().is_some_and(|last| LAST.contains(&last))
}

/// A name such as `userPin` with its words apart, in lower case.
fn divided(name: &str) -> String {
    let mut divided = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && divided.ends_with(|before: char| before.is_ascii_lowercase()) {
            divided.push('-');
        }
        divided.push(c);
    }
    divided.to_ascii_lowercase()
}

/// Whether a text has a [`MASK`] in it, in any case and percent-encoded or not.
pub fn has_mask(text: &str) -> bool {
    let mut text = text.to_ascii_lowercase();
    (0..DEEPEST).any(|_| {
        let has = text.contains(MASK);
        text = decoded(&text).to_ascii_lowercase();
        has
    })
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// The headers of a target without credentials.
pub(crate) fn masked_headers(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    headers.iter().map(|(name, value)| (name.clone(), masked_header(name, value))).collect()
}

/// The value of a header without credentials. The name is in lower case.
fn masked_header(name: &str, value: &str) -> String {
    if is_credential(name) { MASK.to_owned() } else { masked_value(name, value) }
}

/// The value of a header whose name is not that of a credential: its URLs without theirs, or a mask if the value is a
/// credential as a whole. The name is in lower case.
pub fn masked_value(name: &str, value: &str) -> String {
    debug_assert!(!is_credential(name), "{name} is the name of a credential");
    // A challenge names schemes, and no credential.
    if !name.ends_with("-authenticate") && has_scheme(value) {
        return MASK.to_owned();
    }
    if !may_hide(value) {
        return value.to_owned();
    }
    each_word(value, |c| c.is_whitespace() || matches!(c, '<' | '>'), masked_url)
}

/// The text with each word masked. `divides` says what stands between words.
fn each_word(text: &str, divides: impl Fn(char) -> bool + Copy, masked: impl Fn(&str) -> String) -> String {
    let pieces = text.split_inclusive(divides).map(|piece| {
        let word = piece.trim_end_matches(divides);
        masked(word) + &piece[word.len()..]
    });
    pieces.collect()
}

/// Whether a text, or a quoted text in it, begins with a scheme of authorization and goes on.
fn has_scheme(text: &str) -> bool {
    text.split(['"', '\'']).any(|text| {
        let Some((scheme, rest)) = text.trim_start().split_once([' ', '\t']) else { return false };
        let is_of = |schemes: &[&str]| schemes.iter().any(|one| one.eq_ignore_ascii_case(scheme));
        let is_value = || rest.contains('=') || rest.split_whitespace().count() == 1;
        is_of(&SCHEMES) || scheme.to_ascii_lowercase().starts_with("aws4-") || (is_of(&WORDY) && is_value())
    })
}

/// A URL without user names and passwords, without well-known tokens, and without the values of parameters that are
/// credentials by their names or by themselves. The rest stays as it was written.
pub fn masked_url(url: &str) -> String {
    masked_within(url, DEEPEST)
}

fn masked_within(url: &str, depth: u8) -> String {
    if !may_hide(url) {
        return url.to_owned();
    }
    let (before, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let query = each_word(query, |c| matches!(c, '&' | '#'), |parameters| masked_parameters(parameters, depth));
    masked_tokens(&masked_users(before)) + &query
}

/// Whether a text has anything of what a user name, a parameter or a token has. Most have not, and need no second look.
fn may_hide(text: &str) -> bool {
    MARKS.are_in(text) || TOKENS.are_in(text)
}

fn masked_users(text: &str) -> String {
    let after_scheme = |text: &str| text.find("://").map(|at| at + 3);
    let (mut masked, mut rest) = (String::new(), text);
    // A URL without a scheme begins with its host.
    let mut host = if text.starts_with("//") { Some(2) } else { after_scheme(text) };
    while let Some(at) = host {
        let (scheme, url) = rest.split_at(at);
        let (authority, path) = url.split_at(url.find('/').unwrap_or(url.len()));
        masked.push_str(scheme);
        match authority.rsplit_once('@') {
            Some((_, host)) => masked.extend([MASK, "@", host]),
            None => masked.push_str(authority),
        }
        rest = path;
        host = after_scheme(rest);
    }
    masked + rest
}

fn masked_tokens(text: &str) -> String {
    let divides = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    each_word(text, divides, |word| if is_token(word) { MASK.to_owned() } else { word.to_owned() })
}

/// Whether a word is a JWT, or begins as a well-known token does.
fn is_token(word: &str) -> bool {
    let is_jwt = word.starts_with(JWT) && word.matches('.').count() >= 2;
    is_jwt || TOKENS.begin(word)
}

/// What stands between two `&`. Some servers divide parameters by `;` too. Others do not, and then what follows a
/// credential belongs to it, so it is not shown.
fn masked_parameters(parameters: &str, depth: u8) -> String {
    let mut shown = String::new();
    for parameter in parameters.split_inclusive([';', '?']) {
        let pair = parameter.trim_end_matches([';', '?']);
        let (name, value) = pair.split_at(pair.find('=').map_or(0, |at| at + 1));
        let decoded = decoded(name.trim_end_matches('='));
        // Azure calls the key of a function `code`.
        let tells = is_credential(&decoded) || decoded.eq_ignore_ascii_case("code");
        if tells || hides(&value.replace('+', " "), depth) {
            return shown + name + MASK;
        }
        shown.push_str(parameter);
    }
    shown
}

/// Whether the value of a parameter has a credential in it, as it is written or decoded.
fn hides(value: &str, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    let decoded = decoded(value);
    has_scheme(value) || masked_within(value, depth) != value || (decoded != value && hides(&decoded, depth))
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
            "pass",
            "smtp_pass",
            "userPass",
            "x-pin",
            "userPin",
            "passcode",
            "x-xsrf",
            "csrf",
            "dpop",
            "x-authz",
            "SAMLResponse",
            "ticket",
            "x-newrelic-license",
            "x-ms-client-principal",
            "x-amzn-oidc-data",
            "x-private",
            "x-honeycomb-team",
            "X-Honeycomb-Team",
            "AWSAccessKeyId",
            "awsaccesskeyid",
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
            "pinned",
            "x-spin",
            "path",
            "passenger",
            "compass",
            "x-principal-type",
            "access-control-allow-private-network",
            "licensed",
            "x-team",
            "teamName",
            "tickets",
            "",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn a_value_can_be_a_credential_under_any_name() {
        for value in [
            "Bearer abc",
            "basic dTpw",
            "AWS4-HMAC-SHA256 Credential=a",
            "AWS4-ECDSA-P256-SHA256 Credential=a",
            "NTLM TlRM",
            "Token abc",
            "Token token=\"a\", nonce=\"b\"",
            "ApiKey abc",
            "Key abc",
            "Hawk id=\"a\", mac=\"b\"",
            "SharedKey account:abc",
            "SharedAccessSignature sr=a&sig=b",
            "OAuth oauth_token=\"a\"",
            "DPoP abc",
            "GNAP abc",
            "SSWS abc",
            "Splunk abc",
            "GoogleLogin auth=abc",
            "\"Bearer X1\"",
            " 'Bearer X1'",
            "{\"header\": \"Bearer X1\"}",
        ] {
            assert_eq!(masked_header("x-upstream", value), MASK, "{value}");
        }
        for value in [
            "basic",
            "a bearer of news",
            "text/plain",
            "",
            "mailto:me@example.com",
            "Key points of the day",
            "token",
            "it's a key",
            "skip_live",
            "eyJ0eXAi",
            "a;b=c, d",
        ] {
            assert_eq!(masked_header("x-note", value), value);
        }
        for (value, shown) in [
            ("https://u:p@h/?token=x", "https://*masked*@h/?token=*masked*"),
            ("/login?token=x#access_token=y&a=b", "/login?token=*masked*#access_token=*masked*&a=b"),
            ("//u:p@h/a", "//*masked*@h/a"),
            (
                "<https://u:p@h/a?b=1&sig=2>; rel=\"next\", <https://v@h/>; rel=\"last\"",
                "<https://*masked*@h/a?b=1&sig=*masked*>; rel=\"next\", <https://*masked*@h/>; rel=\"last\"",
            ),
            ("eyJhbGci.eyJzdWIi.c2ln", "*masked*"),
            ("of eyJhbGci.eyJzdWIi., ghp_1", "of *masked*, *masked*"),
            ("github_pat_1", "*masked*"),
            ("sk_live_1 rk_live_1", "*masked* *masked*"),
            ("xoxb-1-2", "*masked*"),
        ] {
            assert_eq!(masked_header("x-note", value), shown);
        }
        assert_eq!(masked_header("www-authenticate", "Basic realm=x"), "Basic realm=x");
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
            ("https://host?a=1;token=2;b=3&c", "https://host?a=1;token=*masked*&c"),
            ("https://host?AWSAccessKeyId=1&Expires=2", "https://host?AWSAccessKeyId=*masked*&Expires=2"),
            ("https://host/ghp_1/a?b=xoxp-1&c", "https://host/*masked*/a?b=*masked*&c"),
            ("https://host?a=eyJh.eyJz.c2ln", "https://host?a=*masked*"),
            ("https://host?a=Bearer+1&b=Token%202", "https://host?a=*masked*&b=*masked*"),
            ("https://host/http://u:p@h/", "https://host/http://*masked*@h/"),
            ("https://host?next=https://u:p@h/&a=b", "https://host?next=*masked*&a=b"),
            ("https://host?https://u:p@h/", "https://host?*masked*"),
            ("https://host?next=https://h/?a=b?sig=1", "https://host?next=https://h/?a=b?sig=*masked*"),
        ] {
            assert_eq!(masked_url(url), shown);
            assert_eq!(masked_url(shown), shown);
        }
        for url in [
            "https://host/hooks/T0/B0?a=b&country-code=de&q=token",
            "",
            "?",
            "https://host/a?b=c@d",
            "key=1",
            "https://host/a;b=c?d;e=f;&#g",
            "https://host?next=https://h/?a=b&mail=a@b",
            "https://host?a=100%25&b=%ff&c=d+e",
        ] {
            assert_eq!(masked_url(url), url);
        }
    }

    /// The text, percent-encoded so many times.
    fn encoded(text: &str, times: usize) -> String {
        (0..times).fold(text.to_owned(), |text, _| {
            percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string()
        })
    }

    #[test]
    fn a_url_in_a_parameter_is_read_too() {
        for secret in ["https://u:p@h/", "https://h/?a=b&token=1", "/a?sig=1", "https://h/#access_token=1", "ghp_1"] {
            for times in 1..4 {
                let url = format!("https://host?next={}&a=b", encoded(secret, times));
                assert_eq!(masked_url(&url), "https://host?next=*masked*&a=b", "{url}");
            }
        }
        let inner = format!("https://a/?next={}", encoded("https://b/?c=d&e=f", 1));
        for harmless in ["https://h/a@b?c=d", &inner] {
            let url = format!("https://host?next={}&a=b", encoded(harmless, 1));
            assert_eq!(masked_url(&url), url);
        }
        let deep = format!("https://host?a=%{}41&b=1", "25".repeat(500));
        assert_eq!(masked_url(&deep), "https://host?a=*masked*&b=1");
    }

    #[test]
    fn a_mask_is_known_in_any_spelling() {
        for text in [
            "*masked*",
            "bearer *MASKED*",
            "https://h/?token=%2Amasked%2A",
            "https://h/?token=%2amask%65d*",
            "https://h/?next=https%3A%2F%2F%252AMasked%252A%40h",
        ] {
            assert!(has_mask(text), "{text}");
        }
        for text in ["", "masked", "*mask*", "%2Amasked", "* masked *", "100%"] {
            assert!(!has_mask(text), "{text}");
        }
    }
}
