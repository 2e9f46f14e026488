//! Queues that are paused and go on.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::{Scope, TaskId, Wanted};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Answer, Effects, Fate, Proxy, World};

async fn ask(world: &World, method: Method, path: &str, body: &str) -> Answer {
    world.api.ask(method, path, &[("content-type", "application/json")], body.to_owned()).await
}

fn emails() -> Scope {
    Scope::share("emails", 0)
}

async fn steer(world: &World, verb: &str) -> Value {
    let answer = ask(world, Method::POST, &format!("/v1/queues/emails/{verb}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn email(more: Value) -> Value {
    let mut task = json!({"queue": "emails", "target": {"handler": "note"}});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

/// Lets everything that is sent arrive and run.
async fn work(world: &World, effects: &Effects) {
    world.pass_secs(6);
    world.work(&world.executor(effects.handlers())).await;
}

#[tokio::test]
async fn nothing_of_a_paused_queue_starts_and_nothing_is_lost() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let id = world.api.submit(email(json!({}))).await;
    let other = world.api.submit(json!({"target": {"handler": "note"}})).await;
    work(&world, &effects).await;
    assert_eq!((world.state(id).await, world.state(other).await), ("scheduled", "succeeded"));
    let held = [id, other].map(async |id| world.api.task(id).await["held"].clone());
    assert_eq!(futures::future::join_all(held).await, [true, false]);
    assert_eq!(world.carried(), 0, "the table holds the task, and no message does");
    let queue = ask(&world, Method::GET, "/v1/queues/emails", "").await.body;
    assert_eq!(
        queue,
        json!({"name": "emails", "paused": true, "concurrency": null, "rate": null, "per_key": {"concurrency": null, "rate": null}, "held": 1, "failed": 0})
    );
    for _ in 0..3 {
        world.pass(Duration::from_secs(60));
        assert_eq!(world.tick().await.dispatched, 0);
    }
    assert_eq!(steer(&world, "resume").await["held"], 0);
    work(&world, &effects).await;
    assert_eq!((world.state(id).await, effects.count()), ("succeeded", 2));
    assert_eq!(world.record(id).await.attempts, 1);
}

#[tokio::test]
async fn an_executor_that_has_seen_the_queue_running_learns_of_the_pause_within_five_seconds() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.submit(email(json!({}))).await;
    world.work(&executor).await;
    steer(&world, "pause").await;
    world.pass_secs(3);
    let early = world.api.submit(email(json!({}))).await;
    world.work(&executor).await;
    world.pass_secs(2);
    let late = world.api.submit(email(json!({}))).await;
    world.work(&executor).await;
    assert_eq!((world.state(early).await, world.state(late).await), ("succeeded", "scheduled"));
}

#[tokio::test]
async fn held_tasks_are_sent_in_the_order_of_their_ranks() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let mut ids: Vec<TaskId> = Vec::new();
    for more in
        [json!({"expected_duration_ms": 9000}), json!({"expected_duration_ms": 10}), json!({"priority": "high"})]
    {
        ids.push(world.api.submit(email(more)).await);
    }
    world.work(&world.executor(effects.handlers())).await;
    let listed = world.store.held(&emails(), None, 100).await.unwrap().items;
    let order: Vec<TaskId> = listed.iter().map(|held| held.entry.id).collect();
    assert_eq!(order, [ids[2], ids[1], ids[0]]);
}

#[tokio::test]
async fn a_tick_sends_what_a_resume_left() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let tasks: Vec<Value> = (0..230).map(|_| email(json!({}))).collect();
    let ids = world.api.submit_all(&tasks).await;
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!(steer(&world, "pause").await["held"], 230);
    steer_but_send_nothing(&world).await;
    let queue = ask(&world, Method::GET, "/v1/queues/emails", "").await.body;
    assert_eq!(
        queue,
        json!({"name": "emails", "paused": false, "concurrency": null, "rate": null,
            "per_key": {"concurrency": null, "rate": null}, "held": 230, "failed": 0})
    );
    world.pass(Duration::from_secs(60));
    assert_eq!(world.tick().await.dispatched, 230);
    work(&world, &effects).await;
    assert_eq!((effects.count(), world.tick().await.dispatched), (230, 0));
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_held_task_can_be_cancelled_moved_and_run_and_leaves_the_list() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let [gone, moved, run] = [0; 3].map(|_| email(json!({})));
    let (gone, moved, run) = (world.api.submit(gone).await, world.api.submit(moved).await, world.api.submit(run).await);
    work(&world, &effects).await;
    assert_eq!(steer(&world, "pause").await["held"], 3);
    assert_eq!(world.api.act(gone, "cancel").await.status, 200);
    assert_eq!(world.api.change(moved, &json!({"priority": "low"})).await.status, 200);
    assert_eq!(world.api.act(run, "run").await.status, 200);
    assert_eq!(steer(&world, "pause").await["held"], 0);
    work(&world, &effects).await;
    assert_eq!(steer(&world, "pause").await["held"], 2, "the pause holds what a person moves, too");
    steer(&world, "resume").await;
    work(&world, &effects).await;
    assert_eq!(
        (world.state(gone).await, world.state(moved).await, world.state(run).await),
        ("cancelled", "succeeded", "succeeded")
    );
}

