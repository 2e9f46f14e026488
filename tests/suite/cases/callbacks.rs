//! Callbacks: a task that follows the end of another, once for each end.

use http::Method;
use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::{TASK_SORT, attr, task_partition};
use taskway_protocol::TaskId;
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Effects, World};

struct Scene {
    world: World,
    effects: Effects,
}

impl Scene {
    async fn new() -> Self {
        Scene { world: World::new().await, effects: Effects::default() }
    }

    async fn submit(&self, task: Value) -> TaskId {
        self.world.api.submit(task).await
    }

    /// Works and ticks for a while.
    async fn go_on(&self) {
        let executor = self.world.executor(self.effects.handlers());
        for _ in 0..4 {
            self.world.work(&executor).await;
            self.world.pass_secs(20);
            self.world.tick().await;
        }
    }

    /// The callbacks of a task, as clients see them.
    async fn callbacks(&self, id: TaskId) -> Vec<Value> {
        let listed = self.world.api.list(&format!("/v1/tasks?parent_id={id}")).await;
        let mut whole = Vec::new();
        for task in listed {
            whole.push(self.world.api.read(&format!("/v1/tasks/{}", task["id"].as_str().unwrap())).await.body);
        }
        whole
    }
}

fn to(handler: &str) -> Value {
    json!({"target": {"handler": handler}})
}

#[tokio::test]
async fn a_success_is_followed_by_its_callback_which_is_told_of_it() {
    let scene = Scene::new().await;
    let id = scene
        .submit(json!({
            "target": {"handler": "note"}, "payload": {"n": 1}, "queue": "reports", "fairness_key": "acme",
            "priority": "high", "labels": {"team": "growth"}, "on_success": to("note"), "on_failure": to("flaky"),
        }))
        .await;
    scene.go_on().await;
    let callbacks = scene.callbacks(id).await;
    assert_eq!(callbacks.len(), 1);
    let callback = &callbacks[0];
    let told = json!({"task": {
        "id": id.to_string(), "queue": "reports", "state": "succeeded", "attempt": 1, "labels": {"team": "growth"},
        "payload": {"n": 1}, "result": {"n": 1},
    }});
    assert_eq!((&callback["payload"], &callback["result"]), (&told, &told));
    assert_eq!((&callback["state"], &callback["parent_id"]), (&json!("succeeded"), &json!(id.to_string())));
    assert_eq!(
        [&callback["queue"], &callback["fairness_key"], &callback["priority"], &callback["labels"]],
        [&json!("reports"), &json!("acme"), &json!("high"), &json!({})]
    );
    let parent = scene.world.api.task(id).await;
    assert_eq!((&parent["on_success"], &parent["parent_id"]), (&to("note"), &Value::Null));
    assert_eq!(scene.effects.count(), 2);
}

#[tokio::test]
async fn a_failure_and_a_deadline_that_passed_are_followed_and_a_cancel_is_not() {
    let scene = Scene::new().await;
    let flaky =
        json!({"target": {"handler": "flaky"}, "payload": 9, "retry": {"max_attempts": 1}, "on_failure": to("note")});
    let failed = scene.submit(flaky).await;
    let late = "2026-11-23T08:00:30Z";
    let expiring = scene
        .submit(json!({"target": {"handler": "note"}, "delay_seconds": 20, "deadline": late, "on_failure": to("note")}))
        .await;
    let cancelled =
        scene.submit(json!({"target": {"handler": "note"}, "delay_seconds": 600, "on_success": to("note"), "on_failure": to("note")})).await;
    assert_eq!(scene.world.api.act(cancelled, "cancel").await.status, 200);
    // Nobody takes the message of the second before its deadline.
    let executor = scene.world.executor(scene.effects.handlers());
    scene.world.work(&executor).await;
    scene.world.pass_secs(40);
    scene.go_on().await;
    for (id, state) in [(failed, "failed"), (expiring, "expired")] {
        assert_eq!(scene.world.state(id).await, state);
        let callbacks = scene.callbacks(id).await;
        assert_eq!(callbacks.len(), 1, "{state}");
        assert_eq!(callbacks[0]["payload"]["task"]["state"], state);
        assert_eq!(callbacks[0]["state"], "succeeded");
    }
    assert_eq!(scene.callbacks(failed).await[0]["payload"]["task"]["error"]["kind"], "handler");
    assert_eq!(scene.callbacks(cancelled).await.len(), 0);
}

#[tokio::test]
async fn an_end_without_a_callback_owes_none_and_stays_as_it_is() {
    let scene = Scene::new().await;
    let id = scene.submit(json!({"target": {"handler": "note"}, "on_failure": to("note")})).await;
    scene.go_on().await;
    let record = scene.world.record(id).await;
    assert_eq!((record.owed_callback(), record.children.len(), scene.effects.count()), (None, 0, 1));
}

#[tokio::test]
async fn each_end_of_a_task_that_a_person_retries_has_a_callback() {
    let scene = Scene::new().await;
    let task =
        json!({"target": {"handler": "flaky"}, "payload": 9, "retry": {"max_attempts": 1}, "on_failure": to("note")});
    let id = scene.submit(task).await;
    for ends in 1..=3 {
        scene.go_on().await;
        assert_eq!(scene.callbacks(id).await.len(), ends);
        assert_eq!(scene.world.api.act(id, "retry").await.status, 200);
    }
    let body = json!({"ids": [id.to_string()]}).to_string();
    scene.go_on().await;
    let json_type = [("content-type", "application/json")];
    let answer = scene.world.api.ask(Method::POST, "/v1/dead/redrive", &json_type, body).await;
    assert_eq!((answer.status, &answer.body["done"]), (200, &json!(1)), "{}", answer.body);
    scene.go_on().await;
    assert_eq!(scene.callbacks(id).await.len(), 5);
}

