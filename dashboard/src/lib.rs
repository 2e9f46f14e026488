//! The dashboard's page, within the binary, and the headers that keep it safe in a browser.
//!
//! The page's source is in `page`, and `npm run bundle` makes of it what a browser loads, in `built`. The page calls the API at its own
//! origin. Whoever serves it decides what answers there.
//!
//! `taskway dev` and `taskway ui` serve it at the root, before an API that needs no credentials of the page. The API itself serves it
//! under [`DASHBOARD`], and the page asks for a token there.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, Method, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        X_FRAME_OPTIONS,
    },
};
use serde::Serialize;

/// The path of each file, and what it holds.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Where the API serves the page.
pub const DASHBOARD: &str = "/dashboard";

/// What these files are, as a part of a path. Other files have another edition.
const EDITION: &str = env!("TASKWAY_DASHBOARD_EDITION");

/// Where the page reads who serves it.
const ABOUT: &str = "/ui.json";

const INDEX: &str = "/index.html";

/// What the page is told of where the API is.
const API_HERE: &str = r#"<meta name="taskway-api" content="./">"#;

/// The same under [`DASHBOARD`] and the edition.
const API_ABOVE: &str = r#"<meta name="taskway-api" content="../../" data-sign-in="token">"#;

/// For files of an edition, which never change. The index is not among them.
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

/// Answers for the page's files under [`DASHBOARD`], before these routes of the API. Nobody needs a credential for the files. They
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
    match served.file(if path == "/" { INDEX } else { path }) {
        Some(file) => file,
        None => next.run(request).await,
    }
}

async fn serve_beside(State(served): State<Page>, request: Request, next: Next) -> Response {
    let Some(path) = request.uri().path().strip_prefix(DASHBOARD).filter(|_| request.method() == Method::GET) else {
        return next.run(request).await;
    };
    let (edition, path) = match path.strip_prefix('/') {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None if path.is_empty() => return moved(&format!("{}/{EDITION}{INDEX}", &DASHBOARD[1..])),
        None => return next.run(request).await,
    };
    // A bookmark of the page before an update.
    if edition != EDITION && path == INDEX {
        return moved(&format!("../{EDITION}{INDEX}"));
    }
    let Some(mut file) = served.file(path).filter(|_| edition == EDITION) else { return next.run(request).await };
    if path == INDEX {
        let text = page(INDEX).map(String::from_utf8_lossy).unwrap_or_default().replace(API_HERE, API_ABOVE);
        *file.body_mut() = text.into();
    } else {
        file.headers_mut().insert(CACHE_CONTROL, FOR_A_DAY);
    }
    file
}

/// Leads on to this path, which is relative: a stage's name or a custom domain's path may stand before it.
fn moved(path: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, path), (CACHE_CONTROL, "no-store")]).into_response()
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
