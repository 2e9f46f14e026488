//! Payloads and results that are in the bucket.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, PayloadReader, Task};
use taskway_api::Instant;
use taskway_executor::{
    Executor,
    handlers::shipped,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_local::stack::Caller;
use taskway_protocol::{Object, TaskId};
use taskway_runtime::{
    clock::{Clock, SystemClock},
    faults::{CrashPoint, Faults},
};
use taskway_tests::{Effects, Receiver, Reply, World};
use tokio::io::AsyncReadExt;

/// A JSON text that no request may have.
fn large(letter: &str) -> String {
    json!(letter.repeat(300_000)).to_string()
}

fn of(handler: &str, payload_ref: &str) -> Value {
    json!({"target": {"handler": handler}, "payload_ref": payload_ref})
}

#[tokio::test]
async fn a_handler_gets_an_uploaded_payload_as_if_it_had_been_submitted() {
    let (world, effects) = (World::new().await, Effects::default());
    let text = large("a");
    let payload_ref = world.upload(text.as_bytes(), "").await;
    let submitted = world.api.try_submit(&of("note", &payload_ref)).await;
    assert_eq!((submitted.status, &submitted.body["payload_ref"]), (202, &json!(payload_ref)), "{}", submitted.body);
    let id = submitted.id();
    assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "succeeded");

    // The handler returns its payload, which is as large.
    let task = world.api.task(id).await;
    assert_eq!(
        (&task["payload"], &task["result"], &task["payload_ref"]),
        (&Value::Null, &Value::Null, &json!(payload_ref))
    );
    let object = Object::of(text.as_bytes());
    for url in [&task["payload_url"], &task["result_url"]] {
        let url = url.as_str().unwrap();
        assert!(url.starts_with(&world.stack.s3_url) && url.contains(&object.key_of(id)), "{url}");
    }
    assert_eq!(world.object(&object, id).await.as_deref(), Some(text.as_bytes()));
    // A list has neither.
    let listed = world.api.list("/v1/tasks").await;
    assert_eq!((listed[0].get("payload_url"), listed[0].get("result_url")), (None, None));
}

#[tokio::test]
async fn a_blocking_handler_gets_it_too() {
    let world = World::new().await;
    let handlers =
        Handlers::new().on_blocking("length", |task: Task<String>, _: Context| Ok::<_, Failure>(task.payload.len()));
    let payload_ref = world.upload(large("a").as_bytes(), "").await;
    let id = world.api.submit(of("length", &payload_ref)).await;
    assert_eq!(world.end(&world.executor(handlers), id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], 300_000);
}

async fn count(mut task: Task<PayloadReader>, _: Context) -> Result<(u64, u64), Failure> {
    let (mut read, mut part) = (0, [0; 1000]);
    loop {
        match task.payload.read(&mut part).await? {
            0 => return Ok((task.payload.bytes(), read)),
            more => read += more as u64,
        }
    }
}

#[tokio::test]
async fn a_handler_can_read_any_payload_piece_by_piece() {
    let world = World::new().await;
    let executor = world.executor(Handlers::new().on_reader("count", count));
    // An upload need not be JSON.
    let payload_ref = world.upload(&[0xff; 400_000], "").await;
    for (task, bytes) in [
        (of("count", &payload_ref), 400_000),
        (json!({"target": {"handler": "count"}, "payload": [1, 2]}), 5),
        (json!({"target": {"handler": "count"}}), 4),
    ] {
        let id = world.api.submit(task).await;
        assert_eq!(world.end(&executor, id).await, "succeeded");
        assert_eq!(world.api.task(id).await["result"], json!([bytes, bytes]));
    }
}

#[tokio::test]
async fn an_upload_that_is_not_json_fails_the_task_of_a_handler_that_wants_json() {
    let world = World::new().await;
    let executor = world.executor(Effects::default().handlers());
    for bytes in [&b"{"[..], b"\xff", b"1 2"] {
        let payload_ref = world.upload(bytes, "").await;
        let id = world.api.submit(of("note", &payload_ref)).await;
        assert_eq!(world.end(&executor, id).await, "failed");
        let error = &world.api.task(id).await["error"];
        assert_eq!((&error["kind"], &error["attempt"]), (&json!("payload"), &json!(1)));
        assert!(error["message"].as_str().unwrap().starts_with("the uploaded payload is not JSON: "), "{error}");
    }
}