#[tokio::test]
async fn the_audit_sends_a_held_task_that_no_list_has() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let id = world.api.submit(email(json!({}))).await;
    work(&world, &effects).await;
    let entry = world.store.held(&emails(), None, 100).await.unwrap().items[0].entry;
    let day = Duration::from_secs(86_400);
    world.tick_auditing(day).await;
    world.pass(day * 2);
    assert_eq!(world.tick_auditing(day).await.audit_findings, 0, "the list has it");
    world.store.remove_holds(&emails(), &[entry]).await.unwrap();
    world.pass(day * 2);
    assert_eq!(world.tick_auditing(day).await.audit_findings, 1);
    steer(&world, "resume").await;
    work(&world, &effects).await;
    assert_eq!(world.state(id).await, "succeeded");
}

/// Replaces the only message by the same with one field changed, or removed if the value is null.
fn forge(world: &World, field: &str, value: Value) {
    let mut message: Value = serde_json::from_str(&world.waiting()[0].body).unwrap();
    message[field] = value;
    message.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    world.lose();
    world.put(&message.to_string());
}

#[tokio::test]
async fn the_record_says_in_which_queue_a_task_is() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let running = world.api.submit(json!({"target": {"handler": "note"}})).await;
    forge(&world, "q", json!("emails"));
    work(&world, &effects).await;
    assert_eq!(world.state(running).await, "succeeded", "its own queue is not paused");
    // A message that names another queue, or none.
    for queue in [json!("other"), Value::Null] {
        let id = world.api.submit(email(json!({}))).await;
        forge(&world, "q", queue);
        work(&world, &effects).await;
        let record = world.record(id).await;
        assert_eq!((world.state(id).await, record.attempts), ("scheduled", 0), "{record:?}");
        assert!(world.store.held(&emails(), None, 100).await.unwrap().items.iter().any(|held| held.entry.id == id));
    }
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_second_pause_keeps_the_order() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.api.submit(email(json!({}))).await);
        world.pass_secs(1);
    }
    for _ in 0..2 {
        work(&world, &effects).await;
        let listed = world.store.held(&emails(), None, 100).await.unwrap().items;
        let order: Vec<TaskId> = listed.iter().map(|held| held.entry.id).collect();
        assert_eq!(order, ids);
        steer(&world, "resume").await;
        assert_eq!(steer(&world, "pause").await["held"], 0);
    }
    assert_eq!(effects.count(), 0);
}

#[tokio::test]
async fn the_audit_does_not_send_again_what_a_resume_has_just_sent() {
    let (world, effects) = (World::new().await, Effects::default());
    let day = Duration::from_secs(86_400);
    world.tick_auditing(day).await;
    steer(&world, "pause").await;
    for _ in 0..3 {
        world.api.submit(email(json!({}))).await;
    }
    work(&world, &effects).await;
    world.pass(day * 2);
    steer(&world, "resume").await;
    assert_eq!((world.tick_auditing(day).await.audit_findings, world.waiting().len()), (0, 3));
    work(&world, &effects).await;
    assert_eq!(effects.count(), 3);
}

#[tokio::test]
async fn a_late_change_does_not_undo_a_later_one() {
    let world = World::new().await;
    let at = |seconds| world.now().after(Duration::from_secs(seconds));
    let before = world.store.queue_settings("emails").await.unwrap();
    let paused = before.changed(Wanted { paused: true, ..Wanted::default() }, at(1));
    let running = paused.changed(Wanted::default(), at(2));
    for _ in 0..2 {
        assert!(world.store.set_queue("emails", before, paused).await.unwrap(), "repeated, it is done");
    }
    assert!(world.store.set_queue("emails", paused, running).await.unwrap());
    assert!(!world.store.set_queue("emails", before, paused).await.unwrap());
    assert_eq!(world.store.queue_settings("emails").await.unwrap(), running);
}

#[tokio::test]
async fn a_pause_is_answered_though_nothing_can_be_counted() {
    let mut world = World::new().await;
    let rule = |action: &str, _: &str| if action == "Query" { Fate::Refuse } else { Fate::Pass };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    for (verb, paused) in [("pause", true), ("resume", false)] {
        let answer = api.ask(Method::POST, &format!("/v1/queues/emails/{verb}"), &[], "").await;
        assert_eq!(
            (answer.status, answer.body),
            (
                200,
                json!({"name": "emails", "paused": paused, "concurrency": null, "rate": null, "per_key": {"concurrency": null, "rate": null}})
            )
        );
    }
    assert_eq!(api.ask(Method::GET, "/v1/queues/emails", &[], "").await.status, 503);
}

