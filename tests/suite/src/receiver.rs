//! An HTTP server to which tasks are delivered.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::to_bytes, extract, response::IntoResponse, serve::ListenerExt};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// An answer of the receiver.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// An answer with this status and no body.
    pub fn of(status: u16) -> Self {
        Reply { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Reply { body: body.into(), ..self }
    }
}

/// A request that the receiver got.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and target, such as `POST /hook`.
    pub line: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// A receiver. It stops when this is dropped.
#[derive(Debug)]
pub struct Receiver {
    /// Its URL.
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
    _server: AbortOnDropHandle<()>,
}

impl Receiver {
    /// Starts a receiver that gives these answers in turn and then repeats the last.
    pub async fn start(script: Vec<Reply>) -> Self {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, opened) = (Arc::clone(&requests), Arc::clone(&connections));
        let router = Router::new().fallback(move |request: extract::Request| {
            let (log, script) = (Arc::clone(&log), script.clone());
            async move {
                let (head, body) = request.into_parts();
                let line = format!("{} {}", head.method, head.uri);
                let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
                let turn = {
                    let mut log = log.lock().unwrap();
                    log.push(Request { line, headers: head.headers, body });
                    log.len() - 1
                };
                let Reply { status, headers, body } = script[turn.min(script.len() - 1)].clone();
                let headers = headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
                (StatusCode::from_u16(status).unwrap(), HeaderMap::from_iter(headers), body).into_response()
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let listener = listener.tap_io(move |_| {
            opened.fetch_add(1, Ordering::SeqCst);
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { url, requests, connections, _server: AbortOnDropHandle::new(server) }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The number of connections that were opened to it.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