#[tokio::test]
async fn a_url_gets_the_bytes_of_the_upload_and_a_signature_of_them() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let secret = format!("whsec_{}", STANDARD.encode([7; 32]));
    let http = Http::new(Allowed::parse("127.0.0.1").unwrap(), Secrets::parse(&secret).unwrap()).unwrap();
    let executor = Arc::new(Executor::new(world.services(), Targets::new(shipped(), http).unwrap()));
    // The same text as a payload in the request is signed in the same way: the receiver cannot tell them apart.
    let text = json!("b".repeat(200_000)).to_string();
    let payload_ref = world.upload(text.as_bytes(), "").await;
    let target = json!({"http": {"url": format!("{}/hook", receiver.url)}});
    let uploaded = json!({"target": target, "payload_ref": payload_ref});
    let inline = json!({"target": target, "payload": "b".repeat(200_000)});
    for task in [uploaded, inline] {
        let id = world.api.submit(task).await;
        assert_eq!(world.end(&executor, id).await, "succeeded");
    }
    let requests = receiver.requests();
    for request in &requests {
        let sent = |name: &str| request.headers[name].to_str().unwrap();
        assert_eq!((&*request.body, sent("content-length")), (&*text, "200002"));
        assert_eq!((sent("content-type"), request.headers.get("transfer-encoding")), ("application/json", None));
        let signed = signature(&secret, sent("webhook-id"), sent("webhook-timestamp"), &request.body);
        assert_eq!(sent("webhook-signature"), signed);
    }
    assert_eq!(requests.len(), 2);
}

/// The signature by the published rules, made by other code than the executor's.
fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    use hmac::{Hmac, Mac};
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_reference_to_what_is_not_there_or_is_anothers_is_refused() {
    let world = World::new().await;
    let nothing = Object::of(b"nobody has uploaded this").to_string();
    let anothers = world.upload(b"\"somebody else's\"", "arn:aws:iam::123456789012:user/ben").await;
    for payload_ref in [nothing, anothers] {
        let refused = world.api.try_submit(&of("note", &payload_ref)).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let error = &refused.body["errors"][0];
        assert_eq!(error["pointer"], "/payload_ref");
        assert!(error["detail"].as_str().unwrap().starts_with("names no upload of yours"), "{error}");
        let keyed = json!({"target": {"handler": "note"}, "payload_ref": payload_ref, "idempotency_key": "k"});
        assert_eq!(world.api.try_submit(&keyed).await.status, 422);
    }
    assert_eq!(world.api.list("/v1/tasks").await.len(), 0, "nothing is half-written");
}

#[tokio::test]
async fn a_stack_without_a_bucket_takes_no_large_payloads_and_says_so() {
    let world = World::new().await;
    let api = world.serve(world.submit_with(|services| services.with_objects(None))).await;
    let object = Object::of(b"[1]");
    let asked = json!({"bytes": object.bytes, "sha256": object.sha256_hex()});
    let missing = api.post("/v1/payloads", &[], asked.to_string()).await;
    assert_eq!((missing.status, &missing.body["detail"]), (404, &json!("there is no such bucket for payloads")));
    let refused = api.try_submit(&of("note", &object.to_string())).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/payload_ref")));
}

#[tokio::test]
async fn a_schedule_takes_no_upload() {
    let world = World::new().await;
    let payload_ref = world.upload(b"[1]", "").await;
    let put = world.api.put_schedule("s", &json!({"every_seconds": 60, "task": of("note", &payload_ref)})).await;
    assert_eq!((put.status, &put.body["errors"][0]["pointer"]), (422, &json!("/task/payload_ref")), "{}", put.body);
}

