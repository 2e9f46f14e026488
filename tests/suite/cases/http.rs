//! Tasks with HTTP targets.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
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
async fn a_queue_signs_with_its_own_secrets() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let secrets = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw emails:whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let http = Http::new(Allowed::parse("127.0.0.1").unwrap(), Secrets::parse(secrets).unwrap()).unwrap();
    let executor = Executor::new(world.services(), Targets::new(shipped(), http).unwrap());
    for (queue, secret) in [("default", 0), ("emails", 1), ("orders", 0)] {
        let mut task = to(&receiver.url);
        task["queue"] = queue.into();
        world.api.submit(task).await;
        world.work(&executor).await;
        let request = receiver.requests().pop().unwrap();
        let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
        let secret = secrets.split([' ', ':']).filter(|word| word.starts_with("whsec_")).nth(secret).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(&secret[6..]).unwrap()).unwrap();
        mac.update(format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), request.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(header("webhook-signature"), expected, "{queue}");
    }
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
    assert_eq!(seen, [("PUT /", "raw\n"), ("POST /", "\"quoted\""), ("POST /", "null"), ("GET /", "")]);
    assert_eq!(requests[0].headers["x-a"], "b");
}

#[tokio::test]
async fn every_body_has_its_length_and_type() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let text = json!({"content-type": "text/plain; charset=utf-8"});
    let cases = [
        ("POST", json!({}), json!(null), "null", Some("application/json"), Some("4")),
        ("PUT", json!({}), json!(null), "null", Some("application/json"), Some("4")),
        ("PATCH", json!({}), json!(null), "null", Some("application/json"), Some("4")),
        ("POST", text.clone(), json!(null), "null", Some("text/plain; charset=utf-8"), Some("4")),
        ("POST", text.clone(), json!(""), "", Some("text/plain; charset=utf-8"), Some("0")),
        ("PUT", text, json!("é"), "é", Some("text/plain; charset=utf-8"), Some("2")),
        ("DELETE", json!({}), json!(null), "", None, Some("0")),
        ("DELETE", json!({}), json!([1]), "[1]", Some("application/json"), Some("3")),
        ("GET", json!({}), json!([1]), "", None, None),
        ("HEAD", json!({}), json!(null), "", None, None),
    ];
    for (method, headers, payload, ..) in &cases {
        let http = json!({"url": &receiver.url, "method": method, "headers": headers});
        let id = world.api.submit(json!({"target": {"http": http}, "payload": payload})).await;
        world.work(&world.executor(shipped())).await;
        assert_eq!(world.api.task(id).await["state"], "succeeded");
    }
    for (request, (method, _, payload, body, media, length)) in receiver.requests().iter().zip(cases) {
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(request.line, format!("{method} /"));
        assert_eq!(request.body, body, "{method} {payload}");
        assert_eq!((header("content-type"), header("content-length")), (media, length), "{method} {payload}");
        assert_eq!((header("accept-encoding"), header("transfer-encoding")), (Some("identity"), None));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_text_keeps_its_bytes() {
    let bytes: Vec<u8> = (0..1024_u32).map(|i| (i * 7 % 256) as u8).collect();
    let world = World::new().await;
    let replies = [Reply::of(200).body(bytes.clone()), Reply::of(200).body("é\0"), Reply::of(400).body(bytes.clone())];
    let receiver = Receiver::start(replies.to_vec()).await;
    let (_, task) = delivered(&world, &receiver).await;
    let result = task["result"].as_object().unwrap();
    let kept = STANDARD.decode(result["body_base64"].as_str().unwrap()).unwrap();
    assert!(kept == bytes && !result.contains_key("body") && !result.contains_key("body_truncated"), "{task}");
    let (_, task) = delivered(&world, &receiver).await;
    assert_eq!((&task["result"]["body"], &task["result"]["body_base64"]), (&json!("é\0"), &json!(null)));
    let (_, task) = delivered(&world, &receiver).await;
    assert_eq!(task["error"]["message"], "400 Bad Request, with 1024 bytes that are not UTF-8");
}

#[tokio::test]
async fn what_a_receiver_sets_for_its_own_session_is_not_kept() {
    let world = World::new().await;
    let reply = Reply::of(200)
        .header("set-cookie", "session=tell-nobody")
        .header("x-auth-token", "tell-nobody")
        .header("www-authenticate", "Basic realm=x")
        .header("location", "https://u:tell-nobody@example.com/a?token=tell-nobody&b=c")
        .header("link", "</a?sig=tell-nobody>; rel=next")
        .header("etag", "\"7\"");
    let receiver = Receiver::start(vec![reply]).await;
    let (_, task) = delivered(&world, &receiver).await;
    assert!(!task.to_string().contains("tell-nobody"), "{task}");
    assert_eq!(task["result"]["headers"]["etag"], "\"7\"");
    assert_eq!(task["result"]["headers"]["www-authenticate"], "Basic realm=x");
    assert_eq!(task["result"]["headers"]["location"], "https://*masked*@example.com/a?token=*masked*&b=c");
    assert_eq!(task["result"]["headers"]["link"], "</a?sig=*masked*>; rel=next");
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
async fn a_receiver_can_lengthen_the_pause_with_retry_after() {
    for (asked, due) in [
        ("299.997", "2026-11-23T08:05:00.000Z"),
        ("18446744073709551616", "2026-11-24T08:00:00.000Z"),
        ("120", "2026-11-23T08:02:00.000Z"),
        ("Mon, 23 Nov 2026 08:03:00 GMT", "2026-11-23T08:03:00.000Z"),
        ("7200", "2026-11-23T10:00:00.000Z"),
        ("Mon, 23-Nov-2026 08:03:00 GMT", "2026-11-23T08:03:00.000Z"),
        ("2026-11-23 08:03:00", "2026-11-23T08:03:00.000Z"),
        ("\"120 s\"; a=b", "2026-11-23T08:02:00.000Z"),
        ("90, 120, 60", "2026-11-23T08:02:00.000Z"),
    ] {
        let world = World::new().await;
        let receiver = Receiver::start(vec![Reply::of(429).header("retry-after", asked), Reply::of(200)]).await;
        let (id, task) = delivered(&world, &receiver).await;
        assert_eq!(task["next_attempt_at"], due, "{task}");
        assert_eq!(world.end(&world.executor(shipped()), id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_receiver_cannot_shorten_the_pause() {
    for asked in ["0", "1", "-5", "Mon, 23 Nov 2026 07:00:00 GMT", "soon", ""] {
        let world = World::new().await;
        let receiver = Receiver::start(vec![Reply::of(503).header("retry-after", asked)]).await;
        let retry = json!({"max_attempts": 20, "min_backoff_seconds": 600, "max_backoff_seconds": 600});
        let task = json!({"target": {"http": {"url": &receiver.url}}, "retry": retry});
        let id = world.api.submit(task).await;
        world.work(&world.executor(shipped())).await;
        let task = world.api.task(id).await;
        assert_eq!(task["next_attempt_at"], "2026-11-23T08:10:00.000Z", "{asked}: {task}");
    }
}

#[tokio::test]
async fn the_longest_of_several_pauses_counts() {
    let world = World::new().await;
    let reply = Reply::of(429).header("retry-after", "5").header("retry-after", "120").header("retry-after", "soon");
    let receiver = Receiver::start(vec![reply]).await;
    let (_, task) = delivered(&world, &receiver).await;
    assert_eq!(task["next_attempt_at"], "2026-11-23T08:02:00.000Z", "{task}");
}

#[tokio::test]
async fn a_status_without_a_name_is_shown_as_its_number() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(520)]).await;
    let (_, task) = delivered(&world, &receiver).await;
    assert_eq!((&task["state"], &task["error"]["message"]), (&json!("queued"), &json!("520")), "{task}");
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
    assert_eq!(task["result"]["body_truncated"], true);
}
