//! Credentials of HTTP targets: sent as they are, and masked in every answer.

use http::Method;
use serde_json::{Value, json};
use taskway_executor::handlers::shipped;
use taskway_tests::{Answer, Receiver, Reply, World};

/// A part of every credential of these tests.
const SECRET: &str = "tell-nobody";

/// A target with a credential of each kind.
fn target(url: &str) -> Value {
    let headers = json!({
        "Authorization": "Bearer tell-nobody-1", "cookie": "a=tell-nobody-2", "x-api-key": "tell-nobody-3",
        "x-upstream": "Basic tell-nobody-4", "x-tenant": "acme",
    });
    json!({"http": {"url": format!("{url}/hook?a=b&token=tell-nobody-5"), "method": "PUT", "headers": headers}})
}

fn is_masked(answer: &Answer) {
    let text = answer.body.to_string();
    assert!(!text.contains(SECRET), "{text}");
    assert!(text.contains("*masked*") && text.contains("acme") && text.contains("a=b&token="), "{text}");
}

#[tokio::test]
async fn no_answer_shows_a_credential_and_the_delivery_has_all() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let task = json!({"target": target(&receiver.url), "labels": {"a": "b"}});
    let submitted = world.api.try_submit(&task).await;
    assert_eq!(submitted.status, 202, "{}", submitted.body);
    is_masked(&submitted);
    let id = submitted.id();
    is_masked(&world.api.get(id).await);
    is_masked(&world.api.change(id, &json!({"priority": "high"})).await);
    is_masked(&world.api.read("/v1/tasks").await);
    is_masked(&world.api.post("/v1/tasks/batch", &[], json!({ "tasks": [&task] }).to_string()).await);
    is_masked(&world.api.act(id, "run").await);
    assert_eq!(world.end(&world.executor(shipped()), id).await, "succeeded");
    is_masked(&world.api.get(id).await);
    is_masked(&world.api.act(id, "retry").await);
    is_masked(&world.api.act(id, "cancel").await);

    let requests = receiver.requests();
    let request = &requests[0];
    assert_eq!(request.line, "PUT /hook?a=b&token=tell-nobody-5");
    let sent = |name: &str| request.headers[name].to_str().unwrap();
    assert_eq!((sent("authorization"), sent("cookie")), ("Bearer tell-nobody-1", "a=tell-nobody-2"));
    assert_eq!((sent("x-api-key"), sent("x-upstream")), ("tell-nobody-3", "Basic tell-nobody-4"));
}

#[tokio::test]
async fn a_task_that_failed_shows_no_credential_either() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(401).body("no")]).await;
    let id = world.api.submit(json!({"target": target(&receiver.url)})).await;
    assert_eq!(world.end(&world.executor(shipped()), id).await, "failed");
    is_masked(&world.api.get(id).await);
    is_masked(&world.api.read("/v1/dead").await);
}

#[tokio::test]
async fn a_mask_that_was_copied_is_refused_by_name() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": target("https://example.com")})).await;
    let copied = json!({"target": world.api.task(id).await["target"]});
    let answers = [
        world.api.try_submit(&copied).await,
        world.api.put_schedule("new", &json!({"every_seconds": 60, "task": copied})).await,
    ];
    for (answer, before) in answers.iter().zip(["", "/task"]) {
        assert_eq!(answer.status, 422, "{}", answer.body);
        let errors = answer.body["errors"].as_array().unwrap();
        let told: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        let http = format!("{before}/target/http");
        let named = ["url", "headers/authorization", "headers/cookie", "headers/x-api-key", "headers/x-upstream"];
        assert_eq!(told, named.map(|name| format!("{http}/{name}")));
        assert!(errors[0]["detail"].as_str().unwrap().contains("give the credential itself"), "{}", errors[0]);
    }
}

