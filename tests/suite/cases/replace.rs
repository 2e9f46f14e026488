//! Submitting the task of an idempotency key anew, with `replace`.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use taskway_protocol::{Priority, TaskId};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Answer, Effects, Gate, World};

fn keyed(more: Value) -> Value {
    let mut task = json!({"target": {"handler": "note"}, "idempotency_key": "document-42", "replace": true});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

/// Replaces the task, or submits it. Returns its id.
async fn replace(world: &World, more: Value) -> TaskId {
    let answer = world.api.try_submit(&keyed(more)).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.header("idempotent-replayed"), "");
    answer.id()
}

fn faults(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().unwrap().iter();
    errors
        .map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_waiting_task_gets_the_time_and_the_payload_of_its_replacement() {
    // In a message, in the agenda, and with a payload that is an item of its own.
    for (delay, payload) in [(5, json!("a")), (3_600, json!("a")), (5, json!("a".repeat(9_000)))] {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let first = replace(&world, json!({"payload": payload, "delay_seconds": delay})).await;
        for edit in 0..20 {
            world.pass_secs(3);
            world.work(&executor).await;
            let id = replace(&world, json!({"payload": [payload, edit], "delay_seconds": delay})).await;
            assert_eq!(id, first);
        }
        assert_eq!(effects.count(), 0, "each came before the task was due");
        let asked = world.now();
        assert_eq!(world.end(&executor, first).await, "succeeded");
        let task = world.api.task(first).await;
        assert_eq!((&task["result"], &task["payload"]), (&json!([payload, 19]), &json!([payload, 19])));
        assert_eq!((effects.count(), &task["attempt"]), (1, &json!(1)));
        let started = world.record(first).await.started_at.unwrap();
        assert!(started.since(asked) >= Duration::from_secs(delay), "{started:?}");
    }
}

#[tokio::test]
async fn an_attempt_that_runs_has_lost_the_task() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = replace(&world, json!({"target": {"handler": "gate"}})).await;
    let delivery = world.delivery().await;
    let (_, ()) = futures::join!(executor.deliver(&delivery, None), async {
        taskway_tests::until("the start", async || (effects.count() == 1).then_some(())).await;
        assert_eq!(replace(&world, json!({"payload": "newer", "delay_seconds": 60})).await, id);
        gate.open();
    });
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"], &task["started_at"]), (&json!("scheduled"), &json!(0), &Value::Null));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.api.task(id).await;
    assert_eq!((&task["result"], &task["attempt"], effects.count()), (&json!("newer"), &json!(1), 2));
}

#[tokio::test]
async fn a_task_that_has_ended_runs_again_and_forgets_its_end() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = replace(&world, json!({"target": {"handler": "flaky"}, "payload": 9, "retry": {"max_attempts": 1}})).await;
    assert_eq!(world.end(&executor, id).await, "failed");
    assert_eq!(replace(&world, json!({"payload": 2})).await, id);
    let waiting = world.api.task(id).await;
    assert_eq!([&waiting["error"], &waiting["finished_at"], &waiting["started_at"]], [&Value::Null; 3]);
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.api.task(id).await;
    assert_eq!((&task["result"], &task["attempt"], &task["retry"]["max_attempts"]), (&json!(2), &json!(1), &json!(5)));

    world.api.act(id, "retry").await;
    world.api.act(id, "cancel").await;
    replace(&world, json!({"payload": 3})).await;
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], 3);
}

