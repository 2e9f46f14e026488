//! Who is let in, by events as API Gateway sends them, read by lambda_http as in Lambda.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{body::Body, response::Response};
use http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use support::{ISSUER, api, event, iam, jwt, passed};
use taskway_submit::{Auth, BasePath, event, guarded, guarded_with_dashboard, router};
use tower::ServiceExt;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::format::FmtSpan;

fn issued() -> Auth {
    Auth::Jwt { issuer: ISSUER.to_owned() }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

/// What the function answers to an event.
async fn answer(auth: &Auth, event: &Value) -> Answer {
    let request = event::read(&event.to_string(), &BasePath::default()).unwrap().into_http();
    Answer::of(guarded(api().await, auth.clone()).oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn the_dashboard_is_open_and_the_api_beside_it_is_not() {
    let ask = async |method, path: &str| {
        let request = event::read(&event(method, path).to_string(), &BasePath::default()).unwrap().into_http();
        let api = guarded_with_dashboard(api().await, issued()).unwrap();
        Answer::of(api.oneshot(request).await.unwrap()).await
    };
    let moved = ask("GET", "/dashboard").await;
    assert_eq!(moved.status, 302);
    let index = ask("GET", &format!("/{}", moved.headers["location"].to_str().unwrap())).await;
    assert!(index.status == 200 && index.body.contains("data-sign-in"), "{}", index.body);
    for (method, path) in [("GET", "/v1/tasks"), ("POST", "/dashboard"), ("POST", "/dashboard/x/ui.json"), ("GET", "/")]
    {
        is_refused(&issued(), &ask(method, path).await, path);
    }
}

/// That it is the refusal, and nothing more than the refusal.
fn is_refused(auth: &Auth, answer: &Answer, of: &str) {
    assert_eq!(answer.status, 401, "{of}: {}", answer.body);
    let challenge = match auth {
        Auth::Iam => "AWS4-HMAC-SHA256 realm=\"taskway\"",
        Auth::Jwt { .. } => "Bearer realm=\"taskway\"",
    };
    let expected = json!({"type": "/problems/unauthorized", "title": "Unauthorized", "status": 401,
        "detail": "the request must be authenticated"});
    // The answer to a HEAD has a GET's headers alone.
    if !of.contains(" HEAD ") {
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), expected, "{of}");
    }
    let mut names: Vec<_> = answer.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-type", "www-authenticate", "x-request-id"], "{of}");
    assert_eq!(answer.headers["www-authenticate"], challenge);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

/// Requests of every route, and of none, with what the API says to a caller that it knows.
const ASKED: &[(&str, &str, u16)] = &[
    ("POST", "/v1/tasks", 415),
    ("POST", "/v1/tasks/batch", 415),
    ("GET", "/v1/tasks/x", 404),
    ("HEAD", "/v1/tasks/x", 404),
    ("PATCH", "/v1/tasks/x", 415),
    ("POST", "/v1/tasks/x/cancel", 404),
    ("POST", "/v1/tasks/x/run", 404),
    ("POST", "/v1/tasks/x/retry", 404),
    ("GET", "/v1/tasks", 503),
    ("PUT", "/v1/tasks", 405),
    ("DELETE", "/v1/tasks/x", 405),
    ("OPTIONS", "/v1/tasks", 405),
    ("POST", "/healthz", 405),
    ("OPTIONS", "/healthz", 405),
    ("GET", "/", 404),
    ("GET", "", 404),
    ("GET", "/v1", 404),
    ("GET", "/openapi.json", 200),
    ("GET", "/v1/tasks/healthz", 404),
    ("GET", "/healthz/", 404),
    ("GET", "//healthz", 404),
    ("GET", "/HEALTHZ", 404),
    ("GET", "/%68ealthz", 404),
    ("GET", "/healthz%00", 404),
    ("GET", "/healthz%2f", 404),
    ("GET", "/healthz/../v1/tasks/x", 404),
    ("GET", "/healthz/%2e%2e/v1/tasks/x", 404),
    ("GET", "/healthz;/v1/tasks/x", 404),
    ("GET", "/healthz\\..\\v1\\tasks\\x", 404),
    ("GET", "/v1/tasks/x?/../../healthz", 404),
    ("GET", "/v1/tasks/x#/healthz", 404),
    ("GET", "/healthz /v1", 404),
];

#[tokio::test]
async fn a_caller_is_let_in_everywhere() {
    for (method, path, status) in ASKED {
        for (auth, authorizer) in [(Auth::Iam, iam()), (issued(), jwt(ISSUER))] {
            let answer = answer(&auth, &passed(event(method, path), authorizer)).await;
            assert_eq!(answer.status, *status, "{auth:?} {method} {path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn nobody_else_is_told_anything() {
    for (method, path, _) in ASKED {
        for auth in [Auth::Iam, issued()] {
            let answer = answer(&auth, &event(method, path)).await;
            is_refused(&auth, &answer, &format!("{auth:?} {method} {path}"));
        }
    }
}

#[tokio::test]
async fn an_authorizer_must_say_what_is_expected() {
    let strange = [
        json!(null),
        json!({}),
        json!({"iam": null}),
        json!({"iam": {}}),
        json!({"iam": {"userArn": null, "accessKey": "AKIAIOSFODNN7EXAMPLE"}}),
        json!({"iam": {"userArn": ""}}),
        json!({"iam": {"userArn": " "}}),
        json!({"jwt": {}}),
        json!({"jwt": {"claims": null, "scopes": null}}),
        json!({"jwt": {"claims": {}, "scopes": ["all"]}}),
        json!({"jwt": {"claims": {"sub": "user-42"}}}),
        json!({"jwt": {"claims": {"iss": "", "sub": "user-42"}}}),
        // A Lambda authorizer, which the template does not have, and that of a REST API.
        json!({"lambda": {"iss": ISSUER, "userArn": "arn:aws:iam::123456789012:user/me"}}),
        json!({"claims": {"iss": ISSUER}, "userArn": "arn:aws:iam::123456789012:user/me"}),
        jwt("https://other.example.com/"),
        jwt(ISSUER.trim_end_matches('/')),
        jwt(&ISSUER.to_uppercase()),
    ];
    for authorizer in strange {
        for auth in [Auth::Iam, issued()] {
            let answer = answer(&auth, &passed(event("GET", "/v1/tasks/x"), authorizer.clone())).await;
            is_refused(&auth, &answer, &format!("{auth:?} {authorizer}"));
        }
    }
    let crossed = [(Auth::Iam, jwt(ISSUER)), (issued(), iam()), (Auth::Jwt { issuer: String::new() }, jwt(""))];
    for (auth, authorizer) in crossed {
        let answer = answer(&auth, &passed(event("GET", "/v1/tasks/x"), authorizer)).await;
        is_refused(&auth, &answer, &format!("{auth:?}"));
    }
}

#[tokio::test]
async fn a_token_need_not_name_a_subject() {
    let mut authorizer = jwt(ISSUER);
    authorizer["jwt"]["claims"].as_object_mut().unwrap().remove("sub");
    assert_eq!(answer(&issued(), &passed(event("GET", "/v1/tasks/x"), authorizer)).await.status, 404);
}

#[tokio::test]
async fn health_is_open_and_says_nothing_more() {
    for (method, body) in [("GET", r#"{"status":"ok"}"#), ("HEAD", "")] {
        for auth in [Auth::Iam, issued()] {
            let answer = answer(&auth, &event(method, "/healthz")).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, body), "{method}");
            assert_eq!(answer.headers["x-request-id"].len(), 16);
        }
    }
    // What a URL would make `/healthz` of is not it: IAM has judged the path as it stands, so nothing else is routed.
    for path in
        ["/v1/tasks/../../healthz", "/healthz?/v1/tasks/x", "/healthz#/v1/tasks/x", "/healthz/../v1\\..\\healthz"]
    {
        is_refused(&Auth::Iam, &answer(&Auth::Iam, &event("GET", path)).await, path);
    }
}

#[tokio::test]
async fn a_path_is_routed_as_it_stands_or_not_at_all() {
    // IAM lets this caller cancel, and nothing else; each of these would be a submit to who parses it as a URL.
    for path in [
        "/v1/tasks/../tasks?/cancel",
        "/v1/tasks/x/../../tasks?/cancel",
        "/v1/tasks/../tasks#/cancel",
        "/v1/tasks/%2e%2e/tasks%3F/cancel",
        "/v1/tasks/x/run?/cancel",
        "/v1/tasks/./cancel",
        "//v1/tasks",
    ] {
        assert_eq!(answer(&Auth::Iam, &passed(event("POST", path), iam())).await.status, 404, "{path}");
    }
    for (header, value) in [
        ("x-forwarded-proto", "https://e/v1/tasks?"),
        ("x-forwarded-proto", "https://e/v1/tasks#"),
        ("x-forwarded-proto", "x y"),
        ("x-forwarded-proto", "://"),
        ("host", "a b"),
        ("host", "x:99999"),
        ("host", "[::"),
        ("host", "example.com/v1/tasks?"),
    ] {
        let mut moved = passed(event("POST", "/v1/tasks/x/cancel"), iam());
        moved["headers"][header] = json!(value);
        let answer = answer(&Auth::Iam, &moved).await;
        assert_eq!((answer.status, answer.body.contains("task")), (404, true), "{header}: {value}");
    }
}

#[tokio::test]
async fn an_event_that_is_no_request_is_told_so() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut event = passed(event("GET", "/v1/tasks/x"), iam());
        change(&mut event);
        event::read(&event.to_string(), &BasePath::default()).err()
    };
    let no = |fault: event::NoRequest| Some(fault);
    assert_eq!(changed(&|_| ()), None);
    assert_eq!(changed(&|event| event["version"] = json!("1.0")), no(event::NoRequest::Shape));
    assert_eq!(changed(&|event| event["headers"]["cookie"] = json!("\u{1}")), no(event::NoRequest::Shape));
    assert_eq!(changed(&|event| event["rawQueryString"] = json!("a b")), no(event::NoRequest::Query));
    let encoded = |event: &mut Value, body: &str| {
        event["isBase64Encoded"] = json!(true);
        event["body"] = json!(body);
    };
    assert_eq!(changed(&|event| encoded(event, "e30=")), None);
    assert_eq!(changed(&|event| encoded(event, "e30=!")), no(event::NoRequest::Body));
    // Too long for a URL, and for a route.
    assert_eq!(changed(&|event| event["rawQueryString"] = json!("q".repeat(70_000))), no(event::NoRequest::Query));
    let long = passed(event("GET", &format!("/{}", "p".repeat(70_000))), iam());
    assert_eq!(answer(&Auth::Iam, &long).await.status, 404);
}

#[tokio::test]
async fn what_is_checked_is_what_is_routed() {
    // Of the event's three paths the router goes by `rawPath`, and of its methods by the context's.
    let mut crossed = event("GET", "/v1/tasks/x");
    crossed["requestContext"]["http"]["path"] = json!("/healthz");
    crossed["requestContext"]["routeKey"] = json!("GET /healthz");
    crossed["routeKey"] = json!("GET /healthz");
    is_refused(&Auth::Iam, &answer(&Auth::Iam, &crossed).await, "rawPath");
    crossed["path"] = json!("/healthz");
    assert_eq!(
        event::read(&crossed.to_string(), &BasePath::default()).err(),
        Some(event::NoRequest::Shape),
        "two paths are no event"
    );

    let mut posted = event("POST", "/healthz");
    posted["httpMethod"] = json!("GET");
    is_refused(&Auth::Iam, &answer(&Auth::Iam, &posted).await, "method");

    // A query or a host that looks like a path.
    let mut query = event("GET", "/v1/tasks/x");
    query["rawQueryString"] = json!("/../../healthz");
    is_refused(&Auth::Iam, &answer(&Auth::Iam, &query).await, "query");
    let mut host = event("POST", "/v1/tasks");
    host["headers"]["host"] = json!("example.com/healthz?");
    is_refused(&Auth::Iam, &answer(&Auth::Iam, &host).await, "host");
    host["requestContext"]["http"]["method"] = json!("GET");
    is_refused(&Auth::Iam, &answer(&Auth::Iam, &host).await, "host");
}

#[tokio::test]
async fn no_other_event_comes_as_far() {
    let load_balancer = json!({"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:a:b:c/d"}},
        "httpMethod": "GET", "path": "/v1/tasks/x", "headers": {}, "body": "", "isBase64Encoded": false});
    let rest = json!({"resource": "/{proxy+}", "path": "/v1/tasks/x", "httpMethod": "GET", "headers": {},
        "requestContext": {"path": "/v1/tasks/x", "httpMethod": "GET", "stage": "prod", "identity": {"userArn": "arn"}}});
    for event in [load_balancer, rest, json!({"target": {"handler": "echo"}}), json!({}), json!("/healthz")] {
        assert_eq!(
            event::read(&event.to_string(), &BasePath::default()).err(),
            Some(event::NoRequest::Shape),
            "{event}"
        );
    }
    // And a request that is of no event, as a router that is served directly gets it.
    let direct = Request::get("/v1/tasks/x").body(Body::empty()).unwrap();
    let answer = Answer::of(guarded(api().await, Auth::Iam).oneshot(direct).await.unwrap()).await;
    is_refused(&Auth::Iam, &answer, "direct");
    // A function URL's event is an HTTP API's in shape; one that is open to all has no authorizer.
    let mut url = event("POST", "/v1/tasks");
    url["requestContext"]["domainName"] = json!("abc.lambda-url.eu-west-1.on.aws");
    url["requestContext"]["accountId"] = json!("anonymous");
    is_refused(&Auth::Iam, &self::answer(&Auth::Iam, &url).await, "function url");
    // One of the type AWS_IAM is a door of its own, whose callers the account has named.
    assert_eq!(self::answer(&Auth::Iam, &passed(url.clone(), iam())).await.status, 415);
    is_refused(&issued(), &self::answer(&issued(), &passed(url, iam())).await, "function url, with JWT");
}

