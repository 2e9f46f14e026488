//! Handlers: payloads, outcomes, panics, checkpoints.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_executor::handlers::shipped;
use taskway_tests::{Effects, World};

#[derive(Deserialize)]
struct Welcome {
    user: u64,
}

#[derive(Serialize)]
struct Sent {
    to: String,
}

async fn send_welcome(task: Task<Welcome>, cx: Context) -> Result<Sent, Failure> {
    let user = u32::try_from(task.payload.user)?;
    Ok(Sent { to: format!("{user}@{}, attempt {}", task.labels["team"], cx.attempt()) })
}

#[tokio::test]
async fn a_typed_handler_gets_its_payload_and_returns_its_result() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "send_welcome"}, "payload": {"user": 42}, "labels": {"team": "growth"}});
    let id = world.api.submit(task).await;
    world.work(&world.executor(Handlers::new().on("send_welcome", send_welcome))).await;
    assert_eq!(world.api.task(id).await["result"], json!({"to": "42@growth, attempt 1"}));
}

#[tokio::test]
async fn a_payload_of_a_wrong_type_fails_for_good() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "send_welcome"}, "payload": {"user": "x"}})).await;
    world.work(&world.executor(Handlers::new().on("send_welcome", send_welcome))).await;
    let task = world.api.task(id).await;
    assert_eq!(
        (&task["state"], &task["error"]["kind"], &task["attempt"]),
        (&json!("failed"), &json!("payload"), &json!(1))
    );
}

#[tokio::test]
async fn an_unknown_handler_fails_for_good() {
    let world = World::new().await;
    let id = world.api.submit(json!({"target": {"handler": "nobody"}})).await;
    world.settle(&world.executor(shipped()), id).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("unknown_handler")));
}

#[tokio::test]
async fn a_panic_ends_only_its_own_attempt() {
    let world = World::new().await;
    let executor = world.executor(
        shipped().on_blocking("boom", |_: Task<Value>, _: Context| -> Result<(), Failure> { panic!("out of cheese") }),
    );
    let retry = json!({"max_attempts": 1});
    let boom = world.api.submit(json!({"target": {"handler": "boom"}, "retry": retry})).await;
    let panics = json!({"target": {"handler": "fail"}, "payload": {"panic": true}, "retry": retry});
    let fail = world.api.submit(panics).await;
    let good = world.api.submit(json!({"target": {"handler": "echo"}})).await;
    world.work(&executor).await;
    let boom = world.api.task(boom).await;
    assert_eq!((&boom["state"], &boom["error"]["kind"]), (&json!("failed"), &json!("panic")));
    assert!(boom["error"]["message"].as_str().unwrap().contains("out of cheese"));
    assert_eq!(world.api.task(fail).await["error"]["kind"], "panic");
    assert_eq!(world.state(good).await, "succeeded");
    let after = world.api.submit(json!({"target": {"handler": "hash"}, "payload": {"rounds": 1}})).await;
    world.work(&executor).await;
    assert_eq!(world.state(after).await, "succeeded", "the thread of the panicked handler is free again");
}

#[tokio::test]
async fn a_snooze_does_not_count_as_an_attempt() {
    let (world, effects) = (World::new().await, Effects::default());
    let noted = effects.clone();
    let executor = world.executor(Handlers::new().on("shy", move |_: Task<Value>, cx: Context| {
        noted.note(&cx);
        async move { if cx.fence() < 4 { Err(Failure::snooze(Duration::from_secs(60))) } else { Ok(cx.attempt()) } }
    }));
    let id = world.api.submit(json!({"target": {"handler": "shy"}, "retry": {"max_attempts": 1}})).await;
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.api.task(id).await;
    assert_eq!((&task["attempt"], &task["result"], effects.count()), (&json!(1), &json!(1), 4));
}

#[tokio::test]
async fn a_continued_task_resumes_at_its_checkpoint_and_counts_attempts_anew() {
    // A short pause uses a message, a long one the agenda. A large checkpoint is kept beside the record.
    for (pause, padding) in [(60, 0), (3600, 0), (60, 5000)] {
        let (world, effects) = (World::new().await, Effects::default());
        let noted = effects.clone();
        let handlers = Handlers::new().on("steps", move |_: Task<Value>, cx: Context| {
            noted.note(&cx);
            async move {
                let (done, _) = cx.resume::<(u32, String)>()?.unwrap_or_default();
                if done == 5 {
                    return Ok(done);
                }
                cx.checkpoint(&(done + 1, "x".repeat(padding)))?;
                // Every other step fails first, and keeps its checkpoint.
                if cx.attempt() == 1 && done % 2 == 1 {
                    return Err(Failure::retry("stumbled"));
                }
                Err(Failure::continue_after(Duration::from_secs(pause)))
            }
        });
        let executor = world.executor(handlers);
        let id = world.api.submit(json!({"target": {"handler": "steps"}, "retry": {"max_attempts": 2}})).await;
        assert_eq!(world.end(&executor, id).await, "succeeded");
        assert_eq!((&world.api.task(id).await["result"], effects.count()), (&json!(5), 6));
    }
}

#[tokio::test]
async fn a_handler_can_set_the_pause_before_the_next_attempt() {
    let world = World::new().await;
    let executor = world.executor(Handlers::new().on("busy", |_: Task<Value>, _: Context| async move {
        Err::<(), _>(Failure::retry_after("busy", Duration::from_secs(77)))
    }));
    let id = world.api.submit(json!({"target": {"handler": "busy"}})).await;
    world.work(&executor).await;
    assert_eq!(world.api.task(id).await["next_attempt_at"], "2026-11-23T08:01:17.000Z");
}
