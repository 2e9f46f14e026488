//! Changing a task before it starts, with `PATCH` and with `run`.

use serde_json::json;
use taskway_cloud::sqs::Source;
use taskway_protocol::Priority;
use taskway_tests::{Effects, Gate, World, until};

#[tokio::test]
async fn a_waiting_task_can_be_run_now_and_runs_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    for delay in [60, 3600] {
        let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": delay})).await;
        let started = world.api.act(id, "run").await;
        assert_eq!((started.status, &started.body["generation"]), (200, &json!(2)));
        world.work(&executor).await;
        assert_eq!(world.state(id).await, "succeeded");
        assert_eq!(world.end(&executor, id).await, "succeeded");
        assert_eq!(effects.of(id), 1, "the earlier message is stale");
    }
}

#[tokio::test]
async fn a_waiting_retry_can_be_run_now() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 600});
    let id = world.api.submit(json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry})).await;
    world.work(&executor).await;
    assert_eq!(world.api.act(id, "run").await.status, 200);
    world.work(&executor).await;
    let task = world.record(id).await;
    assert_eq!((task.state.name().as_str(), task.attempts), ("succeeded", 2));
}

#[tokio::test]
async fn a_waiting_task_can_be_moved_to_any_time() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    // From near to far, and from far to near. The task moves from its message to the agenda, and back.
    for (delay, run_at) in [(60, "2026-11-23T10:00:00Z"), (86_400, "2026-11-23T10:00:05Z")] {
        let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": delay})).await;
        let moved = world.api.change(id, &json!({"run_at": run_at})).await;
        assert_eq!(moved.status, 200, "{}", moved.body);
        assert_eq!(moved.body["run_at"], run_at.replace('Z', ".000Z"));
        assert_eq!(world.end(&executor, id).await, "succeeded");
        let started_at = world.record(id).await.started_at.unwrap();
        assert!(started_at.as_secs() >= 1_795_428_000, "{started_at:?}");
        assert_eq!(effects.of(id), 1);
    }
}

#[tokio::test]
async fn a_new_priority_moves_a_task_to_another_lane() {
    let (world, effects) = (World::new().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let moved = world.api.change(id, &json!({"priority": "high"})).await;
    assert_eq!((moved.status, &moved.body["priority"]), (200, &json!("high")));
    assert_eq!(world.counts(Source::Lane(Priority::High)).visible, 1);
    assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_deadline_can_be_set_and_removed() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 60})).await;
    let set = world.api.change(id, &json!({"deadline": "2026-11-23T09:00:00Z"})).await;
    assert_eq!((set.status, &set.body["deadline"]), (200, &json!("2026-11-23T09:00:00.000Z")));
    let gone = world.api.change(id, &json!({"deadline": null})).await;
    assert_eq!((gone.status, &gone.body["deadline"]), (200, &json!(null)));
    let late = world.api.change(id, &json!({"deadline": "2026-11-23T08:00:59Z"})).await;
    assert_eq!((late.status, &late.body["errors"][0]["pointer"]), (422, &json!("/deadline")));
    let late =
        world.api.change(id, &json!({"run_at": "2026-11-24T08:00:00Z", "deadline": "2026-11-24T08:00:00Z"})).await;
    assert_eq!((late.status, &late.body["errors"][0]["pointer"]), (422, &json!("/deadline")));
}

#[tokio::test]
async fn a_wrong_change_is_refused() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 60})).await;
    for (change, pointer) in [
        (json!({}), ""),
        (json!([]), ""),
        (json!({"run_at": null}), "/run_at"),
        (json!({"run_at": "soon"}), "/run_at"),
        (json!({"run_at": "2037-01-01T00:00:00Z"}), "/run_at"),
        (json!({"priority": "urgent"}), "/priority"),
        (json!({"priority": "low", "queue": "other"}), "/queue"),
    ] {
        let refused = world.api.change(id, &change).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{change}");
    }
    assert_eq!(world.record(id).await.generation.0, 1);
}

#[tokio::test]
async fn a_running_or_ended_task_cannot_be_changed() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}})).await;
    let change = json!({"priority": "low"});
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        for refused in [world.api.change(id, &change).await, world.api.act(id, "run").await] {
            assert_eq!((refused.status, &refused.body["state"]), (409, &json!("running")));
        }
        gate.open();
    };
    futures::join!(world.work(&executor), meanwhile);
    for refused in [world.api.change(id, &change).await, world.api.act(id, "run").await] {
        assert_eq!((refused.status, &refused.body["state"]), (409, &json!("succeeded")));
    }
}
