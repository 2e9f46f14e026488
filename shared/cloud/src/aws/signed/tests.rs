#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use axum::{Router, routing::any};
use http::{HeaderMap, Method, StatusCode, Uri};
use tokio::net::TcpListener;

use super::*;
use crate::aws::connector;

fn config() -> aws_types::sdk_config::Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(connector::Shared::plain())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "test")))
        .region(Region::from_static("eu-west-1"))
}

type Seen = Arc<Mutex<Vec<(Method, Uri, HeaderMap, Bytes)>>>;

/// Answers one request after another with these statuses, and the rest with the last.
async fn service(statuses: &'static [u16]) -> (SdkConfig, Seen) {
    let seen = Seen::default();
    let note = Arc::clone(&seen);
    let router = Router::new().fallback(any(async move |method, uri, headers, body| {
        let mut seen = note.lock().unwrap();
        let status = statuses[seen.len().min(statuses.len() - 1)];
        seen.push((method, uri, headers, body));
        let headers =
            [("x-amzn-requestid", "1-2"), ("x-amzn-errortype", "SomeException:http://internal/"), ("retry-after", "7")];
        (StatusCode::from_u16(status).unwrap(), headers, r#"{"message": "so"}"#)
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (config().endpoint_url(url).build(), seen)
}

fn request() -> http::Request<Vec<u8>> {
    let request = http::Request::post("/2015-03-31/functions/some/invocations?Qualifier=live");
    request.header("x-amz-invocation-type", "Event").body(b"{}".to_vec()).unwrap()
}

#[tokio::test]
async fn a_request_is_signed_and_its_answer_is_returned_whole() {
    let (config, seen) = service(&[202]).await;
    let answer = call(&config, LAMBDA, request()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(answer.headers()["x-amzn-requestid"], "1-2");
    assert_eq!(answer.body(), r#"{"message": "so"}"#);
    let seen = seen.lock().unwrap();
    let [(method, uri, headers, body)] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((method, uri.path(), uri.query()), (&Method::POST, request().uri().path(), Some("Qualifier=live")));
    assert_eq!(headers["x-amz-invocation-type"], "Event");
    assert_eq!(body, "{}");
    let signature = headers["authorization"].to_str().unwrap();
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{signature}");
    assert!(signature.contains("/eu-west-1/lambda/aws4_request, SignedHeaders="), "{signature}");
    assert!(signature.contains("x-amz-invocation-type"), "every header is signed: {signature}");
    assert!(headers.contains_key("x-amz-date"));
}

#[tokio::test]
async fn a_throttled_request_is_sent_again() {
    let (config, seen) = service(&[429, 202]).await;
    assert_eq!(call(&config, LAMBDA, request()).await.unwrap().status(), StatusCode::ACCEPTED);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_service_that_stays_unavailable_is_tried_three_times() {
    let (config, seen) = service(&[503]).await;
    let error = call(&config, LAMBDA, request()).await.unwrap_err();
    assert!(matches!(&error, CallError::Refused(Refused { status: 503, .. })), "{error:?}");
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn any_retry_setting_makes_calls() {
    for retries in [RetryConfig::adaptive(), RetryConfig::standard().with_max_attempts(1), RetryConfig::disabled()] {
        let (config, seen) = service(&[202]).await;
        let config = config.into_builder().retry_config(retries).build();
        assert_eq!(call(&config, LAMBDA, request()).await.unwrap().status(), StatusCode::ACCEPTED);
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_final_refusal_is_not_tried_again_and_says_why() {
    let (config, seen) = service(&[403]).await;
    let error = call(&config, LAMBDA, request()).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Refused(Refused { kind: Some(kind), retry_after: Some(wait), .. })
        if kind == "SomeException" && *wait == Duration::from_secs(7)),
        "{error:?}"
    );
    assert_eq!(error.to_string(), r#"lambda answered 403: {"message": "so"}"#);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_endpoint_that_nobody_serves_is_named_as_the_cause() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let config = config().endpoint_url(format!("http://{free}")).retry_config(RetryConfig::disabled()).build();
    let error = call(&config, LAMBDA, request()).await.unwrap_err();
    let causes = taskway_runtime::log::causes(&error).to_string();
    assert!(causes.starts_with("cannot reach lambda: ") && causes.contains("refused"), "{causes}");
    let named = config.into_builder().endpoint_url("http://nobody.invalid").build();
    let error = call_once(&named, LAMBDA, request(), MINUTE, 10).await.unwrap_err();
    assert!(matches!(error, CallError::Unreached { .. }), "{error:?}");
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_call_that_is_made_once_is_not_made_again() {
    let (config, seen) = service(&[503]).await;
    let error = call_once(&config, LAMBDA, request(), MINUTE, 10).await.unwrap_err();
    assert!(matches!(&error, CallError::Refused(Refused { status: 503, .. })), "{error:?}");
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn no_more_of_an_answer_is_read_than_was_asked_for() {
    let (config, _) = service(&[200]).await;
    for (longest, body, is_cut) in [(16, r#"{"message": "so""#, true), (17, r#"{"message": "so"}"#, false)] {
        let answered = call_once(&config, LAMBDA, request(), MINUTE, longest).await.unwrap();
        assert_eq!((&*answered.answer.into_body(), answered.is_cut), (body.as_bytes(), is_cut));
    }
}

#[tokio::test]
async fn a_request_that_got_no_answer_may_have_been_done() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Takes the connection and closes it when the request is there.
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.readable().await.unwrap();
        }
    });
    let config = config().endpoint_url(url).build();
    let error = call_once(&config, LAMBDA, request(), MINUTE, 10).await.unwrap_err();
    assert!(matches!(error, CallError::Unanswered { .. }), "{error:?}");
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = config().endpoint_url(format!("http://{}", listener.local_addr().unwrap())).build();
    let error = call_once(&config, LAMBDA, request(), Duration::from_millis(50), 10).await.unwrap_err();
    assert!(matches!(error, CallError::Unanswered { .. }), "{error:?}");
}

#[tokio::test]
async fn an_endpoint_or_a_region_that_is_none_is_an_error() {
    for endpoint in ["no url", "http://", "http://[::1", "ftp://127.0.0.1:1", "127.0.0.1:1"] {
        let config = config().endpoint_url(endpoint).retry_config(RetryConfig::disabled()).build();
        assert!(call(&config, LAMBDA, request()).await.is_err(), "{endpoint}");
    }
    for region in ["moon base", "a\nb"] {
        let config = config().region(Region::new(region)).retry_config(RetryConfig::disabled()).build();
        assert!(call(&config, LAMBDA, request()).await.is_err(), "{region:?}");
    }
}

#[tokio::test]
async fn without_a_region_nothing_is_sent() {
    let config = config().region(None).build();
    assert_eq!(
        call(&config, LAMBDA, request()).await.unwrap_err().to_string(),
        "no region to call lambda in: set AWS_REGION"
    );
}

#[test]
fn an_empty_endpoint_counts_as_not_set() {
    let empty = config().endpoint_url("").build();
    assert_eq!(LAMBDA.endpoint(&empty, "eu-west-1"), "https://lambda.eu-west-1.amazonaws.com");
}

#[test]
fn a_region_has_its_own_endpoint() {
    let plain = config().build();
    let strict = config().use_fips(true).use_dual_stack(true).build();
    for (config, region, endpoint) in [
        (&plain, "eu-west-1", "https://lambda.eu-west-1.amazonaws.com"),
        (&plain, "us-gov-west-1", "https://lambda.us-gov-west-1.amazonaws.com"),
        (&plain, "cn-north-1", "https://lambda.cn-north-1.amazonaws.com.cn"),
        (&plain, "eusc-de-east-1", "https://lambda.eusc-de-east-1.amazonaws.eu"),
        (&strict, "us-east-1", "https://lambda-fips.us-east-1.api.aws"),
    ] {
        assert_eq!(LAMBDA.endpoint(config, region), endpoint);
    }
}

#[test]
fn the_endpoint_of_the_service_comes_before_that_of_all() {
    #[derive(Debug)]
    struct Set;
    impl aws_types::service_config::LoadServiceConfig for Set {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            (key.service_id() == "Lambda").then(|| "http://localhost:1".to_owned())
        }
    }
    let config = config().endpoint_url("http://localhost:2").service_config(Set).build();
    assert_eq!(LAMBDA.endpoint(&config, "eu-west-1"), "http://localhost:1");
    let other = Service { id: "S3", name: "s3" };
    assert_eq!(other.endpoint(&config, "eu-west-1"), "http://localhost:2");
}
