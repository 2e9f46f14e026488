//! Turns a request into an event of API Gateway's HTTP API (payload format 2.0).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method, header, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use taskway_protocol::Time;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::emulator::account::ACCOUNT;

/// The user that every request has. No signature is checked here.
const CALLER: &str = "user/local";

/// The only route of the template without authorization.
const OPEN: (&Method, &str) = (&Method::GET, "/healthz");

/// The form `22/Nov/2026:13:39:49 +0000`.
const WRITTEN: &[BorrowedFormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");

/// Returns the event as JSON.
pub(super) fn of(head: &Parts, body: &[u8], id: &str, now: Time) -> Vec<u8> {
    // API Gateway decodes the path, and leaves the query as it is.
    let path = &*percent_decode_str(head.uri.path()).decode_utf8_lossy();
    let host = text(&head.headers, header::HOST.as_str()).unwrap_or_else(|| "localhost".to_owned());
    let is_open = (&head.method, path) == OPEN;
    let route = if is_open { format!("{} {path}", head.method) } else { format!("{} /{{proxy+}}", head.method) };

    let mut context = json!({
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": host,
        "domainPrefix": host.split(['.', ':']).next(),
        "http": {
            "method": head.method.as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": text(&head.headers, header::USER_AGENT.as_str()).unwrap_or_default(),
        },
        "requestId": id,
        "routeKey": route,
        "stage": "$default",
        "time": written(now),
        "timeEpoch": now.as_millis(),
    });
    if !is_open {
        context["authorizer"] = json!({"iam": {
            "accessKey": "local",
            "accountId": ACCOUNT,
            "callerId": "local",
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": format!("arn:aws:iam::{ACCOUNT}:{CALLER}"),
            "userId": "local",
        }});
    }

    let query = head.uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&head.headers, &host),
        "requestContext": context,
        "isBase64Encoded": false,
    });
    if !is_open {
        event["pathParameters"] = json!({"proxy": path.trim_start_matches('/')});
    }
    let cookies = cookies(&head.headers);
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    if !query.is_empty() {
        event["queryStringParameters"] = parameters(query);
    }
    if !body.is_empty() {
        match std::str::from_utf8(body) {
            Ok(text) => event["body"] = text.into(),
            Err(_) => {
                event["body"] = STANDARD.encode(body).into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event.to_string().into_bytes()
}

/// Header names are in lower case, and values of one name are joined by commas. Cookies have their own member.
fn headers(given: &HeaderMap, host: &str) -> Map<String, Value> {
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let added = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-port", port), ("x-forwarded-proto", "http")];
    let mut all: Map<String, Value> = added.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
    for name in given.keys().filter(|name| **name != header::COOKIE) {
        if let Some(value) = text(given, name.as_str()) {
            all.insert(name.as_str().to_owned(), value.into());
        }
    }
    all
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.map(String::from).reduce(|all, next| format!("{all},{next}"))
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let given = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|all| all.split(';')).map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// Names and values are decoded, and values of one name are joined by commas.
fn parameters(query: &str) -> Value {
    let mut url = reqwest::Url::parse("http://localhost").ok();
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    if let Some(url) = &mut url {
        url.set_query(Some(query));
        for (name, value) in url.query_pairs() {
            all.entry(name.into_owned())
                .and_modify(|before| {
                    before.push(',');
                    before.push_str(&value);
                })
                .or_insert_with(|| value.to_string());
        }
    }
    json!(all)
}

fn written(now: Time) -> String {
    let at = i64::try_from(now.as_secs()).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.and_then(|at| at.format(WRITTEN).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::Request;

    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_123);

    fn event(request: http::request::Builder, body: &[u8]) -> Value {
        let (head, ()) = request.body(()).unwrap().into_parts();
        serde_json::from_slice(&of(&head, body, "the-id", NOW)).unwrap()
    }

    #[test]
    fn a_request_becomes_an_event() {
        let request = Request::post("/v1/tasks?a=1&b=x%20y&a=2")
            .header("Host", "127.0.0.1:8080")
            .header("Prefer", "wait=5")
            .header("Prefer", "respond-async")
            .header("User-Agent", "a test")
            .header("Cookie", "one=1; two=2")
            .header("Cookie", "three=3");
        let event = event(request, r#"{"target":"ü"}"#.as_bytes());
        assert_eq!(event["version"], "2.0");
        assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/v1/tasks"), &json!("a=1&b=x%20y&a=2")));
        assert_eq!(event["queryStringParameters"], json!({"a": "1,2", "b": "x y"}));
        assert_eq!(event["cookies"], json!(["one=1", "two=2", "three=3"]));
        assert_eq!(
            event["headers"],
            json!({"host": "127.0.0.1:8080", "prefer": "wait=5,respond-async", "user-agent": "a test",
                "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "8080", "x-forwarded-proto": "http"})
        );
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(r#"{"target":"ü"}"#), &json!(false)));
        let context = &event["requestContext"];
        assert_eq!(context["http"]["method"], "POST");
        assert_eq!(context["http"]["path"], "/v1/tasks");
        assert_eq!(context["http"]["userAgent"], "a test");
        assert_eq!((&context["requestId"], &context["stage"]), (&json!("the-id"), &json!("$default")));
        assert_eq!(context["timeEpoch"], 1_764_000_000_123_u64);
        assert_eq!(context["time"], "24/Nov/2025:16:00:00 +0000");
        assert_eq!(context["authorizer"]["iam"]["userArn"], "arn:aws:iam::000000000000:user/local");
    }

    #[test]
    fn a_binary_body_is_base64_and_a_path_is_decoded() {
        let binary = event(Request::post("/v1/tasks"), &[0xff, 0x00]);
        assert_eq!((&binary["body"], &binary["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
        let empty = event(Request::get("/v1/tasks/x%20%C3%BC"), b"");
        assert_eq!(
            (&empty["rawPath"], &empty["requestContext"]["http"]["path"]),
            (&json!("/v1/tasks/x ü"), &json!("/v1/tasks/x ü"))
        );
        assert_eq!((empty.get("body"), empty.get("cookies")), (None, None));
    }

    #[test]
    fn the_open_route_has_no_caller() {
        let open = event(Request::get("/healthz"), b"");
        assert_eq!((&open["routeKey"], open["requestContext"].get("authorizer")), (&json!("GET /healthz"), None));
        for (method, path) in [("POST", "/healthz"), ("GET", "/healthz/"), ("GET", "/v1/tasks/x")] {
            let closed = event(Request::builder().method(method).uri(path), b"");
            assert_eq!(closed["routeKey"], format!("{method} /{{proxy+}}"));
            assert!(closed["requestContext"]["authorizer"]["iam"]["userArn"].is_string(), "{method} {path}");
        }
    }
}
