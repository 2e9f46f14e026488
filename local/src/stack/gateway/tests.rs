//! The whole gateway, in front of a stand-in for `cargo lambda watch`.

#![allow(clippy::unwrap_used)]

use axum::{Json, extract::Path, routing::post};
use serde_json::{Value, json};
use taskway_runtime::clock::SystemClock;
use tokio::net::TcpListener;

use super::*;

/// Serves a router on a free port, and returns its URL.
async fn served(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Returns the URL of an API in front of the functions.
async fn api(functions: Router) -> String {
    let functions = Functions::at("--functions", &served(functions).await).unwrap();
    served(router(functions, "taskway-submit".to_owned(), Arc::new(SystemClock))).await
}

async fn post_to(url: &str, body: Vec<u8>) -> (u16, Value) {
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().post(url).body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

fn invocations(answer: axum::routing::MethodRouter) -> Router {
    Router::new().route("/2015-03-31/functions/{name}/invocations", answer)
}

#[tokio::test]
async fn a_request_reaches_the_function_and_the_answer_reaches_the_client() {
    let echo = async |Path(name): Path<String>, event: String| {
        let event: Value = serde_json::from_str(&event).unwrap();
        let body = json!({"by": name, "path": event["rawPath"], "body": event["body"]}).to_string();
        Json(json!({"statusCode": 418, "headers": {"content-type": "application/json"}, "body": body}))
    };
    let api = api(invocations(post(echo))).await;
    let (status, problem) = post_to(&format!("{api}/v1/tasks/t/cancel"), b"hello".to_vec()).await;
    assert_eq!(status, 418);
    assert_eq!(problem, json!({"by": "taskway-submit", "path": "/v1/tasks/t/cancel", "body": "hello"}));
}

#[tokio::test]
async fn without_a_function_the_answer_says_what_to_start() {
    let nowhere = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let functions = Functions::at("--functions", &nowhere).unwrap();
    let api = served(router(functions, "taskway-submit".to_owned(), Arc::new(SystemClock))).await;
    let (status, problem) = post_to(&api, Vec::new()).await;
    assert_eq!((status, &problem["type"]), (503, &json!("/problems/unavailable")));
    assert!(problem["detail"].as_str().unwrap().contains("cargo lambda watch"), "{problem}");
}

#[tokio::test]
async fn a_failed_function_is_an_internal_error_with_the_reason() {
    let panicked = async || (http::StatusCode::INTERNAL_SERVER_ERROR, r#"{"errorType":"Panic"}"#);
    let (status, problem) = post_to(&api(invocations(post(panicked))).await, Vec::new()).await;
    assert_eq!((status, problem["detail"].as_str().unwrap().contains("Panic")), (500, true), "{problem}");

    let shapeless = async || r#"{"batchItemFailures":[]}"#;
    let (status, problem) = post_to(&api(invocations(post(shapeless))).await, Vec::new()).await;
    assert_eq!((status, &problem["type"]), (500, &json!("/problems/internal")));
}

#[tokio::test]
async fn a_request_beyond_the_clouds_limits_does_not_reach_the_function() {
    let unasked = async || -> String { unreachable!("the function was invoked") };
    let api = api(invocations(post(unasked))).await;
    let (status, problem) = post_to(&api, vec![b' '; LONGEST_REQUEST + 1]).await;
    assert_eq!((status, &problem["limit_bytes"]), (413, &json!(LONGEST_REQUEST)));
    // The event escapes each quote, so it is two bytes long there.
    let (status, problem) = post_to(&api, vec![b'"'; LONGEST_EVENT / 2]).await;
    assert_eq!((status, &problem["limit_bytes"]), (413, &json!(LONGEST_EVENT)));
}