#[tokio::test]
async fn a_pause_ends_a_dispatch() {
    let (world, effects) = (World::new().await, Effects::default());
    steer(&world, "pause").await;
    world.api.submit_all(&(0..230).map(|_| email(json!({}))).collect::<Vec<_>>()).await;
    work(&world, &effects).await;
    steer_but_send_nothing(&world).await;
    // Another person pauses the queue when the first tasks are sent.
    let faults = Faults::crash_at(CrashPoint::HeldSent);
    let dispatcher = world.services().with_faults(faults.clone());
    let until = world.now().after(Duration::from_secs(50));
    let dispatch = tokio::spawn(async move { dispatcher.dispatch_held("emails", until, usize::MAX).await });
    faults.died().await;
    dispatch.abort();
    steer(&world, "pause").await;
    let until = world.now().after(Duration::from_secs(50));
    let sent = world.services().dispatch_held("emails", until, usize::MAX).await.unwrap();
    assert_eq!((sent.sent, world.waiting().len()), (0, 10));
    work(&world, &effects).await;
    assert_eq!((effects.count(), world.tick().await.dispatched), (0, 0));
    steer(&world, "resume").await;
    work(&world, &effects).await;
    assert_eq!(effects.count(), 230, "each once");
}

/// The queue goes on while SQS takes no messages.
async fn steer_but_send_nothing(world: &World) {
    world.sends(|_| taskway_local::sqs::Interruption::RefuseBefore);
    steer(world, "resume").await;
    world.stack.sqs.interrupt(None);
}

#[tokio::test]
async fn queues_are_set_up_and_listed() {
    let world = World::new().await;
    let put = ask(&world, Method::PUT, "/v1/queues/emails", r#"{"paused": true}"#).await;
    assert_eq!((put.status, &put.body["paused"]), (200, &json!(true)), "{}", put.body);
    world.api.submit(json!({"queue": "other", "target": {"handler": "note"}})).await;
    world.api.submit(email(json!({}))).await;
    let listed = ask(&world, Method::GET, "/v1/queues", "").await.body;
    let mut queues: Vec<(&str, bool)> = listed["queues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|queue| (queue["name"].as_str().unwrap(), queue["paused"].as_bool().unwrap()))
        .collect();
    queues.sort_unstable();
    assert_eq!(queues, [("emails", true), ("other", false)]);
    let one = ask(&world, Method::GET, "/v1/queues?limit=1", "").await.body;
    let next = format!("/v1/queues?limit=1&cursor={}", one["next_cursor"].as_str().unwrap());
    let two = ask(&world, Method::GET, &next, "").await.body;
    assert_ne!(one["queues"][0]["name"], two["queues"][0]["name"]);
    let kept = ask(&world, Method::PATCH, "/v1/queues/emails", "{}").await;
    assert_eq!((kept.status, &kept.body["paused"]), (200, &json!(true)));
    let put = ask(&world, Method::PUT, "/v1/queues/emails", "{}").await;
    assert_eq!((put.status, &put.body["paused"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let world = World::new().await;
    for (method, path, body, place) in [
        (Method::PUT, "/v1/queues/emails", r#"{"paused": 1}"#, r#"{"pointer":"/paused""#),
        (Method::PUT, "/v1/queues/emails", r#"{"pased": true}"#, r#"{"pointer":"/pased""#),
        (Method::PUT, "/v1/queues/-", r#"{}"#, r#"{"parameter":"name""#),
        (Method::GET, "/v1/queues?limit=0", "", r#"{"parameter":"limit""#),
        (Method::GET, "/v1/queues?cursor=x", "", r#"{"parameter":"cursor""#),
    ] {
        let answer = ask(&world, method, path, body).await;
        let errors = answer.body["errors"][0].as_object().cloned().unwrap_or_default();
        let text = serde_json::to_string(&errors).unwrap();
        let place: Value = serde_json::from_str(&format!("{place}}}")).unwrap();
        let (name, value) = place.as_object().unwrap().iter().next().unwrap();
        assert_eq!((answer.status, errors.get(name)), (422, Some(value)), "{path} {body}: {text}");
    }
    assert_eq!(ask(&world, Method::GET, "/v1/queues/-", "").await.status, 404);
    assert_eq!(ask(&world, Method::POST, "/v1/queues/-/pause", "").await.status, 404);
    let refused = ask(&world, Method::DELETE, "/v1/queues/emails", "").await;
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD, PUT, PATCH"));
}