#[tokio::test]
async fn everything_of_the_task_is_replaced() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let whole = json!({
        "queue": "mail", "priority": "low", "timeout_seconds": 7, "fairness_key": "acme", "expected_duration_ms": 5,
        "labels": {"a": "1"}, "deadline": "2026-11-24T08:00:00Z", "retain_seconds": 60, "delay_seconds": 600,
        "on_success": {"target": {"handler": "note"}}, "retry": {"max_attempts": 2},
    });
    let id = replace(&world, whole.clone()).await;
    replace(&world, json!({"queue": "index", "priority": "high", "labels": {"b": "2"}, "delay_seconds": 30})).await;
    let plain = world.api.submit(json!({"target": {"handler": "note"}, "queue": "index", "priority": "high",
        "labels": {"b": "2"}, "idempotency_key": "another", "delay_seconds": 30}));
    let plain = plain.await;
    let (task, same) = (world.api.task(id).await, world.api.task(plain).await);
    for (name, value) in same.as_object().unwrap() {
        let own = ["id", "state", "generation", "idempotency_key", "created_at"].contains(&name.as_str());
        assert!(own || task[name] == *value, "{name}: {} and {value}", task[name]);
    }
    for (query, found) in [("queue=mail", 0), ("queue=index", 2), ("queue=index&label.b=2", 2), ("label.a=1", 0)] {
        assert_eq!(world.api.list(&format!("/v1/tasks?{query}&")).await.len(), found, "{query}");
    }
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.of(id), 1);
    assert!(world.api.list(&format!("/v1/tasks?parent_id={id}&")).await.is_empty(), "the callback was replaced too");
    assert_eq!(world.counts(taskway_cloud::sqs::Source::Lane(Priority::Low)).visible, 0);
}

#[tokio::test]
async fn each_end_before_has_its_callback() {
    let callback = json!({"target": {"handler": "note"}});
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = replace(&world, json!({"on_success": callback})).await;
    // The executor dies between the end and its callback.
    let dying = Faults::crash_at(CrashPoint::CallbackOwed);
    let mortal = world.mortal(effects.handlers(), &dying);
    let delivery = world.delivery().await;
    tokio::select! { _ = mortal.deliver(&delivery, None) => {}, () = dying.died() => {} }
    replace(&world, json!({"on_failure": callback, "deadline": "2026-11-23T08:01:00Z", "delay_seconds": 30})).await;
    let called = world.api.list(&format!("/v1/tasks?parent_id={id}&")).await;
    assert_eq!(called.len(), 1, "of the success");
    // It expires, and the end is not written yet.
    world.pass_secs(120);
    replace(&world, json!({"payload": 3})).await;
    let called = world.api.list(&format!("/v1/tasks?parent_id={id}&")).await;
    assert_eq!(called.len(), 2, "and of the expiry");
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.api.list(&format!("/v1/tasks?parent_id={id}&")).await.len(), 2);
}

#[tokio::test]
async fn a_held_task_leaves_the_hold_list_of_its_queue() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.post("/v1/queues/mail/pause", &[], "").await;
    let id = replace(&world, json!({"queue": "mail", "fairness_key": "acme"})).await;
    world.pass_secs(6);
    world.work(&executor).await;
    assert_eq!(world.api.read("/v1/queues/mail").await.body["held"], 1);
    replace(&world, json!({"payload": 1})).await;
    assert_eq!(world.api.read("/v1/queues/mail").await.body["held"], 0);
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_request_without_replace_is_held_against_the_latest() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = replace(&world, json!({"payload": 1})).await;
    replace(&world, json!({"payload": 2})).await;
    world.work(&executor).await;
    let plain = |payload: u8| keyed(json!({"payload": payload, "replace": false}));
    let (same, other) = (world.api.try_submit(&plain(2)).await, world.api.try_submit(&plain(1)).await);
    assert_eq!((same.status, same.id(), same.header("idempotent-replayed")), (200, id, "true"));
    assert_eq!((other.status, &other.body["type"]), (422, &json!("/problems/idempotency-key-reused")));
}