#[tokio::test]
async fn cross_origin_requests_are_the_gateways_business() {
    // What a browser asks before it lets a page call, and what it sends then: no answer of ours opens anything.
    for method in [Method::OPTIONS, Method::GET, Method::POST] {
        for path in ["/v1/tasks", "/v1/tasks/x", "/healthz", "/elsewhere"] {
            let asked = Request::builder()
                .method(&method)
                .uri(path)
                .header("origin", "https://evil.example.com")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type")
                .body(Body::empty())
                .unwrap();
            let answer = Answer::of(router(api().await).oneshot(asked).await.unwrap()).await;
            let opens = answer.headers.keys().any(|name| name.as_str().starts_with("access-control-"));
            assert!(!opens, "{method} {path}: {:?}", answer.headers);
            if method == Method::OPTIONS {
                let expected = if path == "/elsewhere" { 404 } else { 405 };
                assert_eq!(answer.status, expected, "{path}");
                assert_eq!(answer.headers.contains_key("allow"), expected == 405, "{path}");
            }
        }
    }
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a call logs, with a last line as its span closes.
async fn logged(auth: &Auth, mut event: Value) -> (Vec<Value>, String) {
    // With one subscriber in the process, tracing asks only the thread that reaches an event first whether it matters, and
    // other tests' threads have none. This one makes two.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    event["headers"]["authorization"] = json!("Bearer eyJhbGciOiJSUzI1NiJ9.secret.token");
    let log = Log::default();
    let writer = log.clone();
    let logs = tracing_subscriber::fmt().json().flatten_event(true).with_span_events(FmtSpan::CLOSE);
    let subscriber = logs.with_writer(move || writer.clone()).finish();
    let request = event::read(&event.to_string(), &BasePath::default()).unwrap().into_http();
    let api = guarded(api().await, auth.clone());
    async { api.oneshot(request).await.unwrap() }.with_subscriber(subscriber).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let request = |line: &Value| line["span"]["name"] == "request";
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(request).collect(), text)
}

