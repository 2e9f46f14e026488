//! What a receiver answered: whether the attempt succeeded, and what of the answer is kept.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Response, StatusCode, header::HeaderMap};
use serde::Serialize;
use taskway::{Context, attempt::Outcome};
use taskway_protocol::{ErrorKind, is_credential, masked_header};

use super::{fatal, retry_after, unreached};

/// How many bytes of a body are kept.
const KEPT: usize = 64 * 1024;

/// How many bytes of a body are read at most. A connection can be used again only if the whole body was read.
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

pub(super) async fn outcome(answer: Response, cx: &Context) -> Outcome {
    let status = answer.status();
    let wait = retry_after::wait(answer.headers(), cx);
    let headers = kept_headers(answer.headers());
    let (bytes, longer) = match kept_bytes(answer).await {
        Ok(kept) => kept,
        Err(error) => return unreached(error),
    };
    let (body, cut) = Body::of(bytes, longer);
    if status.is_success() {
        let answer = Answer { status: status.as_u16(), headers, body, body_truncated: longer || cut };
        return serde_json::to_string(&answer).map_or_else(
            |error| fatal(format!("the answer cannot be kept: {error}")),
            |text| Outcome::Done(text.into()),
        );
    }
    let again = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    let status = shown(status);
    let message = match body {
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
    /// The body, and whether its end is cut off. `longer` says that `bytes` are not the whole body already.
    fn of(mut bytes: Vec<u8>, longer: bool) -> (Self, bool) {
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
            && longer
        {
            // The limit fell into a character.
            bytes.truncate(error.valid_up_to());
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                let fits = fitting(&text);
                (Body::Text(text[..fits].to_owned()), fits < text.len())
            }
            Err(error) => (Body::Bytes(error.into_bytes()), false),
        }
    }
}

/// How many bytes of the text fit. The result has a limit, and in JSON a control character takes six bytes.
fn fitting(text: &str) -> usize {
    let mut room = KEPT;
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

/// The beginning of the body, and whether there was more.
async fn kept_bytes(mut answer: Response) -> reqwest::Result<(Vec<u8>, bool)> {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Some(chunk) = answer.chunk().await? {
        read += chunk.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]);
        if read > READ {
            break;
        }
    }
    let longer = read > kept.len();
    Ok((kept, longer))
}

/// The headers without those that carry credentials, such as `set-cookie`, and the others with credentials masked, such as
/// those of a `location`: everybody who may read tasks reads the result.
fn kept_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let (mut kept, mut room) = (BTreeMap::<String, String>::new(), KEPT_HEADERS);
    for (name, value) in headers.iter().filter(|(name, _)| !is_credential(name.as_str())) {
        let value = header_text(value.as_bytes());
        let Some(left) = room.checked_sub(name.as_str().len() + value.len()) else { break };
        room = left;
        let value = masked_header(name.as_str(), &value);
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
        assert_eq!(Body::of("ä\0\u{feff}\r\n".into(), false), (text("ä\0\u{feff}\r\n"), false));
        assert_eq!(Body::of(Vec::new(), false), (text(""), false));
        for bytes in [latin, gzip, half.clone(), vec![0xff; 3]] {
            assert_eq!(Body::of(bytes.clone(), false), (Body::Bytes(bytes), false));
        }
        assert_eq!(Body::of(half, true), (text(""), false), "the limit fell into the character");
        let long = "\u{1}".repeat(KEPT);
        assert_eq!(Body::of(long.into(), false), (text(&"\u{1}".repeat(KEPT / 6)), true));
    }

    #[test]
    fn a_header_keeps_every_byte() {
        assert_eq!((&*header_text("ä".as_bytes()), &*header_text(b"caf\xe9")), ("ä", "café"));
    }

    fn kept(headers: &[(&'static str, &str)]) -> BTreeMap<String, String> {
        let header = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        kept_headers(&headers.iter().map(header).collect())
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
