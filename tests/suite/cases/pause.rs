//! Queues that are paused and go on.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::TaskId;
use taskway_tests::{Answer, Effects, World};

async fn ask(world: &World, method: Method, path: &str, body: &str) -> Answer {
    world.api.ask(method, path, &[("content-type", "application/json")], body.to_owned()).await
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
    assert_eq!(world.carried(), 0, "the table holds the task, and no message does");
    let queue = ask(&world, Method::GET, "/v1/queues/emails", "").await.body;
    assert_eq!(queue, json!({"name": "emails", "paused": true, "held": 1, "failed": 0}));
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
    let listed = world.store.held("emails", None).await.unwrap().items;
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
    // Sends fail while the request sends. The queue goes on all the same.
    world.sends(|_| taskway_local::sqs::Interruption::RefuseBefore);
    assert_eq!(steer(&world, "resume").await, json!({"name": "emails", "paused": false, "held": 230, "failed": 0}));
    world.stack.sqs.interrupt(None);
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
    let entry = world.store.held("emails", None).await.unwrap().items[0].entry;
    let day = Duration::from_secs(86_400);
    world.tick_auditing(day).await;
    world.pass(day * 2);
    assert_eq!(world.tick_auditing(day).await.audit_findings, 0, "the list has it");
    world.store.remove_holds("emails", &[entry]).await.unwrap();
    world.pass(day * 2);
    assert_eq!(world.tick_auditing(day).await.audit_findings, 1);
    steer(&world, "resume").await;
    work(&world, &effects).await;
    assert_eq!(world.state(id).await, "succeeded");
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
