//! The dashboard on this machine, before a deployed API: the page, and `/v1` passed on with this command's credentials.
//!
//! No page of another origin gets through: the same doors stand before it as before `taskway dev`.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{ALLOW, CONTENT_TYPE, LOCATION, RETRY_AFTER},
};
use percent_encoding::percent_decode_str;
use serde_json::json;
use taskway_dashboard::About;
use taskway_local::doors::{Doors, Hosts};

use crate::{
    client::{Answered, Client, Passed},
    failure::Failure,
};

/// The API takes batches of 5 MiB.
const LARGEST_BODY: usize = 6 * 1024 * 1024;

/// What of a request goes to the API. Cookies and what browsers say of themselves do not.
const SENT_ON: [HeaderName; 4] = [
    CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("prefer"),
    HeaderName::from_static("traceparent"),
];

/// What of an answer comes back.
const BROUGHT_BACK: [HeaderName; 7] = [
    CONTENT_TYPE,
    LOCATION,
    ALLOW,
    RETRY_AFTER,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("idempotent-replayed"),
    HeaderName::from_static("preference-applied"),
];

#[derive(Clone)]
struct Ui {
    client: Arc<Client>,
    read_only: bool,
}

/// The page, and the API of this client behind it.
pub(crate) fn router(client: Client, read_only: bool, hosts: Hosts) -> Result<Router, Failure> {
    let (api, sender) = (Some(client.shown()), client.sender());
    let about = About { version: env!("CARGO_PKG_VERSION"), serves: "ui", api, sender, read_only };
    let api = Router::new().fallback(pass).with_state(Ui { client: Arc::new(client), read_only });
    let routes = taskway_dashboard::before(api, &about).map_err(|error| Failure::Other(error.into()))?;
    Ok(Doors::new(hosts).before(routes))
}

async fn pass(State(ui): State<Ui>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if ui.read_only && !matches!(parts.method, Method::GET | Method::HEAD) {
        let detail = "this dashboard was started with --read-only, so it passes only reads on";
        return problem(StatusCode::FORBIDDEN, "read-only", "The dashboard is read-only", detail);
    }
    let Some(path) = path(parts.uri.path()) else {
        let detail = "only /v1 and /healthz are passed on to the API";
        return problem(StatusCode::NOT_FOUND, "not-found", "There is no such path", detail);
    };
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        let detail = format!("the body is larger than {LARGEST_BODY} bytes, or it broke off");
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", &detail);
    };
    let passed = Passed {
        method: parts.method,
        path,
        query: pairs(parts.uri.query().unwrap_or_default()),
        headers: chosen(&parts.headers, &SENT_ON),
        body: body.to_vec(),
    };
    match ui.client.pass(passed).await {
        Ok(answered) => answer(answered),
        Err(failure) => unanswered(&failure),
    }
}

/// The decoded parts of a path that is the API's.
fn path(path: &str) -> Option<Vec<String>> {
    let parts = path.strip_prefix('/')?.split('/');
    let parts = parts.map(|part| Some(percent_decode_str(part).decode_utf8().ok()?.into_owned()));
    let parts = parts.collect::<Option<Vec<_>>>()?;
    // Parts that URLs resolve would lead out of the API's paths.
    let plain = parts.iter().all(|part| !matches!(part.as_str(), "" | "." | ".."));
    let known = matches!(parts.first().map(String::as_str), Some("v1")) || parts == ["healthz"];
    (plain && known).then_some(parts)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let Ok(mut url) = reqwest::Url::parse("http://localhost/") else { return Vec::new() };
    url.set_query(Some(query));
    url.query_pairs().into_owned().collect()
}

fn chosen(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let chosen = headers.iter().filter(|(name, _)| names.contains(name));
    chosen.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The API's answer. API Gateway's own refusals are short, so they come with what to do.
fn answer(Answered { status, headers, body, advice }: Answered) -> Response {
    if let Some(advice) = advice {
        let said = String::from_utf8_lossy(&body);
        let detail = format!("{advice}\nthe API said: {}", said.trim());
        return problem(status, "unauthorized", "The API does not let this dashboard in", &detail);
    }
    (status, chosen(&headers, &BROUGHT_BACK), body).into_response()
}

fn unanswered(failure: &Failure) -> Response {
    problem(StatusCode::BAD_GATEWAY, "unreachable", "The API does not answer", &failure.text())
}

fn problem(status: StatusCode, kind: &str, title: &str, detail: &str) -> Response {
    let body = json!({
        "type": format!("/problems/{kind}"), "title": title, "status": status.as_u16(), "detail": detail,
    });
    let json = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, json)], body.to_string()).into_response()
}