#[tokio::test]
async fn refusals_and_callers_are_logged_without_secrets() {
    let stranger = passed(event("GET", "/v1/tasks/x"), jwt("https://other.example.com/"));
    let (lines, text) = logged(&issued(), stranger).await;
    let line = &lines[0];
    assert_eq!((&line["level"], &line["auth.expected"]), (&json!("WARN"), &json!("JWT")), "{text}");
    assert_eq!(line["auth.fault"], "the token is of another issuer");
    let span = &line["span"];
    assert_eq!((&span["http.method"], &span["http.path"]), (&json!("GET"), &json!("/v1/tasks/x")), "{text}");
    assert!(span["request.id"].is_string() && span["caller"].is_null(), "{text}");
    for secret in ["eyJ", "not for the log", "user-42", "other.example.com"] {
        assert!(!text.contains(secret), "{text}");
    }

    let arn = "arn:aws:sts::123456789012:assumed-role/deployer/deploy";
    for (auth, authorizer, caller) in [(Auth::Iam, iam(), arn), (issued(), jwt(ISSUER), "user-42")] {
        let (lines, text) = logged(&auth, passed(event("GET", "/v1/tasks/x"), authorizer)).await;
        let closing = lines.last().unwrap();
        assert_eq!((&closing["message"], &closing["span"]["caller"]), (&json!("close"), &json!(caller)), "{text}");
        for secret in ["eyJ", "not for the log", "ASIA", "groups"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
