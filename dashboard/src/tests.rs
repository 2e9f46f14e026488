//! Which paths are the page's, and what protects it.
#![allow(clippy::unwrap_used)]

use axum::{Router, body::Body};
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{API_HERE, About, EDITION, FILES, INDEX, POLICY, Sender, before, beside, page};

async fn ask(method: Method, path: &str) -> Response<Body> {
    let api = Router::new().fallback(async || (StatusCode::IM_A_TEAPOT, "the API"));
    let about = About { version: "1.2.3", serves: "dev", api: None, sender: Sender::Nobody, read_only: true };
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    before(api, &about).unwrap().oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn every_file_has_its_type_and_the_policy() {
    for (path, _) in FILES {
        let response = ask(Method::GET, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-security-policy"], POLICY, "{path}");
        assert_eq!(response.headers()["x-frame-options"], "DENY", "{path}");
        let content_type = response.headers()[CONTENT_TYPE].to_str().unwrap();
        let expected = match path.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            _ => unreachable!("a browser may not load {path}: give its kind a content type"),
        };
        assert_eq!(content_type, expected, "{path}");
    }
}

async fn ask_beside(path: &str, encoding: &str) -> Response<Body> {
    let api = Router::new().fallback(async || (StatusCode::IM_A_TEAPOT, "the API"));
    let about = About { version: "1.2.3", serves: "api", api: None, sender: Sender::Token, read_only: false };
    let request = Request::builder().uri(path).header("accept-encoding", encoding).body(Body::empty()).unwrap();
    beside(api, &about).unwrap().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn beside_the_api_the_page_stands_under_its_edition() {
    let index = ask_beside(&format!("/dashboard/{EDITION}/index.html"), "").await;
    assert_eq!(index.headers()["cache-control"], "no-store");
    assert_eq!(index.headers()["content-security-policy"], POLICY);
    assert!(text(index).await.contains(r#"<meta name="taskway-api" content="../../" data-sign-in="token">"#));
    let plain = ask_beside(&format!("/dashboard/{EDITION}/app.js"), "identity").await;
    assert_eq!(plain.headers()["cache-control"], "private, max-age=86400, immutable");
    assert!(!plain.headers().contains_key("content-encoding"));
    assert_eq!(text(plain).await.as_bytes(), page("/app.js").unwrap());
    let zipped = ask_beside(&format!("/dashboard/{EDITION}/app.js"), "gzip, br").await;
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    assert_eq!(zipped.headers()["vary"], "accept-encoding");
    let bytes = zipped.into_body().collect().await.unwrap().to_bytes();
    assert!(bytes.starts_with(&[0x1f, 0x8b]) && bytes.len() < page("/app.js").unwrap().len() / 2);
    for edition in [EDITION, "0123456789abcdef"] {
        let about = ask_beside(&format!("/dashboard/{edition}/ui.json"), "").await;
        assert_eq!(about.headers()["cache-control"], "no-store");
        assert!(text(about).await.contains(r#""serves":"api","api":null,"sender":"token""#));
    }
}

#[tokio::test]
async fn every_way_to_the_dashboard_leads_to_its_index() {
    for (path, to) in [
        ("/dashboard", format!("dashboard/{EDITION}/index.html")),
        ("/dashboard/", format!("./{EDITION}/index.html")),
        ("/dashboard/0123456789abcdef", format!("./{EDITION}/index.html")),
        ("/dashboard/0123456789abcdef/", format!("../{EDITION}/index.html")),
        ("/dashboard/0123456789abcdef/index.html", format!("../{EDITION}/index.html")),
    ] {
        let answer = ask_beside(path, "").await;
        assert_eq!(answer.status(), StatusCode::FOUND, "{path}");
        assert_eq!(answer.headers()["location"], to, "{path}");
    }
    for path in ["/dashboard/0123456789abcdef/app.js", "/dashboard/x/v1/tasks"] {
        assert_eq!(ask_beside(path, "").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/", "/app.js", "/dashboards", "/v1/tasks"] {
        assert_eq!(ask_beside(path, "").await.status(), StatusCode::IM_A_TEAPOT, "{path}");
    }
}

#[tokio::test]
async fn a_browser_need_not_load_the_same_edition_again() {
    let first = ask(Method::GET, "/app.js").await;
    let tag = first.headers()["etag"].clone();
    assert_eq!(first.headers()["cache-control"], "no-cache");
    for (has, status) in [(tag.to_str().unwrap(), 304), ("\"0123456789abcdef\"", 200)] {
        let about = About { version: "1.2.3", serves: "dev", api: None, sender: Sender::Nobody, read_only: true };
        let request = Request::builder().uri("/app.js").header("if-none-match", has).body(Body::empty()).unwrap();
        let answer = before(Router::new(), &about).unwrap().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(text(answer).await.is_empty(), status == 304);
    }
    for path in ["/", "/ui.json"] {
        assert_eq!(ask(Method::GET, path).await.headers()["cache-control"], "no-store", "{path}");
    }
}

#[test]
fn the_index_says_where_the_api_is() {
    assert_eq!(String::from_utf8_lossy(page(INDEX).unwrap()).matches(API_HERE).count(), 1);
}

#[tokio::test]
async fn the_page_is_at_the_root_and_everything_else_is_the_apis() {
    assert!(text(ask(Method::GET, "/").await).await.contains("<script type=\"module\" src=\"app.js\">"));
    assert_eq!(ask(Method::HEAD, "/app.js").await.status(), StatusCode::OK);
    for (method, path) in [
        (Method::POST, "/"),
        (Method::POST, "/ui.json"),
        (Method::GET, "/v1/tasks"),
        (Method::GET, "/healthz"),
        (Method::GET, "/nothing.js"),
        (Method::GET, "/../Cargo.toml"),
        (Method::GET, "//app.js"),
    ] {
        assert_eq!(ask(method.clone(), path).await.status(), StatusCode::IM_A_TEAPOT, "{method} {path}");
    }
}

#[tokio::test]
async fn the_page_is_told_who_serves_it() {
    let said = text(ask(Method::GET, "/ui.json").await).await;
    assert_eq!(said, r#"{"version":"1.2.3","serves":"dev","api":null,"sender":"nobody","read_only":true}"#);
}
