//! Cancelling a task in each of its states.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use taskway::{Context, Failure, Task};
use taskway_tests::{Effects, Gate, World, until};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_task_cancelled_before_its_start_never_starts() {
    let (world, effects) = (World::new().await, Effects::default());
    for task in [json!({}), json!({"delay_seconds": 60}), json!({"delay_seconds": 3600})] {
        let mut task = task;
        task["target"] = json!({"handler": "note"});
        let id = world.api.submit(task).await;
        let cancelled = world.api.act(id, "cancel").await;
        assert_eq!((cancelled.status, &cancelled.body["state"]), (200, &json!("cancelled")));
        assert_eq!(world.api.act(id, "cancel").await.status, 200, "a repeated request is answered the same");
        assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "cancelled");
    }
    assert_eq!(effects.count(), 0);
}

#[tokio::test]
async fn a_running_attempt_learns_of_its_cancellation_at_its_next_heartbeat() {
    let (world, effects) = (World::new().await, Effects::default());
    let told = Arc::new(Semaphore::new(0));
    let (noted, tell) = (effects.clone(), Arc::clone(&told));
    let handlers = effects.handlers().on("watch", move |_: Task<Value>, cx: Context| {
        noted.note(&cx);
        let tell = Arc::clone(&tell);
        async move {
            until("the cancellation", async || cx.cancelled().then_some(())).await;
            tell.add_permits(1);
            Ok::<_, Failure>("too late")
        }
    });
    let executor = world.executor(handlers);
    let id = world.api.submit(json!({"target": {"handler": "watch"}, "timeout_seconds": 600})).await;
    let work = async {
        world.work(&executor).await;
    };
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        let cancelled = world.api.act(id, "cancel").await;
        assert_eq!((cancelled.status, &cancelled.body["state"]), (200, &json!("cancelled")));
        world.pass_secs(30);
        told.acquire().await.unwrap().forget();
    };
    futures::join!(work, meanwhile);
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["result"]), (&json!("cancelled"), &json!(null)));
    assert_eq!(world.end(&executor, id).await, "cancelled");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn the_result_of_a_cancelled_attempt_is_not_recorded() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}})).await;
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        assert_eq!(world.api.act(id, "cancel").await.status, 200);
        gate.open();
    };
    futures::join!(world.work(&executor), meanwhile);
    assert_eq!(world.end(&executor, id).await, "cancelled");
    assert_eq!((&world.api.task(id).await["result"], effects.count()), (&json!(null), 1));
}

#[tokio::test]
async fn a_cancelled_handler_that_does_not_stop_is_cut_after_a_grace_period() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        assert_eq!(world.api.act(id, "cancel").await.status, 200);
        world.pass_secs(30);
    };
    let work = async { futures::join!(world.work(&executor), meanwhile) };
    world.passing(Duration::from_millis(50), work).await;
    assert_eq!(world.end(&executor, id).await, "cancelled");
}

#[tokio::test]
async fn an_ended_task_cannot_be_cancelled() {
    let (world, effects) = (World::new().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.end(&world.executor(effects.handlers()), id).await;
    let refused = world.api.act(id, "cancel").await;
    assert_eq!((refused.status, &refused.body["state"]), (409, &json!("succeeded")));
}

#[tokio::test]
async fn a_cancelled_task_can_be_retried() {
    let (world, effects) = (World::new().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 60})).await;
    world.api.act(id, "cancel").await;
    assert_eq!(world.api.act(id, "retry").await.status, 200);
    assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "succeeded");
    assert_eq!(effects.count(), 1, "the message of the cancelled generation is stale");
}
