//! The retention of records.

use std::time::Duration;

use serde_json::json;
use taskway_tests::{Effects, World};

#[tokio::test]
async fn a_task_is_gone_after_its_retention_even_if_its_record_still_exists() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let task = json!({"target": {"handler": "note"}, "retain_seconds": 30, "idempotency_key": "k"});
    let id = world.api.submit(task.clone()).await;
    world.work(&executor).await;
    assert_eq!(world.api.task(id).await["retained_until"], "2026-11-23T08:00:30.000Z");
    world.pass_secs(29);
    assert_eq!(world.api.get(id).await.status, 200);
    world.pass_secs(1);
    assert_eq!(world.api.get(id).await.status, 404);
    for verb in ["cancel", "run"] {
        assert_eq!(world.api.act(id, verb).await.status, 404, "{verb}");
    }
    assert_eq!(world.api.act(id, "retry").await.status, 404);

    let next = world.api.submit(task).await;
    assert_eq!(next.key, id.key, "the key is free again");
    assert_ne!(next, id);
    assert_eq!(world.api.get(id).await.status, 404, "the new task of the key has another id");
    assert_eq!(world.end(&executor, next).await, "succeeded");
    assert_eq!((effects.of(id), effects.of(next)), (1, 1));
}

#[tokio::test]
async fn a_message_of_an_earlier_life_does_not_start_the_next() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let task = json!({"target": {"handler": "note"}, "retain_seconds": 1, "idempotency_key": "k"});
    let id = world.api.submit(task).await;
    world.duplicate();
    world.duplicate();
    let held = world.delivery().await;
    world.work(&executor).await;
    world.pass_secs(10);
    let next = json!({"target": {"handler": "note"}, "delay_seconds": 600, "idempotency_key": "k"});
    let next = world.api.submit(next).await;
    executor.deliver(&held, None).await;
    assert_eq!((effects.of(id), effects.of(next)), (1, 0));
    assert_eq!(world.end(&executor, next).await, "succeeded");
    assert_eq!(effects.of(next), 1);
}

#[tokio::test]
async fn a_new_life_of_a_key_has_another_birth_and_so_another_id() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "note"}, "retain_seconds": 0, "idempotency_key": "k"});
    // On a whole second the retention is over at once.
    let first = world.api.submit(task.clone()).await;
    world.work(&world.executor(Effects::default().handlers())).await;
    let refused = world.api.try_submit(&task).await;
    assert_eq!((refused.status, &refused.body["type"]), (503, &json!("/problems/unavailable")), "{}", refused.body);
    world.pass(Duration::from_millis(1));
    let second = world.api.submit(task).await;
    assert!(first.key == second.key && first.born < second.born);
}
