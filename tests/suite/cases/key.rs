//! Idempotency keys.

use std::{sync::atomic::Ordering, time::Duration};

use futures::future::join_all;
use serde_json::json;
use taskway_local::sqs::Interruption;
use taskway_tests::{Effects, World, until};

const STEP: Duration = Duration::from_millis(100);

#[tokio::test]
async fn two_hundred_submits_with_one_key_at_once_make_one_task() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let sent = world.sends(|_| Interruption::None);
    let task = json!({"target": {"handler": "note"}, "idempotency_key": "same"}).to_string();
    let submits = join_all((0..200).map(|_| {
        let (api, task) = (world.api.clone(), task.clone());
        tokio::spawn(async move { api.post("/v1/tasks", &[], task).await })
    }));
    let execution = async {
        until("the one message", async || (sent.load(Ordering::SeqCst) > 0 && world.carried() > 0).then_some(())).await;
        world.work(&executor).await;
    };
    let ((), answers) = futures::join!(execution, async {
        until("the execution", async || (effects.count() > 0).then_some(())).await;
        // A replay of a task younger than two seconds waits before it checks whether the message was sent.
        world.passing(STEP, submits).await
    });

    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let ids: Vec<_> = answers.iter().map(|answer| answer.body["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true");
    assert_eq!((replayed.count(), answers.iter().filter(|answer| answer.status == 200).count()), (199, 199));
    world.end(&executor, answers[0].id()).await;
    assert_eq!((effects.count(), sent.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_replay_gets_the_first_task() {
    let world = World::new().await;
    let executor = world.executor(Effects::default().handlers());
    let task = json!({"target": {"handler": "note"}, "delay_seconds": 1800, "labels": {"a": "1", "b": "2"}});
    let first = world.api.post("/v1/tasks", &[("idempotency-key", "\"k-1\"")], task.to_string()).await;
    world.pass_secs(60);
    // This is the same request with another order of names, an explicit default, and the key in the body.
    let again = r#"{"labels": {"b":"2","a":"1"}, "queue": "default", "delay_seconds": 18e2,
                    "idempotency_key": "k-1", "target": {"handler": "note"}}"#;
    let second = world.api.post("/v1/tasks", &[("idempotency-key", "k-1")], again).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (202, ""));
    assert_eq!((second.status, second.header("idempotent-replayed")), (200, "true"));
    assert_eq!((second.id(), &second.body["run_at"]), (first.id(), &first.body["run_at"]));
    assert_eq!(world.end(&executor, first.id()).await, "succeeded");
    let third = world.api.post("/v1/tasks", &[], again).await;
    assert_eq!((third.status, &third.body["state"]), (200, &json!("succeeded")));
}

#[tokio::test]
async fn another_body_with_the_same_key_is_refused_and_does_not_run() {
    let (world, effects) = (World::new().await, Effects::default());
    // The payload is too large for the record. The message carries it, and an item beside the record holds it.
    let body =
        |letter: &str| json!({"target": {"handler": "note"}, "payload": letter.repeat(5000), "idempotency_key": "k"});
    let first = world.api.submit(body("a")).await;
    let refused = world.api.try_submit(&body("b")).await;
    assert_eq!((refused.status, &refused.body["type"]), (422, &json!("/problems/idempotency-key-reused")));
    assert_eq!(refused.body["errors"][0]["pointer"], "/idempotency_key");
    world.end(&world.executor(effects.handlers()), first).await;
    assert_eq!((effects.count(), &world.api.task(first).await["result"]), (1, &json!("a".repeat(5000))));
}

#[tokio::test]
async fn the_keys_in_header_and_body_must_agree() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "note"}, "idempotency_key": "a"}).to_string();
    let refused = world.api.post("/v1/tasks", &[("idempotency-key", "b")], task).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/idempotency_key")));
    let task = json!({"target": {"handler": "note"}}).to_string();
    let refused = world.api.post("/v1/tasks", &[("idempotency-key", "\"a")], task).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["header"]), (422, &json!("Idempotency-Key")));
}

#[tokio::test]
async fn a_late_replay_of_a_task_with_a_deadline_still_finds_it() {
    let world = World::new().await;
    let executor = world.executor(Effects::default().handlers());
    let task = json!({"target": {"handler": "note"}, "deadline": "2026-11-23T09:00:00Z", "idempotency_key": "k"});
    let id = world.api.submit(task.clone()).await;
    world.end(&executor, id).await;
    world.pass_secs(7200);
    let replay = world.api.try_submit(&task).await;
    assert_eq!((replay.status, replay.id()), (200, id));
    let other = json!({"target": {"handler": "note"}, "deadline": "2026-11-23T09:00:00Z", "idempotency_key": "new"});
    assert_eq!(world.api.try_submit(&other).await.status, 422);
}