#[tokio::test]
async fn a_callback_has_its_own_queue_payload_and_labels() {
    let scene = Scene::new().await;
    let on_success = json!({
        "target": {"handler": "note"}, "queue": "calls", "payload": [1, 2], "labels": {"kind": "callback"},
    });
    let id = scene.submit(json!({"target": {"handler": "note"}, "on_success": on_success})).await;
    scene.go_on().await;
    let callback = scene.callbacks(id).await.remove(0);
    assert_eq!(
        [&callback["queue"], &callback["payload"], &callback["labels"]],
        [&json!("calls"), &json!([1, 2]), &json!({"kind": "callback"})]
    );
    assert_eq!(scene.world.api.task(id).await["on_success"], on_success);
    let listed = scene.world.api.list("/v1/tasks?queue=default").await;
    assert_eq!(listed[0]["on_success"].get("payload"), None, "lists leave out payloads");
}

#[tokio::test]
async fn a_large_result_is_told_and_the_credentials_of_a_callback_are_masked() {
    let scene = Scene::new().await;
    let on_failure =
        json!({"target": {"http": {"url": "https://example.com/", "headers": {"authorization": "Bearer secret"}}}});
    let task =
        json!({"target": {"handler": "large"}, "payload": 100_000, "on_success": to("note"), "on_failure": on_failure});
    let id = scene.submit(task).await;
    scene.go_on().await;
    let told = &scene.callbacks(id).await[0]["payload"];
    assert_eq!(told["task"]["result"].as_str().map(str::len), Some(100_000));
    let shown = scene.world.api.task(id).await["on_failure"].to_string();
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn every_firing_of_a_schedule_has_its_callback() {
    let scene = Scene::new().await;
    let task = json!({"target": {"handler": "note"}, "on_success": to("note")});
    let answer = scene.world.api.put_schedule("s", &json!({"cron": "* * * * *", "task": task})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.body["task"]["on_success"], to("note"));
    let executor = scene.world.executor(scene.effects.handlers());
    scene.world.minutes(&executor, 3).await;
    assert_eq!(scene.effects.count(), 6);
}

#[tokio::test]
async fn one_key_with_another_callback_is_another_request() {
    let scene = Scene::new().await;
    let with =
        |handler: &str| json!({"target": {"handler": "note"}, "idempotency_key": "k", "on_success": to(handler)});
    let first = scene.submit(with("note")).await;
    scene.go_on().await;
    assert_eq!(scene.world.api.try_submit(&with("note")).await.id(), first);
    let other = scene.world.api.try_submit(&with("flaky")).await;
    assert_eq!((other.status, &other.body["type"]), (422, &json!("/problems/idempotency-key-reused")));
}

#[tokio::test]
async fn an_audit_finds_a_callback_that_no_tick_sees() {
    let scene = Scene::new().await;
    // The first pass begins in a day.
    scene.world.tick().await;
    let id = scene.submit(json!({"target": {"handler": "note"}, "on_success": to("note")})).await;
    let faults = Faults::crash_at(CrashPoint::CallbackOwed);
    let executor = scene.world.mortal(scene.effects.handlers(), &faults);
    let delivery = scene.world.delivery().await;
    let victim = tokio::spawn(async move { executor.deliver(&delivery, None).await });
    faults.died().await;
    victim.abort();
    assert!(scene.world.record(id).await.owed_callback().is_some());
    // Its entry is lost.
    let key = json!({attr::PK: {"S": task_partition(&id.key)}, attr::SK: {"S": TASK_SORT}});
    let lost =
        json!({"TableName": "taskway-Tasks", "Key": key, "UpdateExpression": format!("REMOVE {}", attr::AGENDA)});
    scene.world.dynamodb("UpdateItem", lost).await;
    scene.world.pass_secs(86_399);
    scene.world.tick().await;
    assert!(scene.world.record(id).await.owed_callback().is_some());
    scene.world.pass_secs(1);
    assert_eq!(scene.world.tick().await.audit_findings, 1);
    scene.go_on().await;
    assert_eq!(scene.callbacks(id).await.len(), 1);
    assert_eq!(scene.world.record(id).await.owed_callback(), None);
}

#[tokio::test]
async fn a_callback_that_only_a_newer_release_can_read_stays_owed() {
    let scene = Scene::new().await;
    let id = scene.submit(json!({"target": {"handler": "note"}, "on_success": to("note")})).await;
    let faults = Faults::crash_at(CrashPoint::CallbackOwed);
    let executor = scene.world.mortal(scene.effects.handlers(), &faults);
    let delivery = scene.world.delivery().await;
    let victim = tokio::spawn(async move { executor.deliver(&delivery, None).await });
    faults.died().await;
    victim.abort();
    let key = json!({attr::PK: {"S": task_partition(&id.key)}, attr::SK: {"S": TASK_SORT}});
    let set = async |text: &str| {
        let update = json!({
            "TableName": "taskway-Tasks", "Key": key, "UpdateExpression": "SET #b = :b",
            "ExpressionAttributeNames": {"#b": attr::BODY}, "ExpressionAttributeValues": {":b": {"S": text}},
        });
        scene.world.dynamodb("UpdateItem", update).await;
    };
    set(r#"{"y":{"newer":1}}"#).await;
    scene.world.pass_secs(30);
    assert_eq!(scene.world.tick().await.failed, 1);
    assert!(scene.world.record(id).await.owed_callback().is_some());
    set(r#"{"y":{"h":"note"}}"#).await;
    scene.go_on().await;
    assert_eq!(scene.callbacks(id).await.len(), 1);
}
