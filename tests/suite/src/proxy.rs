//! A proxy before DynamoDB that loses, refuses or holds the calls that a test selects.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use reqwest::Client;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::task::AbortOnDropHandle;

/// What the proxy does with one call.
#[derive(Clone, Debug)]
pub enum Fate {
    /// Forward it and return the answer.
    Pass,
    /// Do not forward it, and answer 503.
    Refuse,
    /// Forward it, drop the answer, and answer 503.
    Lose,
    /// Forward it as soon as the semaphore has a permit.
    Hold(Arc<Semaphore>),
}

/// A proxy. It stops when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Its URL.
    pub url: String,
    _server: AbortOnDropHandle<()>,
}

impl Proxy {
    /// Starts a proxy before `upstream`. The rule gets the action, such as `PutItem`, and the request's text.
    pub async fn start(upstream: &str, rule: impl Fn(&str, &str) -> Fate + Send + Sync + 'static) -> Self {
        let (upstream, client, rule) =
            (upstream.to_owned(), Client::builder().no_proxy().build().unwrap(), Arc::new(rule));
        let router = Router::new().fallback(move |request: Request| {
            let (upstream, client, rule) = (upstream.clone(), client.clone(), Arc::clone(&rule));
            async move {
                let (head, body) = request.into_parts();
                let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
                let target = head.headers.get("x-amz-target").map_or("", |value| value.to_str().unwrap());
                let fate = rule(target.rsplit('.').next().unwrap_or_default(), &text);
                if let Fate::Refuse = fate {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                if let Fate::Hold(permits) = &fate {
                    permits.acquire().await.unwrap().forget();
                }
                let answer = forward(&client, &upstream, head.headers, text).await;
                if let Fate::Lose = fate { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { answer }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Proxy { url, _server: AbortOnDropHandle::new(server) }
    }
}

async fn forward(client: &Client, upstream: &str, mut headers: HeaderMap, text: String) -> Response {
    headers.remove("host");
    headers.remove("content-length");
    let answer = client.post(upstream).headers(headers).body(text).send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove("transfer-encoding");
    (status, headers, Body::from(answer.bytes().await.unwrap())).into_response()
}

/// A rule that gives this fate to the `n`-th call, counted from 1, of this action with `word` in its text. All other
/// calls pass.
pub fn nth(n: usize, action: &'static str, word: &'static str, fate: Fate) -> impl Fn(&str, &str) -> Fate {
    let seen = AtomicUsize::new(0);
    move |called, text| {
        let hit = called == action && text.contains(word) && seen.fetch_add(1, Ordering::SeqCst) + 1 == n;
        if hit { fate.clone() } else { Fate::Pass }
    }
}
