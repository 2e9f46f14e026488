//! What a receiver answered: whether the attempt succeeded, and what of the answer is kept.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Response, StatusCode, header::HeaderMap};
use serde::Serialize;
use taskway::{
    Context,
    attempt::{Outcome, Wait},
};
use taskway_cloud::aws::{is_stale, is_temporary};
use taskway_protocol::{ErrorKind, HttpTarget, is_credential, masked_value};

use super::{aws, fatal, hosts::Served, retry_after};

/// How many bytes of a body are kept, unless the target says otherwise.
const KEPT: usize = 64 * 1024;

/// How many bytes of a body are read, if not more are kept. A connection can be used again only if the whole body was read.
const READ: usize = 1024 * 1024;

/// How many bytes of the headers are kept.
const KEPT_HEADERS: usize = 8 * 1024;

/// How many bytes of a refusing answer's body go into the task's error.
const QUOTED: usize = 200;

/// The result of a delivered task.
#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    #[serde(flatten)]
    body: Body,
    /// There was more than is kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    body_truncated: bool,
}

/// A body, without the loss of a byte: as text if it is UTF-8.
#[derive(Debug, PartialEq, Serialize)]
enum Body {
    #[serde(rename = "body")]
    Text(String),
    #[serde(rename = "body_base64", serialize_with = "base64")]
    Bytes(Vec<u8>),
}

fn base64<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

/// An answer that was read.
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    /// Whether the host served the request, whatever it said.
    pub(super) served: Served,
    /// Whether AWS does not take the credentials that the request was signed with.
    pub(super) is_signed_by_stale: bool,
}

/// Reads an answer.
///
/// # Errors
/// Its end did not come.
pub(super) async fn read(answer: Response, target: &HttpTarget, cx: &Context) -> reqwest::Result<Answered> {
    let keep = &target.keep;
    let status = answer.status();
    let wait = retry_after::wait(answer.headers(), cx);
    let headers = kept_headers(answer.headers(), keep.headers.as_deref());
    let code = target.auth.is_some().then(|| aws::code_of_header(answer.headers()));
    // A refusal's body is for the error, and not the result.
    let wanted = keep.body_bytes.filter(|_| status.is_success()).and_then(|bytes| usize::try_from(bytes).ok());
    let room = wanted.unwrap_or(KEPT);
    let (bytes, longer) = kept_bytes(answer, room).await?;
    let (body, cut) = Body::of(bytes, longer, room);
    let code = match (code, &body) {
        (Some(None), Body::Text(text)) if !status.is_success() => aws::code_of_body(text),
        (code, _) => code.flatten(),
    };
    let code = code.unwrap_or_default();
    let (is_throttled, is_signed_by_stale) = (is_temporary(&code), is_stale(&code));
    // What a proxy says for a host that is gone, and a host that has too much to do. A 500 may be the task's own fault.
    let is_down = is_throttled || matches!(status.as_u16(), 429 | 502..=504);
    let served = match wait {
        Wait::AtLeast(asked) if is_down => Served::No(asked),
        Wait::Policy | Wait::Exactly(_) if is_down => Served::No(Duration::ZERO),
        Wait::AtLeast(_) | Wait::Policy | Wait::Exactly(_) => Served::Yes,
    };
    let may_pass = is_throttled || is_signed_by_stale;
    let outcome = outcome(
        status,
        Answer { status: status.as_u16(), headers, body, body_truncated: longer || cut },
        may_pass,
        wait,
    );
    Ok(Answered { outcome, served, is_signed_by_stale })
}

fn outcome(status: StatusCode, answer: Answer, may_pass: bool, wait: Wait) -> Outcome {
    if status.is_success() {
        return serde_json::to_string(&answer).map_or_else(
            |error| fatal(format!("the answer cannot be kept: {error}")),
            |text| Outcome::Done(text.into()),
        );
    }
    let again = may_pass
        || status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    let status = shown(status);
    let message = match answer.body {
        Body::Text(text) if text.is_empty() => status,
        Body::Text(text) => format!("{status}: {}", &text[..text.floor_char_boundary(QUOTED)]),
        Body::Bytes(bytes) => format!("{status}, with {} bytes that are not UTF-8", bytes.len()),
    };
    if again { Outcome::Retry { kind: ErrorKind::Http, message, wait } } else { fatal(message) }
}

/// The number of a status, and its name if it has one.
fn shown(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(_) => status.to_string(),
        None => status.as_str().to_owned(),
    }
}

impl Body {
    /// The body in this room, and whether its end is cut off. `longer` says that `bytes` are not the whole body already.
    fn of(mut bytes: Vec<u8>, longer: bool, room: usize) -> (Self, bool) {
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
            && longer
        {
            // The limit fell into a character.
            bytes.truncate(error.valid_up_to());
        }
        match String::from_utf8(bytes) {
            Ok(mut text) => {
                let (fits, whole) = (fitting(&text, room), text.len());
                text.truncate(fits);
                (Body::Text(text), fits < whole)
            }
            Err(error) => (Body::Bytes(error.into_bytes()), false),
        }
    }
}

