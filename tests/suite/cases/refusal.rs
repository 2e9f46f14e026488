//! Refused requests and their problem documents.

use http::Method;
use serde_json::{Value, json};
use taskway_tests::{Answer, World};

/// Checks that an answer is a problem document of this status and type, as RFC 9457 defines it.
fn is_problem(answer: &Answer, status: u16, kind: &str) {
    assert_eq!((answer.status, &answer.body["type"]), (status, &json!(format!("/problems/{kind}"))), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.body["status"], status);
    assert!(answer.body["title"].is_string() && answer.body["detail"].is_string(), "{}", answer.body);
    assert!(!answer.header("x-request-id").is_empty());
}

fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_body_that_is_not_i_json_is_400() {
    let world = World::new().await;
    let deep = format!(r#"{{"target":{{"handler":"a"}},"payload":{}{}}}"#, "[".repeat(70), "]".repeat(70));
    let deeper = "[".repeat(900_000);
    for body in [
        b"" as &[u8],
        b"{",
        b"nope",
        b"{\"target\":{\"handler\":\"a\"},}",
        b"{\"target\":{\"handler\":\"a\"},\"target\":{\"handler\":\"b\"}}",
        b"{\"target\":{\"handler\":\"a\"},\"payload\":{\"a\":1,\"a\":2}}",
        b"{\"target\":{\"handler\":\"a\"},\"payload\":NaN}",
        b"{\"target\":{\"handler\":\"a\"},\"payload\":\"\\ud800\"}",
        b"\xef\xbb\xbf{\"target\":{\"handler\":\"a\"}}",
        b"{\"target\":{\"handler\":\"a\"},\"payload\":\"\xff\xfe\"}",
        b"{\"target\":{\"handler\":\"a\"},\"payload\":\"\xc3\"}",
        b"{\"target\":{\"handler\":\"a\"},\"payload\":\"a\x00b\"}",
        b"{\"target\":{\"handler\":\"a\"}} {}",
        b"\x00\x00\x00",
        deep.as_bytes(),
        deeper.as_bytes(),
    ] {
        for path in ["/v1/tasks", "/v1/tasks/batch"] {
            let answer = world.api.post(path, &[], body.to_vec()).await;
            is_problem(&answer, 400, "not-json");
        }
    }
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn an_unknown_task_or_path_is_404() {
    let world = World::new().await;
    let gone = "t".to_owned() + &"A".repeat(30);
    let long = "t".repeat(5000);
    for id in [&*gone, "x", "t", "-", "%00", "%ff%fe", "..", "%2e%2e", "t%00", "null", "t!!", "%F0%9F%98%80", &*long] {
        for (method, path) in [
            (Method::GET, format!("/v1/tasks/{id}")),
            (Method::POST, format!("/v1/tasks/{id}/cancel")),
            (Method::POST, format!("/v1/tasks/{id}/run")),
            (Method::POST, format!("/v1/tasks/{id}/retry")),
        ] {
            let answer = world.api.ask(method, &path, &[], "").await;
            // The HTTP client resolves the dots in a path, so the request may reach a path with other methods.
            assert!(answer.status == 404 || id.contains('.') || id == "%2e%2e", "{path}: {}", answer.status);
            if answer.status == 404 {
                is_problem(&answer, 404, "not-found");
            }
        }
    }
    let change = [("content-type", "application/json")];
    let answer = world.api.ask(Method::PATCH, &format!("/v1/tasks/{gone}"), &change, r#"{"priority":"low"}"#).await;
    is_problem(&answer, 404, "not-found");
    for path in ["/", "/v1", "/v1/nothing", "/v2/tasks", "/v1/tasks/a/b/c", "/v1/tasks/"] {
        is_problem(&world.api.ask(Method::GET, path, &[], "").await, 404, "not-found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_lists_the_allowed_ones() {
    let world = World::new().await;
    for (method, path, allow) in [
        (Method::PUT, "/v1/tasks", "GET, HEAD, POST"),
        (Method::DELETE, "/v1/tasks", "GET, HEAD, POST"),
        (Method::GET, "/v1/tasks/cancel", "POST"),
        (Method::POST, "/v1/dead", "GET, HEAD"),
        (Method::GET, "/v1/dead/redrive", "POST"),
        (Method::GET, "/v1/tasks/x/cancel", "POST"),
        (Method::DELETE, "/v1/tasks/x", "GET, HEAD, PATCH"),
        (Method::POST, "/v1/tasks/x", "GET, HEAD, PATCH"),
        (Method::PUT, "/v1/tasks/batch", "POST"),
        (Method::POST, "/healthz", "GET, HEAD"),
        (Method::DELETE, "/openapi.json", "GET, HEAD"),
    ] {
        let answer = world.api.ask(method.clone(), path, &[], "").await;
        is_problem(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_and_names_the_limit() {
    let world = World::new().await;
    let padded = |bytes: usize| format!(r#"{{"target":{{"handler":"a"}}{}}}"#, " ".repeat(bytes));
    let answer = world.api.post("/v1/tasks", &[], padded(2_000_000)).await;
    is_problem(&answer, 413, "too-large");
    assert_eq!(answer.body["limit_bytes"], 1_048_576);
    let answer = world.api.post("/v1/tasks/batch", &[], padded(6_000_000)).await;
    is_problem(&answer, 413, "too-large");
    assert_eq!(answer.body["limit_bytes"], 5_242_880);
    assert_eq!(world.api.post("/v1/tasks", &[], padded(1_000_000)).await.status, 202);
}

#[tokio::test]
async fn a_body_without_a_json_content_type_is_415() {
    let world = World::new().await;
    let task = r#"{"target":{"handler":"a"}}"#;
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "multipart/form-data"]
    {
        let answer = world.api.ask(Method::POST, "/v1/tasks", &[("content-type", media)], task).await;
        is_problem(&answer, 415, "unsupported-media-type");
    }
    for media in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.acme+json"] {
        let answer = world.api.ask(Method::POST, "/v1/tasks", &[("content-type", media)], task).await;
        assert_eq!(answer.status, 202, "{media}");
    }
}

#[tokio::test]
async fn every_fault_of_a_task_is_reported_with_its_pointer() {
    let world = World::new().await;
    let everything = json!({
        "queue": "-no", "target": {"handler": "no spaces"}, "priority": "urgent", "run_at": "soon",
        "deadline": "2001-01-01T00:00:00Z", "timeout_seconds": 0,
        "retry": {"max_attempts": 0, "multiplier": 11, "jitter": true}, "idempotency_key": "", "fairness_key": "ä",
        "expected_duration_ms": -1, "retain_seconds": 1.5, "labels": {"": "x", "a": 1}, "colour": "red",
    });
    let answer = world.api.try_submit(&everything).await;
    is_problem(&answer, 422, "validation");
    let mut told = pointers(&answer.body);
    told.sort_unstable();
    let expected = [
        "/colour",
        "/deadline",
        "/expected_duration_ms",
        "/fairness_key",
        "/idempotency_key",
        "/labels/",
        "/labels/a",
        "/priority",
        "/queue",
        "/retain_seconds",
        "/retry/jitter",
        "/retry/max_attempts",
        "/retry/multiplier",
        "/run_at",
        "/target/handler",
        "/timeout_seconds",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn each_wrong_field_is_422_at_its_pointer() {
    let world = World::new().await;
    let labels = |count: usize| Value::Object((0..count).map(|n| (format!("l{n}"), json!("v"))).collect());
    let http = |http: Value| json!({"target": {"http": http}});
    let mut faults = vec![
        (json!(null), ""),
        (json!([]), ""),
        (json!("task"), ""),
        (json!({}), "/target"),
        (json!({"target": {}}), "/target"),
        (json!({"target": "echo"}), "/target"),
        (json!({"target": {"handler": "a", "http": {"url": "https://example.com"}}}), "/target"),
        (json!({"target": {"handler": "a\u{0}b"}}), "/target/handler"),
        (json!({"target": {"handler": "a".repeat(65)}}), "/target/handler"),
        (json!({"target": {"lambda": {"function": "f"}}}), "/target/lambda/function"),
        (http(json!({})), "/target/http/url"),
        (http(json!({"url": "ftp://example.com"})), "/target/http/url"),
        (http(json!({"url": "https://user@example.com"})), "/target/http/url"),
        (http(json!({"url": "https://example.com", "method": "TRACE"})), "/target/http/method"),
        (http(json!({"url": "https://example.com", "headers": {"Host": "x"}})), "/target/http/headers/Host"),
        (
            http(json!({"url": "https://example.com", "headers": {"webhook-id": "x"}})),
            "/target/http/headers/webhook-id",
        ),
        (http(json!({"url": "https://example.com", "headers": {"a": "b\r\nc: d"}})), "/target/http/headers/a"),
    ];
    for (field, value, pointer) in [
        ("payload", json!("x".repeat(262_143)), "/payload"),
        ("labels", labels(17), "/labels"),
        ("labels", labels(10_000), "/labels"),
        ("labels", json!({"a/b~c": "x".repeat(257)}), "/labels/a~1b~0c"),
        ("labels", json!({"a\u{0}": "x"}), "/labels/a\u{0}"),
        ("delay_seconds", json!(31_622_401), "/delay_seconds"),
        ("delay_seconds", json!("90"), "/delay_seconds"),
        ("timeout_seconds", json!(43_201), "/timeout_seconds"),
        ("retry", json!({"min_backoff_seconds": 5, "max_backoff_seconds": 4}), "/retry/min_backoff_seconds"),
        ("retry", json!({"max_attempts": 101}), "/retry/max_attempts"),
        ("idempotency_key", json!("a\u{0}"), "/idempotency_key"),
        ("idempotency_key", json!("k".repeat(129)), "/idempotency_key"),
        ("queue", json!("a\u{0}"), "/queue"),
        ("payload_ref", json!("p"), "/payload_ref"),
        ("unknown", json!(1), "/unknown"),
        ("run_at", json!("2028-01-01T00:00:00Z"), "/run_at"),
    ] {
        faults.push((json!({"target": {"handler": "a"}, field: value}), pointer));
    }
    for (task, pointer) in faults {
        let answer = world.api.try_submit(&task).await;
        is_problem(&answer, 422, "validation");
        assert!(pointers(&answer.body).contains(&pointer), "{pointer}: {}", answer.body);
    }
    let both = json!({"target": {"handler": "a"}, "run_at": "2026-11-23T09:00:00Z", "delay_seconds": 1});
    is_problem(&world.api.try_submit(&both).await, 422, "validation");
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn a_request_with_thousands_of_faults_gets_a_short_answer() {
    let world = World::new().await;
    let fields: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("f{n}"), json!(n))).collect();
    let answer = world.api.try_submit(&Value::Object(fields)).await;
    is_problem(&answer, 422, "validation");
    assert!(answer.body["errors"].as_array().unwrap().len() <= 101);
    let labels: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("l{n}"), json!(n))).collect();
    let answer = world.api.try_submit(&json!({"target": {"handler": "a"}, "labels": labels})).await;
    is_problem(&answer, 422, "validation");
    assert_eq!(pointers(&answer.body), ["/labels"]);
}

#[tokio::test]
async fn a_null_character_in_a_payload_is_kept() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "note"}, "payload": "a\u{0}b", "labels": {"a": "b"}});
    let id = world.api.submit(task).await;
    world.work(&world.executor(taskway_tests::Effects::default().handlers())).await;
    assert_eq!(world.api.task(id).await["result"], "a\u{0}b");
}

#[tokio::test]
async fn plain_http_is_refused_unless_a_network_is_allowed() {
    let world = World::open_to("").await;
    let answer = world.api.try_submit(&json!({"target": {"http": {"url": "http://example.com"}}})).await;
    is_problem(&answer, 422, "validation");
    assert_eq!(pointers(&answer.body), ["/target/http/url"]);
}

#[tokio::test]
async fn the_health_check_reveals_nothing_about_the_system() {
    let world = World::new().await;
    let answer = world.api.ask(Method::GET, "/healthz", &[], "").await;
    assert_eq!((answer.status, answer.body), (200, json!({"status": "ok"})));
}

#[tokio::test]
async fn a_parameter_that_no_route_knows_is_named_and_nothing_is_done() {
    let world = World::new().await;
    let headers = [("content-type", "application/json")];
    let task = json!({"target": {"handler": "note"}});
    for (path, methods) in taskway_submit::paths().filter(|(path, _)| path.starts_with("/v1/")) {
        // A PUT of this would make a queue or a schedule.
        let path = path.replace("{name}", "emails").replace("{id}", &("t".to_owned() + &"A".repeat(30)));
        for method in methods.iter().filter(|method| **method != Method::HEAD) {
            let answer =
                world.api.ask(method.clone(), &format!("{path}?dry_run=true"), &headers, task.to_string()).await;
            is_problem(&answer, 422, "validation");
            let told = json!({"parameter": "dry_run", "detail": "is not a known parameter"});
            assert!(answer.body["errors"].as_array().unwrap().contains(&told), "{method} {path}: {}", answer.body);
        }
    }
    assert_eq!(world.carried(), 0);
    for list in ["tasks", "queues", "schedules"] {
        let listed = world.api.ask(Method::GET, &format!("/v1/{list}"), &[], String::new()).await;
        assert_eq!(listed.body[list], json!([]), "{list}");
    }
}
