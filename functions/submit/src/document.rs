//! `GET /openapi.json`: the API's own description.
//!
//! The document is made from the wire types when they change, and committed: `tests/openapi`. The function carries its bytes
//! and nothing that makes them, so a start costs no more than before.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG},
};
use taskway_protocol::Digest;

use crate::headers;

static DOCUMENT: &[u8] = include_bytes!("../../../docs/openapi.json");

/// It changes with the document. Computed when it is first asked for.
static TAG: LazyLock<String> = LazyLock::new(|| format!("\"{}\"", Digest::of(DOCUMENT)));

/// A client may keep the document, and asks each time whether it is the newest.
pub(crate) async fn document(headers: HeaderMap) -> Response {
    let tags = HeaderValue::from_str(&TAG).ok().map(|tag| (ETAG, tag));
    let mut answer = if headers::has_tag(&headers, &TAG) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT).into_response()
    };
    answer.headers_mut().extend(tags);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}
