//! Reading what is common to requests: the body within its limit, and the headers that ask for something.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use http::{Extensions, HeaderMap, header::CONTENT_TYPE};
use taskway_protocol::Time;
use taskway_runtime::invocation;

use crate::{TIMEOUT, problem::Problem};

/// What is read of a body that is too large before its connection is given up: a client that still sends does not hear
/// the refusal.
const DRAINED: usize = 16 * 1024 * 1024;

/// Nobody waits longer than that for a task's end; API Gateway hangs up at 30 s.
const LONGEST_WAIT: u64 = 25;

/// What is left of an invocation's time for the last look at a task and its answer, when a wait is cut.
const MARGIN: Duration = Duration::from_secs(3);

/// The body of a request that must be JSON.
pub(crate) async fn json_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let read = read(body, limit).await?;
    // A body of no type is refused too: a web page may send one anywhere, without asking.
    match (is_json(headers), read) {
        (false, _) => Err(Problem::unsupported_media_type()),
        (true, None) => Err(Problem::too_large("the body", limit)),
        (true, Some(read)) => Ok(read),
    }
}

/// The body of a request that need not have one, then empty; else it must be JSON.
pub(crate) async fn optional_json_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    match read(body, limit).await? {
        Some(read) if read.is_empty() => Ok(read),
        _ if !is_json(headers) => Err(Problem::unsupported_media_type()),
        Some(read) => Ok(read),
        None => Err(Problem::too_large("the body", limit)),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|given| given.to_str().ok()).unwrap_or_default();
    let media = given.split(';').next().unwrap_or_default().trim().to_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
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

/// What the `Idempotency-Key` header says, if it is there. Several are as good as a malformed one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all("idempotency-key").iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next()?.into_owned();
    Some(values.fold(first, |all, next| format!("{all}, {next}")))
}

/// How long the client would wait for the task's end (RFC 7240), capped.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split(',')).map(str::trim);
    let seconds = preferences.find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let digits = value.trim().trim_matches('"');
        let is_wait = name.trim().eq_ignore_ascii_case("wait") && !digits.is_empty();
        let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
        (is_wait && is_number).then(|| digits.parse().unwrap_or(u64::MAX))
    })?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

/// When an answer must be on its way, where a Lambda invocation bounds that; the request came at `now`.
pub(crate) fn answer_by(extensions: &Extensions, now: Time) -> Option<Time> {
    let invocation = extensions.get::<lambda_http::Context>()?;
    Some(invocation::ends(invocation.deadline, now, TIMEOUT).before(MARGIN))
}

/// The W3C trace context that the client is in.
pub(crate) fn traceparent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len()).collect::<Vec<_>>();
    let hex = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    (lengths == [2, 32, 16, 2] && hex && parts[0] != "ff").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn a_wait_is_found_among_preferences_and_capped() {
        let wait_of = |value| wait(&headers("prefer", value)).map(|wait| wait.as_secs());
        assert_eq!(wait_of("wait=5"), Some(5));
        assert_eq!(wait_of("respond-async, Wait = 99"), Some(25));
        assert_eq!(wait_of("wait=7; strictly"), Some(7));
        assert_eq!(wait_of("wait=99999999999999999999999"), Some(25));
        assert_eq!(wait_of("wait=0"), Some(0));
        assert_eq!(wait_of("wait=-1"), None);
        assert_eq!(wait_of("return=minimal"), None);
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

    #[test]
    fn only_a_well_formed_trace_context_is_kept() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(traceparent(&headers("traceparent", good)).as_deref(), Some(good));
        assert_eq!(traceparent(&headers("traceparent", "00-xyz-1-01")), None);
    }
}
