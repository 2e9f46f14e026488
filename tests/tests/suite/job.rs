//! The main job: submit, run, read.

use serde_json::json;
use taskway_executor::handlers::shipped;
use taskway_tests::World;

#[tokio::test]
async fn a_submitted_task_runs_and_succeeds() {
    let world = World::new().await;
    let answer = world.api.try_submit(&json!({"target": {"handler": "echo"}, "payload": {"user": 42}})).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.body["state"], "queued");
    assert_eq!(answer.header("location"), format!("/v1/tasks/{}", answer.id()));
    assert!(!answer.header("x-request-id").is_empty());

    world.work(&*world.executor(shipped())).await;
    let task = world.api.task(answer.id()).await;
    assert_eq!((&task["state"], &task["result"]), (&json!("succeeded"), &json!({"user": 42})));
    assert_eq!((&task["attempt"], &task["error"]), (&json!(1), &json!(null)));
    assert_eq!(world.carried(), 0);
}
