//! Cancelling everything that waits in a queue.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::{Scope, TaskId};
use taskway_tests::{Answer, Effects, Fate, Gate, Proxy, World, nth, until};
use tokio::sync::Semaphore;

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn ask(world: &World, path: &str, body: impl Into<String>) -> Answer {
    let body: String = body.into();
    world.api.ask(Method::POST, path, &JSON, body).await
}

async fn submit(world: &World, count: usize, more: Value) -> Vec<TaskId> {
    let mut task = json!({"queue": "emails", "target": {"handler": "note"}});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.api.submit_all(&vec![task; count]).await
}

/// Purges the queue `emails` until no cursor is left. Returns how many tasks matched, how many were cancelled, and the
/// number of calls.
async fn purge(world: &World, limit: u32) -> (u64, u64, usize) {
    let (mut matched, mut done, mut body) = (0, 0, json!({"limit": limit}));
    for calls in 1.. {
        let answer = ask(world, "/v1/queues/emails/purge", body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        matched += answer.body["matched"].as_u64().unwrap();
        done += answer.body["done"].as_u64().unwrap();
        if answer.body["next_cursor"].is_null() {
            return (matched, done, calls);
        }
        body["cursor"] = answer.body["next_cursor"].clone();
    }
    unreachable!("a loop without an end")
}

/// How many of the tasks are in this state.
async fn count(world: &World, ids: &[TaskId], state: &str) -> usize {
    let mut count = 0;
    for id in ids {
        count += usize::from(world.state(*id).await == state);
    }
    count
}

async fn held(world: &World) -> usize {
    world.store.held(&Scope::share("emails", 0), None, 100).await.unwrap().items.len()
}

#[tokio::test]
async fn what_waits_is_cancelled_and_what_runs_goes_on() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let running = submit(&world, 3, json!({"target": {"handler": "gate"}})).await;
    let again = json!({"target": {"handler": "flaky"}, "payload": 1, "retry": {"min_backoff_seconds": 60}});
    let tried = submit(&world, 2, again).await;
    let later = submit(&world, 4, json!({"delay_seconds": 3600})).await;
    let soon = submit(&world, 5, json!({"delay_seconds": 60})).await;
    let others = submit(&world, 2, json!({"queue": "others", "delay_seconds": 60})).await;
    let meanwhile = async {
        until("the attempts", async || {
            let running = count(&world, &running, "running").await;
            (running == 3 && count(&world, &tried, "queued").await == 2 && effects.count() == 5).then_some(())
        })
        .await;
        assert_eq!(purge(&world, 4).await, (11, 11, 3));
        (0..3).for_each(|_| gate.open());
    };
    futures::join!(world.work(&executor), meanwhile);
    assert_eq!(count(&world, &running, "succeeded").await, 3);
    assert_eq!(count(&world, &[tried, later, soon].concat(), "cancelled").await, 11);
    world.pass_secs(3600);
    world.tick().await;
    world.work(&executor).await;
    assert_eq!((effects.count(), count(&world, &others, "succeeded").await), (7, 2), "nothing else has started");
    assert_eq!(purge(&world, 500).await, (0, 0, 1), "ended tasks do not match");
}

#[tokio::test]
async fn a_paused_queue_lets_go_of_all_that_it_holds() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    assert_eq!(ask(&world, "/v1/queues/emails/pause", "").await.status, 200);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.extend(submit(&world, 400, json!({})).await);
        world.pass_secs(1);
    }
    world.work(&executor).await;
    assert_eq!(count(&world, &ids, "scheduled").await, 1200);
    assert_eq!(purge(&world, 500).await, (1200, 1200, 3));
    assert_eq!((count(&world, &ids, "cancelled").await, held(&world).await), (1200, 0));
    assert_eq!(ask(&world, "/v1/queues/emails/resume", "").await.body["held"], 0);
    world.pass_secs(60);
    assert_eq!(world.tick().await.dispatched, 0);
    world.work(&executor).await;
    assert_eq!(effects.count(), 0);
}

#[tokio::test]
async fn a_purge_comes_to_an_end_while_tasks_arrive() {
    let world = World::new().await;
    let there = submit(&world, 30, json!({"delay_seconds": 60})).await;
    let (mut arrived, mut path, mut calls) = (Vec::new(), "/v1/queues/emails/purge?limit=7".to_owned(), 0);
    loop {
        world.pass_secs(1);
        let answer = ask(&world, &path, "").await;
        calls += 1;
        assert!(calls < 10, "{} of 30", count(&world, &there, "cancelled").await);
        let Some(next) = answer.body["next_cursor"].as_str() else { break };
        path = format!("/v1/queues/emails/purge?limit=7&cursor={next}");
        arrived.extend(submit(&world, 10, json!({"delay_seconds": 60})).await);
    }
    assert_eq!((calls, count(&world, &there, "cancelled").await), (5, 30));
    assert_eq!(count(&world, &arrived, "queued").await, 40, "they came after it began");
}