#[tokio::test]
async fn what_cannot_be_replaced_is_said() {
    let world = World::new().await;
    let nameless = json!({"target": {"handler": "note"}, "replace": true});
    let needs = "/replace must be given together with idempotency_key, which names the task to replace";
    assert_eq!(faults(&world.api.try_submit(&nameless).await), [needs]);
    let header = [("content-type", "application/json"), ("idempotency-key", "k")];
    assert_eq!(world.api.post("/v1/tasks", &header, nameless.to_string()).await.status, 202);
    let late = keyed(json!({"delay_seconds": 60, "deadline": "2026-11-23T08:00:30Z"}));
    assert_eq!(world.api.try_submit(&late).await.status, 422);
    replace(&world, json!({})).await;
    assert_eq!(world.api.try_submit(&late).await.status, 422, "also when a task is there");
    let schedule = json!({"cron": "@daily", "task": {"target": {"handler": "note"}, "replace": true}});
    let refused = world.api.put_schedule("s", &schedule).await;
    assert_eq!(faults(&refused), ["/task/replace is not taken in a schedule: each firing is a task of its own"]);
}

#[tokio::test]
async fn of_the_tasks_of_a_batch_the_last_has_its_way() {
    let (world, effects) = (World::new().await, Effects::default());
    let tasks: Vec<Value> = (0..60)
        .map(|n| keyed(json!({"payload": n, "idempotency_key": format!("k{}", n % 3)})))
        .chain([json!({"target": {"handler": "note"}, "payload": "plain"})])
        .collect();
    let ids = world.api.submit_all(&tasks).await;
    let executor = world.executor(effects.handlers());
    for (place, expected) in [(0, json!(57)), (1, json!(58)), (2, json!(59)), (60, json!("plain"))] {
        world.end(&executor, ids[place]).await;
        assert_eq!(world.api.task(ids[place]).await["result"], expected);
        assert_eq!(ids[place], *ids.iter().rev().find(|id| id.key == ids[place].key).unwrap());
    }
}

#[tokio::test]
async fn a_plain_task_of_a_batch_is_held_against_the_replacement_before_it() {
    let world = World::new().await;
    let of = |payload: &str, replace: bool| keyed(json!({"payload": payload, "replace": replace, "delay_seconds": 60}));
    let tasks = json!({"tasks": [of("a", true), of("b", false), of("a", false), of("c", true)]});
    let batch = world.api.post("/v1/tasks/batch", &[], tasks.to_string());
    let answer = world.passing(Duration::from_millis(100), batch).await;
    let results = answer.body["results"].as_array().unwrap();
    let statuses: Vec<&Value> = results.iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [202, 422, 200, 202]);
    let id = TaskId::parse(results[0]["task"]["id"].as_str().unwrap()).unwrap();
    assert_eq!(world.api.task(id).await["payload"], "c");
}

#[tokio::test]
async fn a_thousand_replacements_beside_claims_lose_nothing() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = replace(&world, json!({"payload": -1})).await;
    for round in 0..20 {
        let replaced = join_all((0..50).map(|n| replace(&world, json!({"payload": round * 50 + n}))));
        let (replaced, _) = futures::join!(replaced, world.work(&executor));
        assert!(replaced.into_iter().all(|one| one == id));
    }
    assert_eq!(replace(&world, json!({"payload": "last"})).await, id);
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], "last");
    let fences: Vec<u32> = effects.all().iter().map(|effect| effect.fence).collect();
    assert!(fences.is_sorted_by(|one, next| one < next), "{fences:?}");
}

#[tokio::test]
async fn an_upload_replaces_a_payload_and_a_payload_an_upload() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let text = json!("u".repeat(300_000)).to_string();
    let upload = world.upload(text.as_bytes(), "").await;
    let id = replace(&world, json!({"payload": "small", "delay_seconds": 60})).await;
    replace(&world, json!({"payload_ref": upload})).await;
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.api.task(id).await["payload_ref"], json!(upload));
    replace(&world, json!({"payload": "small"})).await;
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.api.task(id).await;
    assert_eq!((&task["payload"], &task["result"]), (&json!("small"), &json!("small")));
    // Also as the first task of its key.
    let first = world.api.submit(keyed(json!({"payload_ref": upload, "idempotency_key": "new"}))).await;
    assert_eq!(world.end(&executor, first).await, "succeeded");
}
