//! `Prefer: wait`.

use std::time::Duration;

use serde_json::json;
use taskway_executor::handlers::shipped;
use taskway_tests::World;

const STEP: Duration = Duration::from_millis(25);

#[tokio::test]
async fn who_waits_is_answered_with_the_end() {
    let world = World::new().await;
    let _worker = world.worker(&world.executor(shipped()));
    let task = json!({"target": {"handler": "echo"}, "payload": "hello"}).to_string();
    let answer = world.passing(STEP, world.api.post("/v1/tasks", &[("prefer", "wait=25")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (200, "wait=25"));
    assert_eq!((&answer.body["state"], &answer.body["result"]), (&json!("succeeded"), &json!("hello")));
}

#[tokio::test]
async fn who_waits_too_briefly_is_answered_with_what_is_known() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer = world.passing(STEP, world.api.post("/v1/tasks", &[("prefer", "wait=2")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=2"));
    assert_eq!(answer.body["state"], "queued");
    assert!(world.now().since(taskway_tests::START) >= Duration::from_secs(2));
}

#[tokio::test]
async fn nobody_waits_longer_than_the_gateway_does() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer =
        world.passing(Duration::from_secs(1), world.api.post("/v1/tasks", &[("prefer", "wait=999")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=25"));
}

#[tokio::test]
async fn who_does_not_wait_is_answered_at_once() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer = world.api.post("/v1/tasks", &[("prefer", "respond-async")], task).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, ""));
}
