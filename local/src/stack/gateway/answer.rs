//! Turns a function's answer (payload format 2.0 of an HTTP API) into a response.

use std::collections::BTreeMap;

use axum::{body::Body, response::Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// Returns `None` if the answer does not have the form of the payload format.
pub(super) fn read(answer: &[u8]) -> Option<Response> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = match answer.is_base64_encoded {
        Some(true) => STANDARD.decode(body).ok()?,
        Some(false) | None => body.into_bytes(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers.unwrap_or_default() {
        append(headers, &name, &value)?;
    }
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        let name = HeaderName::try_from(name).ok()?;
        headers.remove(&name);
        for value in values {
            append(headers, name.as_str(), &value)?;
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        append(headers, header::SET_COOKIE.as_str(), &cookie)?;
    }
    // The HTTP server of this connection sets these headers itself.
    for framing in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(framing);
    }
    Some(response)
}

fn append(headers: &mut HeaderMap, name: &str, value: &str) -> Option<()> {
    headers.append(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::body::to_bytes;

    use super::*;

    async fn body(response: Response) -> Vec<u8> {
        to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn an_answer_becomes_a_response() {
        let answer = br#"{"statusCode": 202, "headers": {"Location": "/v1/tasks/t1", "content-length": "999", "via": "one"},
            "multiValueHeaders": {"via": ["two", "three"]}, "cookies": ["a=1", "b=2"], "body": "{}", "isBase64Encoded": false}"#;
        let response = read(answer).unwrap();
        assert_eq!(response.status(), 202);
        assert_eq!(response.headers()["location"], "/v1/tasks/t1");
        let all =
            |name| response.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!((all("via"), all("set-cookie")), (vec!["two", "three"], vec!["a=1", "b=2"]));
        assert!(all("content-length").is_empty());
        assert_eq!(body(response).await, b"{}");
    }

    #[tokio::test]
    async fn a_base64_body_is_decoded_and_a_missing_body_is_empty() {
        let binary = read(br#"{"statusCode": 200, "body": "/wA=", "isBase64Encoded": true}"#).unwrap();
        assert_eq!(body(binary).await, [0xff, 0x00]);
        let bare = read(br#"{"statusCode": 204, "headers": null, "body": null, "cookies": null}"#).unwrap();
        assert_eq!((bare.status(), bare.headers().len()), (StatusCode::NO_CONTENT, 0));
        assert!(body(bare).await.is_empty());
    }

    #[test]
    fn an_answer_of_another_form_is_refused() {
        for none in [
            "",
            "null",
            "[]",
            r#""text""#,
            r#"{"errorType": "Panic"}"#,
            r#"{"statusCode": 7}"#,
            r#"{"statusCode": 200, "body": "!", "isBase64Encoded": true}"#,
            r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
        ] {
            assert!(read(none.as_bytes()).is_none(), "{none}");
        }
    }
}