#[tokio::test]
async fn the_bucket_refuses_an_upload_of_other_bytes() {
    let world = World::new().await;
    let (right, shorter, other) = (b"right".to_vec(), b"righ".to_vec(), b"wrong".to_vec());
    let object = Object::of(&right);
    let bucket = world.stack.objects_for(Caller::Submit).unwrap();
    let upload = bucket.presign_upload(&object, "", SystemClock.now(), Duration::from_secs(60)).await.unwrap();
    let put = async |body: Vec<u8>, sum: &str| {
        let request = reqwest::Client::new().put(&upload.url).header("x-amz-checksum-sha256", sum).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    let sum = &*upload.headers["x-amz-checksum-sha256"];
    let others = STANDARD.encode(Object::of(&other).sha256);
    assert_eq!(put(other.clone(), sum).await, 400, "the digest is another");
    assert_eq!(put(shorter, sum).await, 403, "the length is signed");
    assert_eq!(put(other.clone(), &others).await, 403, "the digest is signed");
    let refused = world.api.try_submit(&of("note", &object.to_string())).await;
    assert_eq!(refused.status, 422, "nothing was uploaded");
    assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains("no upload"), "{}", refused.body);
    assert_eq!(put(right.clone(), sum).await, 200);
    assert_eq!(put(other, sum).await, 400, "the upload stays as it is");
    let accepted = world.api.try_submit(&of("note", &object.to_string())).await;
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    let id = TaskId::parse(accepted.body["id"].as_str().unwrap()).unwrap();
    assert_eq!(world.object(&object, id).await, Some(right));
}

#[tokio::test]
async fn a_replay_needs_no_upload_and_another_payload_is_another_request() {
    let world = World::new().await;
    let payload_ref = world.upload(large("a").as_bytes(), "").await;
    let other = world.upload(large("b").as_bytes(), "").await;
    let keyed = |payload_ref: &str| {
        let mut task = of("note", payload_ref);
        task["idempotency_key"] = "k".into();
        task
    };
    let first = world.api.try_submit(&keyed(&payload_ref)).await;
    let bucket = world.stack.objects_for(Caller::Anybody).unwrap();
    for payload_ref in [&payload_ref, &other] {
        bucket.remove(&Object::parse(payload_ref).unwrap().key_of_upload("")).await.unwrap();
    }
    let again = world.passing(Duration::from_millis(250), world.api.try_submit(&keyed(&payload_ref))).await;
    assert_eq!((again.status, again.id()), (200, first.id()), "{}", again.body);
    let reused = world.passing(Duration::from_millis(250), world.api.try_submit(&keyed(&other))).await;
    assert_eq!((reused.status, &reused.body["type"]), (422, &json!("/problems/idempotency-key-reused")));
}

#[tokio::test]
async fn a_batch_takes_the_tasks_whose_uploads_are_there() {
    let world = World::new().await;
    let there = world.upload(large("a").as_bytes(), "").await;
    let missing = Object::of(b"missing").to_string();
    let plain = json!({"target": {"handler": "note"}});
    let tasks = json!({"tasks": [of("note", &missing), plain, of("note", &there), of("note", "no reference")]});
    let answer = world.api.post("/v1/tasks/batch", &[], tasks.to_string()).await;
    let results = answer.body["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [422, 202, 202, 422]);
    for (result, detail) in [(&results[0], "names no upload of yours"), (&results[3], "must be a payload_ref of POST")]
    {
        let error = &result["problem"]["errors"][0];
        assert!(error["detail"].as_str().unwrap().starts_with(detail), "{result}");
    }
    assert_eq!(results[2]["task"]["payload_ref"], json!(there));
}

#[tokio::test]
async fn the_api_tells_how_to_upload() {
    let world = today().await;
    let expires_at = Instant(world.now().after(Duration::from_secs(900)));
    let (text, object) = (large("a"), Object::of(large("a").as_bytes()));
    let asked = json!({"bytes": object.bytes, "sha256": object.sha256_hex()});
    let answer = world.api.post("/v1/payloads", &[], asked.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.body["payload_ref"], object.to_string());
    assert_eq!(answer.body["expires_at"], serde_json::to_value(expires_at).unwrap());
    let upload = &answer.body["upload"];
    assert_eq!(upload["method"], "PUT");
    let headers = json!({"content-length": "300002", "x-amz-checksum-sha256": STANDARD.encode(object.sha256)});
    assert_eq!(upload["headers"], headers);
    let url = upload["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256"), "{url}");
    // The request works as it is told, and so do the ways to read what was uploaded.
    let client = reqwest::Client::new();
    let mut put = client.put(url);
    for (name, value) in headers.as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert_eq!(put.body(text.clone()).send().await.unwrap().status(), 200);
    let id = world.api.submit(of("note", &object.to_string())).await;
    assert_eq!(world.end(&world.executor(Effects::default().handlers()), id).await, "succeeded");
    let task = world.api.task(id).await;
    for url in [&task["payload_url"], &task["result_url"]] {
        let read = client.get(url.as_str().unwrap()).send().await.unwrap();
        assert_eq!(read.text().await.unwrap(), text);
    }
    for (asked, pointer) in [
        (json!({"bytes": 0, "sha256": object.sha256_hex()}), "/bytes"),
        (json!({"bytes": 104_857_601, "sha256": object.sha256_hex()}), "/bytes"),
        (json!({"bytes": 1, "sha256": object.sha256_hex().to_uppercase()}), "/sha256"),
        (json!({"bytes": 1}), "/sha256"),
        (json!({"bytes": 1, "sha256": object.sha256_hex(), "name": "x"}), "/name"),
    ] {
        let refused = world.api.post("/v1/payloads", &[], asked.to_string()).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{asked}");
    }
}

