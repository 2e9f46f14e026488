//! The dashboard's page, within the binary, and the headers that keep it safe in a browser.
//!
//! The page is in `page`: modules and styles that a browser loads as they are. It calls the API at its own origin, under
//! `/v1`. Whoever serves it decides what answers there.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, Method,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LINK, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        X_FRAME_OPTIONS,
    },
};
use serde::Serialize;

/// The path of each file, and what it holds.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Where the page reads who serves it.
const ABOUT: &str = "/ui.json";

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
    /// What serves it: `dev` or `ui`.
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
    let page = Page { about: serde_json::to_string(about)?, modules: modules() };
    Ok(routes.layer(from_fn_with_state(page, serve)))
}

#[derive(Clone)]
struct Page {
    about: String,
    modules: Option<HeaderValue>,
}

/// Has a browser load all modules at once, and not one after the other as it finds them.
fn modules() -> Option<HeaderValue> {
    let scripts = FILES.iter().filter_map(|(path, _)| path.strip_prefix('/').filter(|path| path.ends_with(".js")));
    let links: Vec<String> = scripts.map(|path| format!("<{path}>; rel=modulepreload")).collect();
    HeaderValue::try_from(links.join(", ")).ok()
}

async fn serve(State(served): State<Page>, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    match request.uri().path() {
        ABOUT => file("application/json", served.about),
        "/" => match page("/index.html") {
            Some(mut page) => {
                page.headers_mut().extend(served.modules.map(|modules| (LINK, modules)));
                page
            }
            None => next.run(request).await,
        },
        path => match page(path) {
            Some(page) => page,
            None => next.run(request).await,
        },
    }
}

/// The file of this path, if there is one.
fn page(path: &str) -> Option<Response> {
    let (_, bytes) = FILES.iter().find(|(name, _)| *name == path)?;
    Some(file(content_type(path), *bytes))
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
