//! The main path: submit a task, run it, read its result.

use std::time::Duration;

use serde_json::json;
use taskway_executor::handlers::shipped;
use taskway_protocol::Priority;
use taskway_tests::{Effects, START, World};

#[tokio::test]
async fn a_submitted_task_runs_and_succeeds() {
    let world = World::new().await;
    let answer = world.api.try_submit(&json!({"target": {"handler": "echo"}, "payload": {"user": 42}})).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.body["state"], "queued");
    assert_eq!(answer.header("location"), format!("/v1/tasks/{}", answer.id()));
    assert!(!answer.header("x-request-id").is_empty());

    world.work(&world.executor(shipped())).await;
    let task = world.api.task(answer.id()).await;
    assert_eq!((&task["state"], &task["result"]), (&json!("succeeded"), &json!({"user": 42})));
    assert_eq!((&task["attempt"], &task["error"]), (&json!(1), &json!(null)));
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn a_worker_polls_every_lane() {
    let world = World::new().await;
    let _worker = world.worker(&world.executor(shipped()));
    for priority in ["high", "normal", "low"] {
        let id = world.api.submit(json!({"target": {"handler": "echo"}, "priority": priority})).await;
        assert_eq!(world.ended(id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_payload_comes_back_letter_for_letter() {
    let world = World::new().await;
    let payload = r#"{"b": 1.0, "a": [1e400, -0, 12345678901234567890123], "text": "\u00e4\ud83d\ude00"}"#;
    let body = format!(r#"{{"target": {{"handler": "echo"}}, "payload": {payload}}}"#);
    let id = world.api.post("/v1/tasks", &[], body).await.id();
    world.work(&world.executor(shipped())).await;
    let read = taskway_tests::text(&world.api, id).await;
    assert!(read.contains(&format!(r#""payload":{payload}"#)), "{read}");
    assert!(read.contains(&format!(r#""result":{payload}"#)), "{read}");
}

#[tokio::test]
async fn the_largest_payload_and_result_are_kept_whole() {
    let world = World::new().await;
    let payload = "x".repeat(262_142);
    let id = world.api.submit(json!({"target": {"handler": "echo"}, "payload": payload})).await;
    world.work(&world.executor(shipped())).await;
    let task = world.api.task(id).await;
    assert_eq!(
        (&task["state"], &task["payload"], &task["result"]),
        (&json!("succeeded"), &json!(payload), &json!(payload))
    );
}

#[tokio::test]
async fn a_result_beyond_the_limit_fails_the_task_and_says_so() {
    let (world, effects) = (World::new().await, Effects::default());
    // Without a bucket, and with one.
    for (services, payload, limit) in
        [(world.services().with_objects(None), 262_143, 262_144), (world.services(), 104_857_599, 104_857_600)]
    {
        let id = world.api.submit(json!({"target": {"handler": "large"}, "payload": payload})).await;
        world.work(&world.executor_of(services, effects.handlers())).await;
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], effects.of(id)), (&json!("failed"), 1));
        let told = format!("the result has {} bytes, the limit is {limit}", limit + 1);
        assert_eq!(task["error"]["message"], told);
    }
}

#[tokio::test]
async fn a_delayed_task_starts_on_its_second_and_not_before() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 90})).await;
    world.pass(Duration::from_millis(89_999));
    world.work(&executor).await;
    assert_eq!((effects.count(), world.state(id).await), (0, "queued"));
    world.pass(Duration::from_millis(1));
    world.work(&executor).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["started_at"]), (&json!("succeeded"), &task["run_at"]));
    assert_eq!(task["run_at"], "2026-11-23T08:01:30.000Z");
}

#[tokio::test]
async fn an_attempt_whose_message_comes_early_waits_for_the_rest_of_the_second() {
    let (world, effects) = (World::new().await, Effects::default());
    let run_at = "2026-11-23T08:00:10.900+00:00";
    let id = world.api.submit(json!({"target": {"handler": "note"}, "run_at": run_at})).await;
    let _worker = world.worker(&world.executor(effects.handlers()));
    world.pass_secs(10);
    let busy = async || (world.messages(taskway_cloud::sqs::Source::Lane(Priority::Normal)).len() == 1).then_some(());
    taskway_tests::until("the message's delivery", busy).await;
    assert_eq!(world.state(id).await, "queued");
    let ended = world.passing(Duration::from_millis(100), world.ended(id)).await;
    let started_at = world.record(id).await.started_at.unwrap();
    assert_eq!(ended, "succeeded");
    assert!(started_at >= START.after(Duration::from_millis(10_900)), "{started_at:?}");
}

#[tokio::test]
async fn a_run_at_that_has_passed_means_now() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "echo"}, "run_at": "2001-01-01T00:00:00Z"})).await;
    world.work(&world.executor(shipped())).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["run_at"]), (&json!("succeeded"), &task["created_at"]));
}

#[tokio::test]
async fn a_blocking_handler_runs_on_a_thread() {
    let world = World::new().await;
    let executor = world.executor(shipped());
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(world.api.submit(json!({"target": {"handler": "hash"}, "payload": {"rounds": 1000}})).await);
    }
    world.work(&executor).await;
    for id in ids {
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], task["result"].as_str().unwrap().len()), (&json!("succeeded"), 64));
    }
}

#[tokio::test]
async fn the_answer_has_every_documented_field() {
    let world = World::new().await;
    let asked = json!({
        "queue": "emails", "target": {"handler": "echo"}, "payload": {"user": 42}, "priority": "high",
        "delay_seconds": 90, "deadline": "2026-11-24T08:00:00Z", "timeout_seconds": 60,
        "retry": {"max_attempts": 3, "min_backoff_seconds": 2, "max_backoff_seconds": 60, "multiplier": 1.5},
        "idempotency_key": "welcome-42", "fairness_key": "tenant-7", "expected_duration_ms": 250,
        "retain_seconds": 3600, "labels": {"team": "growth"},
    });
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let task = world.api.post("/v1/tasks", &[("traceparent", trace)], asked.to_string()).await;
    assert_eq!(task.status, 202);
    let elsewhere = ["delay_seconds", "deadline"];
    for (name, given) in asked.as_object().unwrap().iter().filter(|(name, _)| !elsewhere.contains(&name.as_str())) {
        assert_eq!(&task.body[name], given, "{name}");
    }
    assert_eq!((&task.body["traceparent"], &task.body["generation"]), (&json!(trace), &json!(1)));
    assert_eq!(task.body["deadline"], "2026-11-24T08:00:00.000Z");
    let contract = "id queue target payload priority state run_at next_attempt_at deadline timeout_seconds retry attempt \
                    generation idempotency_key fairness_key expected_duration_ms labels progress result error schedule \
                    traceparent created_at started_at finished_at retained_until";
    for name in contract.split_whitespace() {
        assert!(task.body.as_object().unwrap().contains_key(name), "{name} is missing");
    }
    assert_eq!(world.api.task(task.id()).await, task.body);
}
