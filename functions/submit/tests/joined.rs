//! Each header that is read, as lines of a request and as API Gateway joins them: the answers are the same.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use axum::{body::Body, response::Response};
use http::Request;
use serde_json::{Value, json};
use support::{api, event, iam, passed};
use taskway_submit::{Auth, BasePath, event, guarded, router};
use tower::ServiceExt;

const TASK: &str = r#"{"target":{"handler":"echo"},"delay_seconds":-1}"#;

struct Answer {
    status: u16,
    accepts: [String; 2],
    body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let named =
            |name| parts.headers.get(name).map_or("", |value: &http::HeaderValue| value.to_str().unwrap()).to_owned();
        Answer {
            status: parts.status.as_u16(),
            accepts: [named("accept"), named("accept-encoding")],
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    /// The headers and fields that have a fault.
    fn faults(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["header"].as_str().or(error["pointer"].as_str()).unwrap()).collect()
    }
}

/// What the API answers to a body with these header lines. They come one by one, and joined by API Gateway.
async fn answer(path: &str, lines: &[(&str, &str)], body: &[u8]) -> Answer {
    let direct = lines.iter().fold(Request::post(path), |request, (name, value)| request.header(*name, *value));
    let direct = direct.body(Body::from(body.to_vec())).unwrap();
    let direct = Answer::of(router(api().await).oneshot(direct).await.unwrap()).await;
    for between in [",", ", "] {
        let mut event = passed(event("POST", path), iam());
        for (name, value) in lines {
            let joined = match event["headers"][name].as_str() {
                Some(before) => format!("{before}{between}{value}"),
                None => (*value).to_owned(),
            };
            event["headers"][name] = json!(joined);
        }
        match std::str::from_utf8(body) {
            Ok(text) => event["body"] = json!(text),
            Err(_) => {
                event["isBase64Encoded"] = json!(true);
                event["body"] = json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body));
            }
        }
        let request = event::read(&event.to_string(), &BasePath::default()).unwrap().into_http();
        let joined = Answer::of(guarded(api().await, Auth::Iam).oneshot(request).await.unwrap()).await;
        assert_eq!(
            (joined.status, joined.faults()),
            (direct.status, direct.faults()),
            "{lines:?} joined by {between:?}"
        );
        assert_eq!(joined.body["type"], direct.body["type"], "{lines:?} joined by {between:?}");
        assert_eq!(joined.accepts, direct.accepts, "{lines:?}");
    }
    direct
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn several_equal_keys_are_one_and_different_keys_are_refused() {
    // The body has a fault of its own, so that no request comes as far as the table.
    let faults = async |keys: &[&str]| {
        let lines: Vec<_> = [JSON].into_iter().chain(keys.iter().map(|key| ("idempotency-key", *key))).collect();
        let answer = answer("/v1/tasks", &lines, TASK.as_bytes()).await;
        assert_eq!(answer.status, 422, "{keys:?}: {}", answer.body);
        answer.faults().contains(&"Idempotency-Key")
    };
    for one in [&["k"][..], &["k", "k"], &["k", "\"k\"", "k"], &["\"a,b\""], &["\"a,b\"", "\"a,b\""]] {
        assert!(!faults(one).await, "{one:?}");
    }
    for several in [&["k", "l"][..], &["k", "k", "l"], &["a,b"], &["k", ""], &["", ""], &["k", "K"]] {
        assert!(faults(several).await, "{several:?}");
    }
    // A batch takes none at all.
    let lines = [JSON, ("idempotency-key", "k"), ("idempotency-key", "k")];
    let batch = answer("/v1/tasks/batch", &lines, br#"{"tasks":[]}"#).await;
    assert_eq!((batch.status, batch.faults()), (422, vec!["Idempotency-Key"]));
}

#[tokio::test]
async fn every_content_type_must_be_jsons() {
    let judged = async |types: &[&str]| {
        let lines: Vec<_> = types.iter().map(|one| ("content-type", *one)).collect();
        let answer = answer("/v1/tasks", &lines, TASK.as_bytes()).await;
        assert_eq!(answer.accepts[0], if answer.status == 415 { "application/json" } else { "" }, "{types:?}");
        answer.status
    };
    for json in [&["application/json"][..], &["application/json", "Application/JSON"], &["application/json; a=\"b,c\""]]
    {
        assert_eq!(judged(json).await, 422, "{json:?}");
    }
    for other in [&[][..], &["text/plain"], &["application/json", "text/plain"], &["text/plain", "application/json"]] {
        assert_eq!(judged(other).await, 415, "{other:?}");
    }
}

#[tokio::test]
async fn an_encoded_body_is_refused_with_what_is_taken() {
    // What gzip makes of `{}`.
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0];
    for path in ["/v1/tasks", "/v1/tasks/batch", "/v1/tasks/cancel", "/v1/dead/redrive"] {
        for encodings in
            [&["gzip"][..], &["br"], &["zstd"], &["X-GZIP"], &["deflate"], &["identity", "gzip"], &["gzip", "gzip"]]
        {
            let lines: Vec<_> =
                [JSON].into_iter().chain(encodings.iter().map(|one| ("content-encoding", *one))).collect();
            let answer = answer(path, &lines, &gzip).await;
            assert_eq!((answer.status, answer.accepts[1].as_str()), (415, "identity"), "{path} {encodings:?}");
            assert_eq!(answer.body["type"], "/problems/unsupported-media-type");
            assert!(answer.body["detail"].as_str().unwrap().contains("must be identity, got"), "{}", answer.body);
        }
    }
    for plain in [&["identity"][..], &["identity", "identity"], &[""]] {
        let lines: Vec<_> = [JSON].into_iter().chain(plain.iter().map(|one| ("content-encoding", *one))).collect();
        assert_eq!(answer("/v1/tasks", &lines, TASK.as_bytes()).await.status, 422, "{plain:?}");
    }
}
