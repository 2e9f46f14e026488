//! The headers that the API reads, in the form in which they all arrive: one text.
//!
//! API Gateway joins the lines of a header by commas before the function sees it; another server hands them over one by
//! one. So each header is joined first and judged then, and means the same everywhere.
//!
//! | header | several equal values | several different values |
//! |---|---|---|
//! | `Idempotency-Key` | one | 422 |
//! | `Content-Type` | one | 415 |
//! | `Content-Encoding` | `identity` alone is taken | 415 |
//! | `Prefer` | a list: the first `wait` counts | the first `wait` counts |
//! | `traceparent` | one | none is kept |
//! | `If-None-Match` | one | a list: any that matches counts |
//!
//! `Authorization` is read by API Gateway alone.

use std::time::Duration;

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE, IF_NONE_MATCH},
};
use taskway_api::LONGEST_WAIT;

/// The charsets in which a body is read: UTF-8, and a part of it.
const CHARSETS: [&str; 3] = ["utf-8", "utf8", "us-ascii"];

/// The lines of a header as one text, the way API Gateway joins them. `None` without a line.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    lines.reduce(|all, next| format!("{all},{next}"))
}

/// The parts of a text between the divider, without the space around them. A divider within a quoted string divides
/// nothing. A quoted string may stand at the beginning of a part or after a `=`, and an open one goes on to the end.
fn parts(text: &str, divider: char) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped, mut may_open) = (false, false, true);
    for (at, c) in text.char_indices() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c == divider {
            parts.push(text[begin..at].trim_matches([' ', '\t']));
            begin = at + c.len_utf8();
            may_open = true;
        } else if c == '"' && may_open {
            quoted = true;
        } else if !matches!(c, ' ' | '\t') {
            may_open = matches!(c, '=' | ',' | ';');
        }
    }
    parts.push(text[begin..].trim_matches([' ', '\t']));
    parts
}

/// What the `Idempotency-Key` header says, if it is there.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    joined(headers, "idempotency-key")
}

/// How long the client would wait for the task's end (RFC 7240), capped. Of several `wait` the first counts.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = joined(headers, "prefer")?;
    let preferences = parts(&text, ',').into_iter().map(|preference| parts(preference, ';')[0]);
    let named = preferences.map(|preference| preference.split_once('=').unwrap_or((preference, "")));
    let (_, value) = named.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))?;
    let value = value.trim();
    let digits = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| Duration::from_secs(digits.parse().unwrap_or(u64::MAX).min(LONGEST_WAIT)))
}

/// Whether the body is said to be JSON, by every value of `Content-Type`. Of its parameters only the charset says something.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let text = joined(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let types: Vec<String> = parts(&text, ',').into_iter().map(|one| parts(one, ';')[0].to_lowercase()).collect();
    let first = &types[0];
    let is_json = first == "application/json" || (first.starts_with("application/") && first.ends_with("+json"));
    is_json && types.iter().all(|other| other == first)
}

/// The charset of the body, by any value of `Content-Type`, if it is one in which the body is not read.
pub(crate) fn charset(headers: &HeaderMap) -> Option<String> {
    let text = joined(headers, CONTENT_TYPE.as_str())?;
    let parameters = parts(&text, ',').into_iter().flat_map(|value| parts(value, ';').into_iter().skip(1));
    let mut charsets = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        // A name with an asterisk says how its value is encoded (RFC 8187).
        let name = name.trim().split('*').next()?;
        name.eq_ignore_ascii_case("charset").then(|| unquoted(value.trim()))
    });
    charsets.find(|charset| !CHARSETS.iter().any(|known| charset.eq_ignore_ascii_case(known)))
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace('\\', ""),
        None => text.to_owned(),
    }
}

/// The encodings of the body, such as `gzip`, if there is one that must be undone before it can be read.
pub(crate) fn encoding(headers: &HeaderMap) -> Option<String> {
    let text = joined(headers, CONTENT_ENCODING.as_str())?;
    let is_none = |name: &&str| name.is_empty() || name.eq_ignore_ascii_case("identity");
    (!parts(&text, ',').iter().all(is_none)).then_some(text)
}

/// Whether the client has the answer of this entity tag. A tag is compared without its mark of weakness.
pub(crate) fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    let text = joined(headers, IF_NONE_MATCH.as_str()).unwrap_or_default();
    parts(&text, ',').into_iter().any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The W3C trace context that the client is in. A malformed one is none, and so are several different ones.
pub(crate) fn traceparent(headers: &HeaderMap) -> Option<String> {
    let text = joined(headers, "traceparent")?;
    let mut values = text.split(',').map(str::trim);
    let first = values.next().filter(|first| is_traceparent(first))?;
    values.all(|other| other == first).then(|| first.to_owned())
}

fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len()).collect::<Vec<_>>();
    let hex = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    lengths == [2, 32, 16, 2] && hex && parts[0] != "ff"
}

#[cfg(test)]
mod tests;
