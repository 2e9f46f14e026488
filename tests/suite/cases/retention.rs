//! The retention of records.

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
