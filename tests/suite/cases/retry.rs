//! Failed attempts and retries.

use serde_json::{Value, json};
use taskway_cloud::dynamo::room;
use taskway_executor::handlers::shipped;
use taskway_tests::{Effects, World};

#[tokio::test]
async fn a_failed_attempt_is_retried_after_its_backoff() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 10, "max_backoff_seconds": 10});
    let id = world.api.submit(json!({"target": {"handler": "flaky"}, "payload": 2, "retry": retry})).await;

    world.work(&executor).await;
    let waiting = world.api.task(id).await;
    assert_eq!((&waiting["state"], &waiting["attempt"]), (&json!("queued"), &json!(1)));
    assert_eq!(waiting["next_attempt_at"], "2026-11-23T08:00:10.000Z");
    assert_eq!(
        waiting["error"],
        json!({"kind": "handler", "message": "as told", "attempt": 1, "at": "2026-11-23T08:00:00.000Z"})
    );

    world.pass_secs(9);
    world.work(&executor).await;
    assert_eq!(effects.count(), 1);
    world.pass_secs(1);
    world.work(&executor).await;
    assert_eq!(effects.count(), 2);
    world.pass_secs(10);
    world.work(&executor).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["result"], &task["error"]), (&json!("succeeded"), &json!(3), &json!(null)));
    let past = |attempt, at| json!({"attempt": attempt, "started_at": at, "failed_at": at, "kind": "handler", "message": "as told"});
    let failed = [past(1, "2026-11-23T08:00:00.000Z"), past(2, "2026-11-23T08:00:10.000Z")];
    assert_eq!(task["past_attempts"], json!(failed));
    assert_eq!((&task["generation"], effects.count(), world.carried()), (&json!(1), 3, 0));
}

#[tokio::test]
async fn a_long_backoff_waits_in_the_agenda() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 3600, "max_backoff_seconds": 3600});
    let id = world.api.submit(json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry})).await;
    world.work(&executor).await;
    assert_eq!((world.state(id).await, world.carried()), ("scheduled", 0));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.record(id).await;
    assert_eq!((task.generation.0, task.attempts, effects.count()), (2, 2, 2));
    assert!(task.started_at.unwrap().since(task.id.born).as_secs() >= 3600);
}

#[tokio::test]
async fn a_task_fails_with_its_last_attempt() {
    let world = World::new().await;
    let executor = world.executor(shipped());
    let id =
        world.api.submit(json!({"target": {"handler": "fail"}, "payload": {}, "retry": {"max_attempts": 3}})).await;
    assert_eq!(world.end(&executor, id).await, "failed");
    let task = world.api.task(id).await;
    assert_eq!((&task["attempt"], &task["error"]["attempt"]), (&json!(3), &json!(3)));
    assert_eq!((&task["error"]["kind"], &task["next_attempt_at"]), (&json!("handler"), &json!(null)));
    assert_eq!(past_attempts(&task), [1, 2], "the last one is the error's");
}

#[tokio::test]
async fn past_attempts_cost_no_write_unit() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let task = json!({
        "target": {"handler": "flaky"},
        "payload": 40,
        "retry": {"max_attempts": 100, "min_backoff_seconds": 0, "max_backoff_seconds": 1},
        "idempotency_key": "k".repeat(128),
        "fairness_key": "f".repeat(100),
    });
    let id = world.api.submit(task).await;
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let kept = past_attempts(&world.api.task(id).await);
    assert_eq!((kept.last(), kept.is_sorted()), (Some(&40), true));
    assert!((2..12).contains(&kept.len()), "{kept:?}");
    let record = world.record(id).await;
    assert!(room(&record) > 0, "{record:?}");
}

/// The numbers of the attempts that failed and that another followed.
fn past_attempts(task: &Value) -> Vec<u64> {
    task["past_attempts"].as_array().unwrap().iter().map(|past| past["attempt"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_fatal_failure_is_final() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "fail"}, "payload": {"fatal": true}})).await;
    world.work(&world.executor(shipped())).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"], world.carried()), (&json!("failed"), &json!(1), 0));
}

#[tokio::test]
async fn a_person_can_retry_an_ended_task() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let task = json!({"target": {"handler": "flaky"}, "payload": 2, "retry": {"max_attempts": 2}});
    let id = world.api.submit(task).await;
    assert_eq!(world.end(&executor, id).await, "failed");
    assert_eq!(past_attempts(&world.api.task(id).await), [1]);

    let revived = world.api.act(id, "retry").await;
    assert_eq!((revived.status, &revived.body["state"]), (200, &json!("scheduled")));
    assert_eq!((&revived.body["attempt"], &revived.body["error"]), (&json!(0), &json!(null)));
    assert_eq!(past_attempts(&revived.body), [0; 0]);
    assert_eq!((&revived.body["generation"], revived.id()), (&json!(2), id));
    assert_eq!(world.end(&executor, id).await, "failed", "attempts are counted anew, so the first two fail again");
    let record = world.record(id).await;
    assert_eq!((record.attempts, record.fence.0, effects.of(id)), (2, 4, 4));
}

#[tokio::test]
async fn only_an_ended_task_can_be_retried() {
    let (world, effects) = (World::new().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let refused = world.api.act(id, "retry").await;
    assert_eq!((refused.status, &refused.body["state"]), (409, &json!("queued")));
    assert_eq!(refused.body["type"], "/problems/state-conflict");
    world.end(&world.executor(effects.handlers()), id).await;
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn two_retries_at_once_start_a_task_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.end(&executor, id).await;
    let (one, other) = futures::join!(world.api.act(id, "retry"), world.api.act(id, "retry"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    // In the same millisecond the second retry looks like the SDK's repetition of the first.
    assert!(statuses == [200, 409] || statuses == [200, 200], "{statuses:?}");
    world.end(&executor, id).await;
    assert_eq!(effects.of(id), 2);
}
