//! What stands before every port and keeps web pages out.
//!
//! Any page that somebody opens can make their browser send requests to this machine, and a name of the page's own may
//! resolve to 127.0.0.1. The endpoints have no passwords. So a request comes through only if no page can have sent it:
//!
//! - `Host` is a name or an address of this machine, or one that the stack was told. A page's own name is neither.
//! - `Origin` and `Sec-Fetch-Site` do not tell of another origin.
//! - A POST has a JSON content type or another header that a page can send only after the browser has asked first. No
//!   answer ever permits it, because none has an `Access-Control` header. Browsers ask before every other method that
//!   changes something.

mod hosts;
mod rules;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderName, header::CONTENT_TYPE};
use serde_json::json;

pub use hosts::Hosts;

/// The doors before one port. Clones share nothing that changes.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    hosts: Hosts,
}

impl Doors {
    /// Doors for requests to these hosts.
    pub const fn new(hosts: Hosts) -> Self {
        Doors { hosts }
    }

    /// Puts the doors before these routes.
    pub fn before(self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self, pass))
    }
}

async fn pass(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    if let Err(refused) = rules::check(&doors.hosts, request.method(), request.uri(), request.headers()) {
        tracing::warn!(method = %request.method(), path = request.uri().path(), "refused a request: {refused}");
        return answer(&refused);
    }
    let mut response = next.run(request).await;
    let opening: Vec<HeaderName> =
        response.headers().keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in opening {
        response.headers_mut().remove(name);
    }
    response
}

/// One form for all ports: a problem document, with the members in which AWS's SDKs look for code and message.
fn answer(refused: &rules::Refused) -> Response {
    let (status, detail) = (refused.status(), refused.to_string());
    let title = status.canonical_reason().unwrap_or_default();
    let (kind, code) = refused.names();
    let body = json!({
        "type": kind, "title": title, "status": status.as_u16(), "detail": detail,
        "__type": code, "message": detail,
    });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
