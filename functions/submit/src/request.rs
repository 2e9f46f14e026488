//! Reading what is common to requests: the body within its limit, and until when it must be answered.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use http::{Extensions, HeaderMap};
use taskway_protocol::Time;
use taskway_runtime::invocation;

use crate::{TIMEOUT, headers, problem::Problem};

/// What is read of a body that is too large before its connection is given up: a client that still sends does not hear
/// the refusal.
const DRAINED: usize = 16 * 1024 * 1024;

/// What is left of an invocation's time for the last look at a task and its answer, when a wait is cut.
const MARGIN: Duration = Duration::from_secs(3);

/// The body of a request that must be JSON.
pub(crate) async fn json_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let read = read(body, limit).await?;
    // A body of no type is refused too: a web page may send one anywhere, without asking.
    readable(headers)?;
    read.ok_or_else(|| Problem::too_large("the body", limit))
}

/// The body of a request that need not have one, then empty; else it must be JSON.
pub(crate) async fn optional_json_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    match read(body, limit).await? {
        Some(read) if read.is_empty() => Ok(read),
        read => {
            readable(headers)?;
            read.ok_or_else(|| Problem::too_large("the body", limit))
        }
    }
}

/// Whether the headers say that the body is JSON in UTF-8, and as it stands.
fn readable(headers: &HeaderMap) -> Result<(), Problem> {
    if !headers::is_json(headers) {
        return Err(Problem::unsupported_media_type());
    }
    if let Some(charset) = headers::charset(headers) {
        return Err(Problem::unsupported_charset(&charset));
    }
    match headers::encoding(headers) {
        Some(encoding) => Err(Problem::unsupported_encoding(&encoding)),
        None => Ok(()),
    }
}

/// The body, or nothing when it is larger than the limit.
async fn read(body: Body, limit: usize) -> Result<Option<Bytes>, Problem> {
    let mut chunks = body.into_data_stream();
    let (mut read, mut length) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(crate::problem::Kind::NotJson, "the body broke off"))?;
        length += chunk.len();
        if length <= limit {
            read.extend_from_slice(&chunk);
        } else if length > DRAINED {
            break;
        }
    }
    Ok((length <= limit).then(|| read.into()))
}

/// When an answer must be on its way, where a Lambda invocation bounds that; the request came at `now`.
pub(crate) fn answer_by(extensions: &Extensions, now: Time) -> Option<Time> {
    let invocation = extensions.get::<lambda_http::Context>()?;
    Some(invocation::ends(invocation.deadline, now, TIMEOUT).before(MARGIN))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::{
        HeaderValue, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    };

    use super::*;

    #[test]
    fn a_body_must_be_json_in_utf_8_as_it_stands() {
        let refusal = |media: &'static str, encoding: &'static str| {
            let headers = [(CONTENT_TYPE, media), (CONTENT_ENCODING, encoding)];
            let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
            readable(&headers.into_iter().collect()).err()
        };
        for media in ["application/json", "application/json; charset=utf-8", "application/json; charset=us-ascii"] {
            assert!(refusal(media, "identity").is_none(), "{media}");
        }
        for (media, encoding, told) in [
            ("text/plain; charset=utf-16", "gzip", "application/json"),
            ("application/json; charset=utf-16", "gzip", "utf-8 or left out, got utf-16"),
            ("application/json; Charset=\"iso-8859-1\"", "identity", "utf-8 or left out, got iso-8859-1"),
            ("application/json", "gzip", "identity, got gzip"),
        ] {
            let problem = refusal(media, encoding).unwrap();
            assert_eq!(problem.kind.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
            assert!(problem.detail.contains(told), "{media}: {}", problem.detail);
        }
    }

    #[test]
    fn an_invocation_bounds_when_its_answer_must_come() {
        let now = Time::from_millis(1_764_000_000_000);
        let by = |deadline| {
            let mut invocation = lambda_http::Context::default();
            invocation.deadline = deadline;
            let mut extensions = Extensions::new();
            extensions.insert(invocation);
            answer_by(&extensions, now).map(|by| by.since(now).as_secs())
        };
        assert_eq!(by(now.as_millis() + 10_000), Some(7));
        assert_eq!(by(600_000), Some(27), "a deadline that has passed means the function's own timeout");
        assert_eq!(answer_by(&Extensions::new(), now), None);
    }
}