#[tokio::test]
async fn a_callback_follows_a_large_result_which_it_is_not_told() {
    let (world, effects) = (World::new().await, Effects::default());
    let payload_ref = world.upload(large("a").as_bytes(), "").await;
    let mut task = of("note", &payload_ref);
    task["on_success"] = json!({"target": {"handler": "note"}});
    let id = world.api.submit(task).await;
    let executor = world.executor(effects.handlers());
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let child = world.record(id).await.children[0];
    assert_eq!(world.end(&executor, child).await, "succeeded");
    let told = &world.api.task(child).await["result"]["task"];
    assert_eq!((&told["id"], told.get("payload"), told.get("result")), (&json!(id.to_string()), None, None));
}

#[tokio::test]
async fn objects_go_when_their_tasks_are_gone() {
    let (world, effects) = (today().await, Effects::default());
    let payload_ref = world.upload(large("a").as_bytes(), "").await;
    let object = Object::parse(&payload_ref).unwrap();
    let brief = json!({"target": {"handler": "note"}, "payload_ref": payload_ref, "retain_seconds": 0});
    let gone = world.api.submit(brief).await;
    let kept = world.api.submit(of("note", &payload_ref)).await;
    let executor = world.executor(effects.handlers());
    assert_eq!(world.end(&executor, kept).await, "succeeded");
    world.work(&executor).await;

    // Its submitter dies after it has taken the upload.
    let faults = Faults::crash_at(CrashPoint::UploadTaken);
    let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let task = of("note", &payload_ref);
    let request = tokio::spawn(async move { api.try_submit(&task).await });
    faults.died().await;
    request.abort();

    let day = Duration::from_secs(86_400);
    world.pass_secs(300);
    assert_eq!(cleaned(&world).await, 0, "they are younger than a day");
    assert_eq!(cleaned(&world).await, 2);
    assert_eq!(world.object(&object, gone).await, None);
    assert_eq!(world.object(&object, kept).await.unwrap().len(), 300_002, "its task is kept for a week");
    world.pass(day * 7);
    assert_eq!(cleaned(&world).await, 1);
    assert_eq!(world.object(&object, kept).await, None);
}

/// A world whose clock begins at the machine's time, by which the bucket goes.
async fn today() -> World {
    let world = World::new().await;
    world.pass(SystemClock.now().since(world.now()));
    world
}

/// How many objects the ticks of a day remove.
async fn cleaned(world: &World) -> usize {
    let mut removed = 0;
    for _ in 0..24 {
        let report = world.tick().await;
        assert_eq!(report.failed, 0);
        removed += report.objects_removed;
        world.pass_secs(3_600);
    }
    removed
}
