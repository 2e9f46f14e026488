//! Which requests come through.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{CONTENT_TYPE, HOST, ORIGIN},
    uri::Authority,
};

use super::Hosts;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Headers that a page can send to another origin only after the browser has asked. AWS's SDKs and CLI, and this project's
/// command, send one of them with every call.
const ASKED_FOR: &[&str] = &["x-amz-target", "x-amz-date", "idempotency-key", "prefer", "taskway-client"];

/// Why a request does not come through.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Refused {
    /// The request does not say for whom it is, or says it twice.
    #[error("a request must have exactly one Host header, with a host and an optional port")]
    NoHost,
    /// The request is for another host.
    #[error(
        "this stack does not answer to the host {0}: use 127.0.0.1 or localhost, or start it with --allow-host and that name"
    )]
    Host(String),
    /// A page of another origin sent the request.
    #[error("this stack does not answer web pages of other origins: {0}")]
    Page(String),
    /// A page could have sent the request.
    #[error(
        "a POST needs the header `content-type: application/json`, with or without a body, so that no web page can send it"
    )]
    Simple,
}

impl Refused {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Refused::NoHost => StatusCode::BAD_REQUEST,
            Refused::Host(_) | Refused::Page(_) => StatusCode::FORBIDDEN,
            Refused::Simple => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// The problem's type, and AWS's code.
    pub(super) const fn names(&self) -> (&'static str, &'static str) {
        match self {
            Refused::NoHost => ("/problems/bad-request", "ValidationException"),
            Refused::Host(_) | Refused::Page(_) => ("/problems/forbidden", "AccessDeniedException"),
            Refused::Simple => ("/problems/unsupported-media-type", "UnsupportedMediaTypeException"),
        }
    }
}

pub(super) fn check(hosts: &Hosts, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
    let host = host(headers)?;
    for named in [Some(&host), uri.authority()].into_iter().flatten() {
        if !hosts.knows(named) {
            return Err(Refused::Host(named.to_string()));
        }
    }
    same_origin(&host, headers)?;
    let may_be_simple = method == Method::POST && !is_json(headers);
    if may_be_simple && !ASKED_FOR.iter().any(|name| headers.contains_key(*name)) {
        return Err(Refused::Simple);
    }
    Ok(())
}

fn host(headers: &HeaderMap) -> Result<Authority, Refused> {
    let mut given = headers.get_all(HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else { return Err(Refused::NoHost) };
    host.to_str().ok().and_then(|host| host.parse().ok()).ok_or(Refused::NoHost)
}

/// A page of the stack's own address is of the same origin. The dashboard is one.
fn same_origin(host: &Authority, headers: &HeaderMap) -> Result<(), Refused> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    for origin in headers.get_all(ORIGIN) {
        if !origin.as_bytes().eq_ignore_ascii_case(format!("http://{host}").as_bytes()) {
            return Err(Refused::Page(format!("the origin is {}", text(origin))));
        }
    }
    for site in headers.get_all(FETCH_SITE) {
        if !matches!(site.as_bytes(), b"same-origin" | b"none") {
            return Err(Refused::Page(format!("Sec-Fetch-Site is {}", text(site))));
        }
    }
    Ok(())
}

/// Whether every content type is JSON: equal headers may come twice, or joined by commas.
fn is_json(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(CONTENT_TYPE).iter().peekable();
    given.peek().is_some() && given.all(|value| value.to_str().is_ok_and(|value| value.split(',').all(is_json_type)))
}

fn is_json_type(value: &str) -> bool {
    let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = media.strip_prefix("application/").unwrap_or_default();
    matches!(subtype, "json" | "x-amz-json-1.0" | "x-amz-json-1.1") || subtype.ends_with("+json")
}
