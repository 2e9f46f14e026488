//! Requests as API Gateway sends them: one line for each header, and paths under a stage or a custom domain.

use serde_json::{Value, json};
use taskway_submit::{Auth, BasePath, event, guarded};
use taskway_tests::World;
use tower::ServiceExt;

const TASK: &str = r#"{"target": {"handler": "note"}, "delay_seconds": 600}"#;

/// An event of an HTTP API, whose id is `a1b2`, with a caller.
fn event(method: &str, path: &str, headers: Value, body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": format!("{method} /{{proxy+}}"), "rawPath": path, "rawQueryString": "",
        "headers": headers, "body": body, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a1b2", "domainName": "a1b2.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2", "requestId": "x", "routeKey": format!("{method} /{{proxy+}}"), "stage": "$default",
            "time": "22/Nov/2026:13:05:21 +0000", "timeEpoch": 1_795_352_721_371_i64,
            "authorizer": {"iam": {"userArn": "arn:aws:iam::123456789012:user/me"}},
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "x"}
        }
    })
}

/// The event, as it comes by a custom domain or to a stage.
fn by(mut event: Value, domain: Option<&str>, stage: &str) -> Value {
    let context = &mut event["requestContext"];
    context["stage"] = json!(stage);
    if let Some(domain) = domain {
        context["domainName"] = json!(domain);
        context["domainPrefix"] = json!(domain.split('.').next());
    }
    event
}

/// Status, `Location`, and the body.
async fn answer(world: &World, base: &str, event: &Value) -> (u16, String, Value) {
    let base: BasePath = base.parse().unwrap();
    let request = event::read(&event.to_string(), &base).unwrap().into_http();
    let answer = guarded(world.submit(), Auth::Iam).oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let location = head.headers.get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (head.status.as_u16(), location, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn keys_that_the_gateway_has_joined_are_the_key_that_they_were() {
    let world = World::new().await;
    let submit = async |key: &str| {
        let headers = json!({"content-type": "application/json", "idempotency-key": key});
        answer(&world, "", &event("POST", "/v1/tasks", headers, TASK)).await
    };
    let (status, _, first) = submit("k,k").await;
    assert_eq!(status, 202, "{first}");
    assert_eq!(first["idempotency_key"], "k");
    // A replay of a task younger than two seconds waits before it checks whether the message was sent.
    world.pass_secs(60);
    for again in ["k", "k, k", "\"k\",k"] {
        let (status, _, task) = submit(again).await;
        assert_eq!((status, &task["id"]), (200, &first["id"]), "{again}");
    }
    let (status, _, problem) = submit("k,l").await;
    assert_eq!((status, &problem["errors"][0]["header"]), (422, &json!("Idempotency-Key")), "{problem}");
    // Lines that another server hands over one by one.
    for (lines, status) in [(["k", "k"], 200), (["k", "l"], 422), (["l", "k"], 422)] {
        let headers = lines.map(|line| ("idempotency-key", line));
        let answer = world.api.post("/v1/tasks", &headers, TASK).await;
        assert_eq!(answer.status, status, "{lines:?}: {}", answer.body);
        if status == 200 {
            assert_eq!(answer.body["id"], first["id"]);
        }
    }
    assert_eq!(world.api.list("/v1/tasks?").await.len(), 1);
}

#[tokio::test]
async fn a_body_in_another_charset_is_415() {
    let world = World::new().await;
    for (media, expected) in [
        ("application/json; charset=utf-16", 415),
        ("application/json;Charset=\"ISO-8859-1\"", 415),
        ("application/json,application/json; charset=latin1", 415),
        ("application/json; charset=\"UTF-8\"", 202),
        ("application/json; charset=us-ascii", 202),
    ] {
        let sent = event("POST", "/v1/tasks", json!({"content-type": media}), TASK);
        let (status, _, body) = answer(&world, "", &sent).await;
        assert_eq!(status, expected, "{media}: {body}");
        if expected == 415 {
            assert_eq!(body["type"], "/problems/unsupported-media-type");
            assert!(body["detail"].as_str().unwrap().contains("must be utf-8 or left out, got "), "{body}");
        }
    }
}

#[tokio::test]
async fn a_location_leads_back_by_the_way_that_the_request_came() {
    let world = World::new().await;
    let json = json!({"content-type": "application/json"});
    let domain = Some("api.example.com");
    for (base, domain, stage, mount) in [
        ("", None, "$default", ""),
        ("", None, "prod", "/prod"),
        ("/prod", None, "prod", "/prod"),
        ("/queue", domain, "$default", "/queue"),
        ("/queue/v2", domain, "prod", "/queue/v2"),
        ("", domain, "$default", ""),
        ("/queue", None, "$default", ""),
    ] {
        let ask = async |method: &str, path: String, body: &str| {
            let sent = by(event(method, &path, json.clone(), body), domain, stage);
            answer(&world, base, &sent).await
        };
        let of = format!("{base:?} by {domain:?}, {stage}");
        let schedule = json!({"every_seconds": 3600, "task": {"target": {"handler": "note"}}}).to_string();
        let name = format!("s{}", mount.replace('/', "-"));
        let (status, put, body) = ask("PUT", format!("{mount}/v1/schedules/{name}"), &schedule).await;
        assert!([200, 201].contains(&status), "{of}: {body}");
        let (_, submitted, task) = ask("POST", format!("{mount}/v1/tasks"), TASK).await;
        let (_, run, _) = ask("POST", format!("{mount}/v1/schedules/{name}/run"), "").await;
        assert_eq!(submitted, format!("{mount}/v1/tasks/{}", task["id"].as_str().unwrap()), "{of}");
        if status == 201 {
            assert_eq!(put, format!("{mount}/v1/schedules/{name}"), "{of}");
        }
        for location in [submitted, run] {
            assert!(location.starts_with(&format!("{mount}/v1/tasks/t")), "{of}: {location}");
            let (status, _, found) = ask("GET", location.clone(), "").await;
            assert_eq!(status, 200, "{of}: {location}: {found}");
        }
        assert_eq!(ask("GET", format!("{mount}/healthz"), "").await.0, 200, "{of}");
        assert_eq!(ask("GET", format!("{mount}/elsewhere"), "").await.0, 404, "{of}");
        assert_eq!(
            ask("GET", format!("{mount}{mount}/v1/tasks"), "").await.0,
            if mount.is_empty() { 200 } else { 404 }
        );
    }
}