#[tokio::test]
async fn a_mask_is_refused_in_any_spelling() {
    let world = World::new().await;
    for (http, place) in [
        (json!({"url": "https://example.com/?token=%2Amasked%2A"}), "url"),
        (json!({"url": "https://example.com/?next=https%3A%2F%2F%252AMasked%252A%40h"}), "url"),
        (
            json!({"url": "https://example.com/", "headers": {"authorization": "bearer *MASKED*"}}),
            "headers/authorization",
        ),
    ] {
        let answer = world.api.try_submit(&json!({"target": {"http": http}})).await;
        assert_eq!(answer.status, 422, "{http}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], format!("/target/http/{place}"));
    }
}

#[tokio::test]
async fn no_vendors_credential_is_shown() {
    let world = World::new().await;
    let next = "https%3A%2F%2Fu%3Atell-nobody%40example.com%2F";
    let http = json!({
        "url": format!("https://example.com/?a=b&token=x;tell-nobody&AWSAccessKeyId=tell-nobody&next={next}"),
        "headers": {
            "x-honeycomb-team": "tell-nobody", "x-newrelic-license": "tell-nobody", "x-pin": "tell-nobody",
            "x-a": "Token tell-nobody", "x-b": "AWS4-ECDSA-P256-SHA256 Credential=tell-nobody", "x-c": "ghp_tell-nobody",
            "x-d": "eyJh.tell-nobody.x", "x-e": "\"Bearer tell-nobody\"", "x-tenant": "acme",
        },
    });
    let id = world.api.submit(json!({"target": {"http": http}, "delay_seconds": 600})).await;
    is_masked(&world.api.get(id).await);
}

#[tokio::test]
async fn the_same_key_finds_its_task_with_the_credentials_and_not_with_others() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let task = json!({"target": target(&receiver.url), "idempotency_key": "k"});
    let id = world.api.submit(task.clone()).await;
    assert_eq!(world.end(&world.executor(shipped()), id).await, "succeeded");
    let again = world.api.try_submit(&task).await;
    assert_eq!((again.status, again.id()), (200, id));
    is_masked(&again);
    let mut other = task;
    other["target"]["http"]["headers"]["x-api-key"] = json!("another");
    assert_eq!(world.api.try_submit(&other).await.status, 422);
}

/// What a client puts that reads a schedule and changes a field of it.
fn put_back(shown: &Value, name: &str, value: Value) -> Value {
    let mut schedule = shown.clone();
    let fields = schedule.as_object_mut().unwrap();
    fields
        .retain(|name, value| !["name", "created_at", "next_runs", "last_run"].contains(&&**name) && !value.is_null());
    fields.insert(name.to_owned(), value);
    schedule["task"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    schedule
}

#[tokio::test]
async fn a_schedule_that_is_put_back_as_it_was_shown_keeps_its_credentials() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let schedule = json!({"every_seconds": 60, "task": {"target": target(&receiver.url)}});
    is_masked(&world.api.put_schedule("poll", &schedule).await);
    let shown = world.api.schedule("poll").await;
    is_masked(&shown);
    is_masked(&world.api.read("/v1/schedules").await);

    let paused = put_back(&shown.body, "jitter_seconds", json!(1));
    let answer = world.api.put_schedule("poll", &paused).await;
    assert_eq!((answer.status, &answer.body["jitter_seconds"]), (200, &json!(1)), "{}", answer.body);
    is_masked(&answer);
    world.minutes(&world.executor(shipped()), 3).await;
    let requests = receiver.requests();
    assert!(!requests.is_empty());
    for request in requests {
        assert_eq!(request.headers["authorization"], "Bearer tell-nobody-1");
        assert_eq!(request.line, "PUT /hook?a=b&token=tell-nobody-5");
    }
    is_masked(&world.api.read("/v1/tasks").await);
}

#[tokio::test]
async fn a_stored_credential_does_not_follow_its_schedule_to_another_url() {
    let world = World::new().await;
    let schedule = json!({"every_seconds": 60, "task": {"target": target("https://example.com")}});
    assert_eq!(world.api.put_schedule("poll", &schedule).await.status, 201);
    let shown = world.api.schedule("poll").await.body;
    for (field, value) in [("url", json!("https://evil.example/")), ("method", json!("POST"))] {
        let mut moved = put_back(&shown, "paused", json!(false));
        moved["task"]["target"]["http"][field] = value;
        let answer = world.api.put_schedule("poll", &moved).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.body.to_string().contains("/task/target/http/headers/authorization"), "{}", answer.body);
    }
    let elsewhere = world.api.put_schedule("other", &put_back(&shown, "paused", json!(false))).await;
    assert_eq!(elsewhere.status, 422, "{}", elsewhere.body);
}

#[tokio::test]
async fn a_refusal_does_not_repeat_a_credential() {
    let world = World::new().await;
    for target in [
        json!({"url": "ftp://user:tell-nobody@example.com/?key=tell-nobody"}),
        json!({"url": "https://user:tell-nobody@example.com/"}),
        json!({"url": "https://example.com/?key=tell-nobody#f"}),
        json!({"url": "https://example.com/", "headers": {"authorization": "tell-nobody\n"}}),
        json!({"url": "https://example.com/", "headers": {"cookie": ["tell-nobody"]}}),
    ] {
        let answer = world.api.try_submit(&json!({"target": {"http": target}})).await;
        assert_eq!(answer.status, 422, "{target}");
        assert!(!answer.body.to_string().contains(SECRET), "{}", answer.body);
    }
    let answer = world.api.ask(Method::GET, "/v1/tasks?state=nope", &[("authorization", "tell-nobody")], "").await;
    assert!(answer.status == 422 && !answer.body.to_string().contains(SECRET), "{}", answer.body);
}
