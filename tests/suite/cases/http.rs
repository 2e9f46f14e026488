//! Tasks with HTTP targets.

use serde_json::{Value, json};
use taskway_executor::{
    Executor,
    handlers::shipped,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_protocol::TaskId;
use taskway_tests::{Receiver, Reply, World};

fn to(url: &str) -> Value {
    json!({"target": {"http": {"url": url}}, "payload": {"user": 42}})
}

async fn delivered(world: &World, receiver: &Receiver) -> (TaskId, Value) {
    let id = world.api.submit(to(&format!("{}/hook?a=b", receiver.url))).await;
    world.work(&world.executor(shipped())).await;
    (id, world.api.task(id).await)
}

#[tokio::test]
async fn a_task_is_delivered_and_the_answer_is_its_result() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(201).header("x-answer", "yes").body("done")]).await;
    let (id, task) = delivered(&world, &receiver).await;
    assert_eq!(task["state"], "succeeded", "{task}");
    assert_eq!((&task["result"]["status"], &task["result"]["body"]), (&json!(201), &json!("done")));
    assert_eq!(task["result"]["headers"]["x-answer"], "yes");
    let requests = receiver.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((&*request.line, &*request.body), ("POST /hook?a=b", r#"{"user":42}"#));
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(header("webhook-id"), Some(id.to_string()));
    assert_eq!(header("webhook-timestamp").as_deref(), Some("1795420800"));
    assert_eq!((header("taskway-attempt").as_deref(), header("taskway-fence").as_deref()), (Some("1"), Some("1")));
}

#[tokio::test]
async fn deliveries_are_signed() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let secrets = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let http = Http::new(Allowed::parse("127.0.0.1").unwrap(), Secrets::parse(secrets).unwrap()).unwrap();
    let executor = Executor::new(world.services(), Targets::new(shipped(), http).unwrap());
    world.api.submit(to(&receiver.url)).await;
    world.work(&executor).await;
    let signature = receiver.requests()[0].headers["webhook-signature"].to_str().unwrap().to_owned();
    assert_eq!(signature.split(' ').filter(|one| one.starts_with("v1,")).count(), 2, "{signature}");
}

#[tokio::test]
async fn deliveries_reuse_connections() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200).body("ok"), Reply::of(503), Reply::of(200)]).await;
    let executor = world.executor(shipped());
    for _ in 0..10 {
        world.api.submit(to(&receiver.url)).await;
        world.work(&executor).await;
    }
    assert_eq!((receiver.requests().len(), receiver.connections()), (10, 1));
}

#[tokio::test]
async fn the_content_type_and_method_decide_how_a_payload_is_sent() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let url = &receiver.url;
    for (http, payload) in [
        (json!({"url": url, "method": "PUT", "headers": {"Content-Type": "text/plain", "X-A": "b"}}), json!("raw\n")),
        (json!({"url": url}), json!("quoted")),
        (json!({"url": url}), json!(null)),
        (json!({"url": url, "method": "GET"}), json!(1)),
    ] {
        world.api.submit(json!({"target": {"http": http}, "payload": payload})).await;
        world.work(&world.executor(shipped())).await;
    }
    let requests = receiver.requests();
    let seen: Vec<_> = requests.iter().map(|request| (&*request.line, &*request.body)).collect();
    assert_eq!(seen, [("PUT /", "raw\n"), ("POST /", "\"quoted\""), ("POST /", ""), ("GET /", "")]);
    assert_eq!(requests[0].headers["x-a"], "b");
}

#[tokio::test]
async fn a_client_error_is_final() {
    for status in [400, 401, 404, 410, 422] {
        let world = World::new().await;
        let receiver = Receiver::start(vec![Reply::of(status).body("no such user")]).await;
        let (_, task) = delivered(&world, &receiver).await;
        assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("http")), "{status}");
        assert!(task["error"]["message"].as_str().unwrap().contains("no such user"));
        assert_eq!((receiver.requests().len(), world.carried()), (1, 0));
    }
}

#[tokio::test]
async fn a_server_error_is_retried() {
    let world = World::new().await;
    let script = [500, 502, 408, 425, 200].map(Reply::of).to_vec();
    let receiver = Receiver::start(script).await;
    let (id, task) = delivered(&world, &receiver).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("queued"), &json!("http")));
    assert_eq!(world.end(&world.executor(shipped()), id).await, "succeeded");
    let attempts: Vec<_> =
        receiver.requests().iter().map(|request| request.headers["taskway-attempt"].clone()).collect();
    assert_eq!(attempts, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_receiver_can_set_the_pause_with_retry_after() {
    for (asked, due) in [
        ("120", "2026-11-23T08:02:00.000Z"),
        ("Mon, 23 Nov 2026 08:03:00 GMT", "2026-11-23T08:03:00.000Z"),
        ("7200", "2026-11-23T10:00:00.000Z"),
    ] {
        let world = World::new().await;
        let receiver = Receiver::start(vec![Reply::of(429).header("retry-after", asked), Reply::of(200)]).await;
        let (id, task) = delivered(&world, &receiver).await;
        assert_eq!(task["next_attempt_at"], due, "{task}");
        assert_eq!(world.end(&world.executor(shipped()), id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let elsewhere = Receiver::start(vec![Reply::of(200)]).await;
    let receiver = Receiver::start(vec![Reply::of(307).header("location", &*elsewhere.url)]).await;
    let (_, task) = delivered(&world, &receiver).await;
    assert_eq!((&task["state"], elsewhere.requests().len()), (&json!("failed"), 0));
}

#[tokio::test]
async fn a_refused_connection_is_retried() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let url = receiver.url.clone();
    drop(receiver);
    let id = world.api.submit(to(&url)).await;
    world.work(&world.executor(shipped())).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("queued"), &json!("http")), "{task}");
}

#[tokio::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let port = receiver.url.rsplit(':').next().unwrap();
    let http = Http::new(Allowed::default(), Secrets::default()).unwrap();
    let executor = Executor::new(world.services(), Targets::new(shipped(), http).unwrap());
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://2130706433:{port}/"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let id = world.api.submit(to(&url)).await;
        world.work(&executor).await;
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("http")), "{url}: {task}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_long_answer_is_cut_at_the_limit() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200).body("x".repeat(300_000))]).await;
    let (_, task) = delivered(&world, &receiver).await;
    assert_eq!((&task["state"], task["result"]["body"].as_str().unwrap().len()), (&json!("succeeded"), 65_536));
}
