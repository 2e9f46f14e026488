//! Waiting for a task's end with `Prefer: wait`.

use std::time::Duration;

use serde_json::json;
use taskway_executor::handlers::shipped;
use taskway_tests::World;

const STEP: Duration = Duration::from_millis(25);

#[tokio::test]
async fn a_waiting_client_gets_the_ended_task() {
    let world = World::new().await;
    let _worker = world.worker(&world.executor(shipped()));
    let task = json!({"target": {"handler": "echo"}, "payload": "hello"}).to_string();
    let answer = world.passing(STEP, world.api.post("/v1/tasks", &[("prefer", "wait=25")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (200, "wait=25"));
    assert_eq!((&answer.body["state"], &answer.body["result"]), (&json!("succeeded"), &json!("hello")));
}

#[tokio::test]
async fn a_client_that_waits_too_briefly_gets_the_current_task() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer = world.passing(STEP, world.api.post("/v1/tasks", &[("prefer", "wait=2")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=2"));
    assert_eq!(answer.body["state"], "queued");
    assert!(world.now().since(taskway_tests::START) >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_wait_is_cut_to_what_the_gateway_allows() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer =
        world.passing(Duration::from_secs(1), world.api.post("/v1/tasks", &[("prefer", "wait=999")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=25"));
}

#[tokio::test]
async fn a_client_that_does_not_wait_is_answered_at_once() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer = world.api.post("/v1/tasks", &[("prefer", "respond-async")], task).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, ""));
}