/// How many bytes of the text fit. The result has a limit, and in JSON a control character takes six bytes.
fn fitting(text: &str, mut room: usize) -> usize {
    let beyond = text.char_indices().find(|(_, c)| {
        let written = match c {
            '"' | '\\' => 2,
            c if c.is_control() => 6,
            c => c.len_utf8(),
        };
        let fits = written <= room;
        room = room.saturating_sub(written);
        !fits
    });
    beyond.map_or(text.len(), |(at, _)| at)
}

/// The beginning of the body, as much as has room, and whether there was more.
async fn kept_bytes(mut answer: Response, room: usize) -> reqwest::Result<(Vec<u8>, bool)> {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Some(chunk) = answer.chunk().await? {
        read += chunk.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room - kept.len())]);
        if read > room.max(READ) {
            break;
        }
    }
    let longer = read > kept.len();
    Ok((kept, longer))
}

/// The headers without those that carry credentials, such as `set-cookie`, and the others with credentials masked, such as
/// those of a `location`: everybody who may read tasks reads the result. Only the `wanted` ones, if the target names them.
fn kept_headers(headers: &HeaderMap, wanted: Option<&[Box<str>]>) -> BTreeMap<String, String> {
    let (mut kept, mut room) = (BTreeMap::<String, String>::new(), KEPT_HEADERS);
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.iter().any(|one| **one == *name));
    let is_kept = |name: &str| is_wanted(name) && !is_credential(name);
    for (name, value) in headers.iter().filter(|(name, _)| is_kept(name.as_str())) {
        let value = header_text(value.as_bytes());
        let Some(left) = room.checked_sub(name.as_str().len() + value.len()) else { break };
        room = left;
        let value = masked_value(name.as_str(), &value);
        // A header that comes twice is kept as one header with a list.
        kept.entry(name.to_string()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value);
    }
    kept
}

/// A header's value: UTF-8, or else Latin-1, as HTTP once had it. Neither loses a byte.
fn header_text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn text(text: &str) -> Body {
        Body::Text(text.to_owned())
    }

    #[test]
    fn a_body_keeps_every_byte() {
        let latin = b"caf\xe9".to_vec();
        let gzip = vec![0x1f, 0x8b, 8, 0];
        let half = "ä".as_bytes()[..1].to_vec();
        assert_eq!(Body::of("ä\0\u{feff}\r\n".into(), false, KEPT), (text("ä\0\u{feff}\r\n"), false));
        assert_eq!(Body::of(Vec::new(), false, KEPT), (text(""), false));
        for bytes in [latin, gzip, half.clone(), vec![0xff; 3]] {
            assert_eq!(Body::of(bytes.clone(), false, KEPT), (Body::Bytes(bytes), false));
        }
        assert_eq!(Body::of(half, true, KEPT), (text(""), false), "the limit fell into the character");
        let long = "\u{1}".repeat(KEPT);
        assert_eq!(Body::of(long.into(), false, KEPT), (text(&"\u{1}".repeat(KEPT / 6)), true));
    }

    #[test]
    fn a_header_keeps_every_byte() {
        assert_eq!((&*header_text("ä".as_bytes()), &*header_text(b"caf\xe9")), ("ä", "café"));
    }

    fn kept(headers: &[(&'static str, &str)]) -> BTreeMap<String, String> {
        let header = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        kept_headers(&headers.iter().map(header).collect(), None)
    }

    #[test]
    fn the_target_may_name_the_headers_that_are_kept() {
        let headers =
            ["etag", "x-b", "set-cookie"].map(|name| (HeaderName::from_static(name), HeaderValue::from_static("1")));
        let kept = |wanted: &[&str]| {
            let wanted: Vec<Box<str>> = wanted.iter().map(|name| (*name).into()).collect();
            kept_headers(&HeaderMap::from_iter(headers.clone()), Some(&wanted)).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(kept(&["etag", "set-cookie", "x-none"]), ["etag"]);
        assert_eq!(kept(&[]), [""; 0]);
    }

    #[test]
    fn a_kept_header_shows_no_credential() {
        let kept = kept(&[
            ("location", "https://u:p@host/a?token=1&b=2"),
            ("link", "</a?page=2&sig=3>; rel=next"),
            ("link", "<https://host/>; rel=last"),
            ("www-authenticate", "Basic realm=x"),
            ("x-upstream", "Bearer 1"),
            ("set-cookie", "a=b"),
            ("etag", "\"7\""),
        ]);
        let shown = [
            ("etag", "\"7\""),
            ("link", "</a?page=2&sig=*masked*>; rel=next, <https://host/>; rel=last"),
            ("location", "https://*masked*@host/a?token=*masked*&b=2"),
            ("www-authenticate", "Basic realm=x"),
            ("x-upstream", "*masked*"),
        ];
        assert_eq!(kept, BTreeMap::from(shown.map(|(name, value)| (name.to_owned(), value.to_owned()))));
    }

    #[test]
    fn a_header_that_does_not_fit_ends_those_that_are_kept() {
        let long = "x".repeat(KEPT_HEADERS);
        assert_eq!(kept(&[("a", &*long), ("b", "1")]), BTreeMap::new());
        assert_eq!(kept(&[("b", "1"), ("a", &*long), ("c", "2")]).len(), 1);
    }

    #[test]
    fn a_status_without_a_name_is_its_number() {
        assert_eq!(shown(StatusCode::NOT_FOUND), "404 Not Found");
        assert_eq!(shown(StatusCode::from_u16(520).unwrap()), "520");
    }
}
