//! The dashboard's page, within the binary, and the headers that keep it safe in a browser.
//!
//! The page's source is in `page`, and `npm run bundle` makes of it what a browser loads, in `built`. The page calls the API at its own
//! origin. Whoever serves it decides what answers there.
//!
//! `taskway dev` and `taskway ui` serve it at the root, before an API that needs no credentials of the page. The API itself serves it
//! under [`DASHBOARD`], and the page asks for a token there.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
        LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use serde::Serialize;

/// The path of each file, and what it holds.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The same, compressed by gzip, for those that are worth it.
const ZIPPED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/zipped.rs"));

/// Where the API serves the page.
pub const DASHBOARD: &str = "/dashboard";

/// What these files are, as a part of a path. Other files have another edition.
const EDITION: &str = env!("TASKWAY_DASHBOARD_EDITION");

/// Where the page reads who serves it.
const ABOUT: &str = "/ui.json";

const INDEX: &str = "/index.html";

/// The tag that names the API's path.
const API_HERE: &str = r#"<meta name="taskway-api" content="./">"#;

/// The same under [`DASHBOARD`] and the edition.
const API_ABOVE: &str = r#"<meta name="taskway-api" content="../../" data-sign-in="token">"#;

/// For files of an edition, which never change. Neither the index nor [`ABOUT`] is among them.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("private, max-age=86400, immutable");

/// Nothing but the page's own files runs or is loaded, it calls nobody but its own origin, and no page may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The headers of each of the page's files.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // For browsers that do not know `frame-ancestors`.
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // After an update, the next load must have all files of the new page, and none of the old one.
    (CACHE_CONTROL, "no-store"),
];

/// How requests to the API say who sends them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// They do not.
    Nobody,
    /// By the user and password of the URL.
    Password,
    /// By a bearer token.
    Token,
    /// By an AWS signature.
    Signature,
}

/// What the page is told of its server.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The version of the program that serves the page.
    pub version: &'static str,
    /// What serves it: `dev`, `ui` or `api`.
    pub serves: &'static str,
    /// The URL of the API, for commands to paste; `None` if it is the page's own origin.
    pub api: Option<String>,
    /// How to call that URL, for commands to paste. The credentials themselves never reach the page.
    pub sender: Sender,
    /// Whether the server lets only reads pass. The page leaves out its buttons then; the server must refuse by itself.
    pub read_only: bool,
}

/// Answers for the page's files before these routes, which answer everything else.
///
/// # Errors
/// If `about` cannot be written as JSON.
pub fn before(routes: Router, about: &About) -> Result<Router, serde_json::Error> {
    let page = Page { about: serde_json::to_string(about)? };
    Ok(routes.layer(from_fn_with_state(page, serve)))
}

/// Answers everything under [`DASHBOARD`], before these routes of the API. Nobody needs a credential for the page's files. They
/// stand under their edition, so that a browser may keep them: each is an invocation of a function.
///
/// # Errors
/// If `about` cannot be written as JSON.
pub fn beside(routes: Router, about: &About) -> Result<Router, serde_json::Error> {
    let page = Page { about: serde_json::to_string(about)? };
    Ok(routes.layer(from_fn_with_state(page, serve_beside)))
}

#[derive(Clone)]
struct Page {
    about: String,
}

async fn serve(State(served): State<Page>, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let path = request.uri().path();
    let path = if path == "/" { INDEX } else { path };
    let Some(mut file) = served.file(path) else { return next.run(request).await };
    if path == INDEX || path == ABOUT {
        return file;
    }
    // The browser asks each time whether it has this edition, and need not load and compile that again.
    let tag = const { HeaderValue::from_static(concat!("\"", env!("TASKWAY_DASHBOARD_EDITION"), "\"")) };
    if request.headers().get(IF_NONE_MATCH) == Some(&tag) {
        (*file.status_mut(), *file.body_mut()) = (StatusCode::NOT_MODIFIED, Body::empty());
    }
    file.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    file.headers_mut().insert(ETAG, tag);
    file
}

async fn serve_beside(State(served): State<Page>, request: Request, next: Next) -> Response {
    let under = request.uri().path().strip_prefix(DASHBOARD);
    let under = under.filter(|under| under.is_empty() || under.starts_with('/'));
    let Some(under) = under.filter(|_| request.method() == Method::GET) else {
        return next.run(request).await;
    };
    let Some((edition, name)) = under.get(1..).and_then(|under| under.split_once('/')) else {
        return moved(if under.is_empty() { &DASHBOARD[1..] } else { "." });
    };
    match &*format!("/{name}") {
        "/" | INDEX if edition != EDITION || name.is_empty() => moved(".."),
        INDEX => {
            let index = page(INDEX).map(String::from_utf8_lossy).unwrap_or_default();
            file("text/html; charset=utf-8", index.replace(API_HERE, API_ABOVE))
        }
        // Whatever the edition: the page has its own.
        ABOUT => file("application/json", served.about),
        path if edition == EDITION => kept(path, request.headers()).unwrap_or_else(missing),
        _ => missing(),
    }
}

/// The file of this path for a browser that keeps it, compressed if the browser takes that.
fn kept(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = page(path)?;
    let takes = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let zipped = ZIPPED.iter().find(|(name, _)| *name == path && takes.contains("gzip")).map(|(_, bytes)| *bytes);
    let mut response = file(content_type(path), zipped.unwrap_or(plain));
    response.headers_mut().insert(CACHE_CONTROL, FOR_A_DAY);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    if zipped.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")], "there is no such file").into_response()
}

/// Leads on to the index of this edition, from the place that `dashboard` is relative to. A stage's name or a custom domain's path may
/// stand before the whole.
fn moved(dashboard: &str) -> Response {
    let path = format!("{dashboard}/{EDITION}{INDEX}");
    (StatusCode::FOUND, [(LOCATION, &*path), (CACHE_CONTROL, "no-store")]).into_response()
}

impl Page {
    /// The file of this path, if there is one.
    fn file(&self, path: &str) -> Option<Response> {
        if path == ABOUT {
            return Some(file("application/json", self.about.clone()));
        }
        Some(file(content_type(path), page(path)?))
    }
}

fn page(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes)
}

fn file(content_type: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests;