#[tokio::test]
async fn a_task_that_starts_meanwhile_goes_on() {
    let (mut world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let ids = submit(&world, 5, json!({"target": {"handler": "gate"}})).await;
    // The proxy holds the first cancellation until its task has started.
    let permits = Arc::new(Semaphore::new(0));
    let proxy = Proxy::start(&world.stack.dynamodb, nth(1, "UpdateItem", "", Fate::Hold(Arc::clone(&permits)))).await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let answer = tokio::spawn(async move { api.ask(Method::POST, "/v1/queues/emails/purge", &[], "").await });
    until("the other cancellations", async || (count(&world, &ids, "cancelled").await == 4).then_some(())).await;
    let executor = world.executor(effects.gated(&gate));
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        permits.add_permits(1);
        assert_eq!(answer.await.unwrap().body, json!({"matched": 5, "done": 4, "next_cursor": null}));
        gate.open();
    };
    futures::join!(world.work(&executor), meanwhile);
    assert_eq!((count(&world, &ids, "cancelled").await, count(&world, &ids, "succeeded").await), (4, 1));
}

#[tokio::test]
async fn a_refusal_names_what_is_wrong() {
    let world = World::new().await;
    let ids = submit(&world, 12, json!({"delay_seconds": 60})).await;
    let cursor = |answer: Answer| answer.body["next_cursor"].as_str().unwrap().to_owned();
    let of_another = cursor(ask(&world, "/v1/tasks/cancel", r#"{"queue": "emails", "limit": 1}"#).await);
    let of_this = cursor(ask(&world, "/v1/queues/emails/purge?limit=1", "").await);
    for (query, body, place, detail) in [
        ("limit=0", String::new(), json!({"parameter": "limit"}), "must be 1 to 500"),
        ("limit=501", String::new(), json!({"parameter": "limit"}), "must be 1 to 500"),
        ("limit=5&limit=5", String::new(), json!({"parameter": "limit"}), "more than once"),
        ("cursor=x", String::new(), json!({"parameter": "cursor"}), "must be a next_cursor"),
        ("queue=emails", String::new(), json!({"parameter": "queue"}), "not a known parameter"),
        ("label.a=b", String::new(), json!({"parameter": "label.a"}), "not a known parameter"),
        ("all=true", String::new(), json!({"parameter": "all"}), "not a known parameter"),
        ("", json!({"limit": 501}).to_string(), json!({"pointer": "/limit"}), "must be 1 to 500"),
        ("", json!({"limit": "5"}).to_string(), json!({"pointer": "/limit"}), "must be"),
        ("", json!({"queue": "emails"}).to_string(), json!({"pointer": "/queue"}), "not a known field"),
        ("", json!({"state": "queued"}).to_string(), json!({"pointer": "/state"}), "not a known field"),
        ("", json!({"labels": {"a": "b"}}).to_string(), json!({"pointer": "/labels"}), "not a known field"),
        ("", json!({"ids": ["t"]}).to_string(), json!({"pointer": "/ids"}), "not a known field"),
        ("", json!({"all": true}).to_string(), json!({"pointer": "/all"}), "not a known field"),
        ("", json!([]).to_string(), json!({"pointer": ""}), "must be an object"),
        ("limit=5", json!({"limit": 5}).to_string(), json!({"pointer": "/limit"}), "as a parameter too"),
        ("", json!({"cursor": of_another}).to_string(), json!({"pointer": "/cursor"}), "another route"),
    ] {
        let answer = ask(&world, &format!("/v1/queues/emails/purge?{query}"), body.clone()).await;
        let said = &answer.body["errors"][0];
        let (name, value) = place.as_object().unwrap().iter().next().unwrap();
        assert_eq!((answer.status, &said[name]), (422, value), "{query} {body}: {}", answer.body);
        assert!(said["detail"].as_str().unwrap().contains(detail), "{query} {body}: {said}");
    }
    assert_eq!(ask(&world, "/v1/queues/emails/purge", "{").await.status, 400);
    assert_eq!(ask(&world, &format!("/v1/queues/other/purge?cursor={of_this}"), "").await.status, 422);
    assert_eq!(count(&world, &ids, "queued").await, 10, "the two calls with a limit of 1 alone did something");
}

#[tokio::test]
async fn a_queue_without_tasks_is_purged_of_none() {
    let world = World::new().await;
    let nothing = world.api.ask(Method::POST, "/v1/queues/nobody/purge", &[], "").await;
    assert_eq!((nothing.status, nothing.body), (200, json!({"matched": 0, "done": 0, "next_cursor": null})));
    for path in ["/v1/queues/-/purge", "/v1/queues/a%20b/purge"] {
        let answer = ask(&world, path, "").await;
        assert_eq!((answer.status, &answer.body["type"]), (404, &json!("/problems/not-found")), "{path}");
    }
    assert_eq!(world.api.ask(Method::GET, "/v1/queues/nobody/purge", &[], "").await.status, 405);
}
