//! Many tasks in one request.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use taskway_local::sqs::Interruption;
use taskway_protocol::TaskId;
use taskway_tests::{Effects, World};

fn id(result: &Value) -> TaskId {
    TaskId::parse(result["task"]["id"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_batch_is_answered_item_by_item() {
    let (world, effects) = (World::new().await, Effects::default());
    let tasks = json!({"tasks": [
        {"target": {"handler": "note"}, "payload": 1},
        {"target": {"handler": "note"}, "timeout_seconds": 0},
        {"target": {"handler": "note"}, "idempotency_key": "k"},
        {"target": {"handler": "note"}, "idempotency_key": "k", "payload": "other"},
        "nonsense",
        {"target": {"handler": "note"}, "delay_seconds": 3600},
    ]});
    let answer = world
        .passing(std::time::Duration::from_millis(100), world.api.post("/v1/tasks/batch", &[], tasks.to_string()))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let results = answer.body["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    // Of two items with the same key, either may be the first.
    assert_eq!(
        [statuses[0], statuses[1], statuses[2] + statuses[3], statuses[4], statuses[5]],
        [202, 422, 624, 422, 202]
    );
    assert_eq!(results[1]["problem"]["errors"][0]["pointer"], "/timeout_seconds");
    assert_eq!(results[4]["problem"]["errors"][0]["pointer"], "");
    assert!(results[0]["task"].get("payload").is_none() && results[0]["task"].get("result").is_none());
    let executor = world.executor(effects.handlers());
    for result in results.iter().filter(|result| result["status"] == 202) {
        assert_eq!(world.end(&executor, id(result)).await, "succeeded");
    }
    assert_eq!(effects.count(), 3);
}

#[tokio::test]
async fn the_largest_batch_sends_ten_messages_a_call() {
    let world = World::new().await;
    let sent = world.sends(|_| Interruption::None);
    let tasks: Vec<_> = (0..500).map(|n| json!({"target": {"handler": "note"}, "payload": n})).collect();
    let answer = world.api.post("/v1/tasks/batch", &[], json!({"tasks": tasks}).to_string()).await;
    assert_eq!((answer.status, sent.load(Ordering::SeqCst), world.carried()), (200, 50, 500));
    let results = answer.body["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["status"] == 202));
    assert_eq!(world.api.task(id(&results[499])).await["payload"], 499);
}

#[tokio::test]
async fn every_task_of_a_batch_runs() {
    let (world, effects) = (World::new().await, Effects::default());
    let tasks: Vec<_> = (0..35).map(|n| json!({"target": {"handler": "note"}, "payload": n})).collect();
    let answer = world.api.post("/v1/tasks/batch", &[], json!({"tasks": tasks}).to_string()).await;
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!((effects.count(), world.carried()), (35, 0));
    for (n, result) in answer.body["results"].as_array().unwrap().iter().enumerate() {
        assert_eq!(world.api.task(id(result)).await["result"], n);
    }
}

#[tokio::test]
async fn a_wrong_batch_is_refused_as_a_whole() {
    let world = World::new().await;
    let many: Vec<_> = (0..501).map(|_| json!({"target": {"handler": "a"}})).collect();
    for (batch, pointer) in [
        (json!([]), ""),
        (json!({}), "/tasks"),
        (json!({"tasks": []}), "/tasks"),
        (json!({"tasks": {}}), "/tasks"),
        (json!({"tasks": many}), "/tasks"),
        (json!({"tasks": [{"target": {"handler": "a"}}], "more": 1}), "/more"),
    ] {
        let answer = world.api.post("/v1/tasks/batch", &[], batch.to_string()).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!(pointer)));
    }
    let batch = json!({"tasks": [{"target": {"handler": "a"}}]}).to_string();
    let answer = world.api.post("/v1/tasks/batch", &[("idempotency-key", "k")], batch).await;
    assert_eq!((answer.status, &answer.body["errors"][0]["header"]), (422, &json!("Idempotency-Key")));
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn a_batch_is_accepted_while_the_queue_is_down() {
    let (world, effects) = (World::new().await, Effects::default());
    world.sends(|_| Interruption::RefuseBefore);
    let tasks: Vec<_> = (0..20).map(|n| json!({"target": {"handler": "note"}, "payload": n})).collect();
    let answer = world.api.post("/v1/tasks/batch", &[], json!({"tasks": tasks}).to_string()).await;
    let results = answer.body["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["status"] == 202 && result["task"]["state"] == "scheduled"));
    world.stack.sqs.interrupt(None);
    assert_eq!(world.tick().await.promoted, 20);
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!((effects.count(), world.carried()), (20, 0));
}
