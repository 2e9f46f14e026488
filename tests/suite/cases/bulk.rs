//! Cancelling many tasks with one request.

use std::sync::Arc;

use serde_json::{Value, json};
use taskway_protocol::TaskId;
use taskway_tests::{Effects, Fate, Gate, Proxy, World, nth, until};
use tokio::sync::Semaphore;

async fn submit(world: &World, count: usize, more: &Value) -> Vec<TaskId> {
    let task = |n: usize| {
        let mut task = json!({"target": {"handler": "note"}, "labels": {"n": (n % 10).to_string()}});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    world.api.submit_all(&(0..count).map(task).collect::<Vec<_>>()).await
}

/// Cancels until no cursor is left. Returns how many tasks matched and how many were cancelled.
async fn cancel(world: &World, selection: &Value) -> (u64, u64) {
    let (mut matched, mut done, mut selection) = (0, 0, selection.clone());
    loop {
        let answer = world.api.post("/v1/tasks/cancel", &[], selection.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        matched += answer.body["matched"].as_u64().unwrap();
        done += answer.body["done"].as_u64().unwrap();
        if answer.body["next_cursor"].is_null() {
            return (matched, done);
        }
        selection["cursor"] = answer.body["next_cursor"].clone();
    }
}

#[tokio::test]
async fn only_the_selected_tasks_are_cancelled() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let emails = submit(&world, 120, &json!({"queue": "emails", "delay_seconds": 60})).await;
    let later = submit(&world, 40, &json!({"queue": "emails", "delay_seconds": 3600})).await;
    let others = submit(&world, 50, &json!({"queue": "others", "delay_seconds": 60})).await;
    assert_eq!(cancel(&world, &json!({"queue": "emails", "labels": {"n": "3"}, "limit": 5})).await, (16, 16));
    assert_eq!(cancel(&world, &json!({"queue": "emails", "state": "scheduled"})).await, (36, 36));
    for (n, id) in emails.iter().enumerate() {
        assert_eq!(world.state(*id).await == "cancelled", n % 10 == 3);
    }
    for id in &later {
        assert_eq!(world.state(*id).await, "cancelled");
    }
    let ids = [others[0], emails[3], others[1]].map(|id| id.to_string());
    assert_eq!(cancel(&world, &json!({"ids": ids})).await, (2, 2));
    assert_eq!(cancel(&world, &json!({"queue": "others", "limit": 7})).await, (48, 48));
    world.pass_secs(60);
    world.work(&executor).await;
    assert_eq!(effects.count(), 108);
    assert_eq!(cancel(&world, &json!({"queue": "emails"})).await, (0, 0), "ended tasks do not match");
    submit(&world, 3, &json!({"queue": "third"})).await;
    assert_eq!(cancel(&world, &json!({"all": true})).await, (3, 3));
}

#[tokio::test]
async fn a_thousand_tasks_are_cancelled_in_several_calls() {
    let world = World::new().await;
    let mut there = Vec::new();
    for _ in 0..3 {
        there.extend(submit(&world, 400, &json!({"delay_seconds": 60})).await);
    }
    let first = world.api.post("/v1/tasks/cancel?queue=default", &[], "").await;
    assert_eq!((&first.body["matched"], &first.body["done"]), (&json!(500), &json!(500)));
    assert_eq!(cancel(&world, &json!({"queue": "default"})).await, (700, 700), "the remaining tasks");
    for id in there {
        assert_eq!(world.state(id).await, "cancelled");
    }
}

#[tokio::test]
async fn running_tasks_are_cancelled_too() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let running = submit(&world, 8, &json!({"target": {"handler": "gate"}})).await;
    let waiting = submit(&world, 8, &json!({"delay_seconds": 60})).await;
    let meanwhile = async {
        until("the starts", async || (effects.count() == 8).then_some(())).await;
        assert_eq!(cancel(&world, &json!({"state": "running"})).await, (8, 8));
        (0..8).for_each(|_| gate.open());
    };
    futures::join!(world.work(&executor), meanwhile);
    for id in running {
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], &task["result"]), (&json!("cancelled"), &json!(null)));
    }
    for id in waiting {
        assert_eq!(world.state(id).await, "queued");
    }
}

#[tokio::test]
async fn a_task_that_ends_meanwhile_matches_and_is_not_cancelled() {
    let (mut world, effects) = (World::new().await, Effects::default());
    let ids = submit(&world, 5, &json!({})).await;
    // The proxy holds the first cancellation until its task has run.
    let permits = Arc::new(Semaphore::new(0));
    let proxy = Proxy::start(&world.stack.dynamodb, nth(1, "UpdateItem", "", Fate::Hold(Arc::clone(&permits)))).await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let answer = tokio::spawn(async move { api.post("/v1/tasks/cancel?queue=default", &[], "").await });
    let open = async || {
        let mut open = 0;
        for id in &ids {
            open += usize::from(!world.record(*id).await.state.name().is_ended());
        }
        open
    };
    until("the other cancellations", async || (open().await == 1).then_some(())).await;
    world.work(&world.executor(effects.handlers())).await;
    permits.add_permits(1);
    assert_eq!(answer.await.unwrap().body, json!({"matched": 5, "done": 4, "next_cursor": null}));
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_counted() {
    let mut world = World::new().await;
    submit(&world, 5, &json!({})).await;
    let proxy = Proxy::start(&world.stack.dynamodb, nth(1, "UpdateItem", "", Fate::Lose)).await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let answer = api.post("/v1/tasks/cancel?queue=default", &[], "").await;
    assert_eq!(answer.body, json!({"matched": 5, "done": 5, "next_cursor": null}));
}

#[tokio::test]
async fn a_table_that_fails_half_way_is_503_and_the_call_can_be_repeated() {
    let mut world = World::new().await;
    let ids = submit(&world, 40, &json!({})).await;
    let writes = std::sync::atomic::AtomicUsize::new(0);
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, _| {
        let refused = action == "UpdateItem" && writes.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 10;
        if refused { Fate::Refuse } else { Fate::Pass }
    })
    .await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let failed = api.post("/v1/tasks/cancel?queue=default", &[], "").await;
    assert_eq!((failed.status, failed.header("retry-after")), (503, "2"));
    assert_eq!(cancel(&world, &json!({"queue": "default"})).await, (30, 30));
    for id in ids {
        assert_eq!(world.state(id).await, "cancelled");
    }
}

#[tokio::test]
async fn an_unclear_selection_is_refused() {
    let world = World::new().await;
    let ids = submit(&world, 3, &json!({})).await;
    for (query, body, place) in [
        ("", String::new(), json!({"pointer": ""})),
        ("", "{}".to_owned(), json!({"pointer": ""})),
        ("?limit=5", String::new(), json!({"pointer": ""})),
        ("", json!({"labels": {}}).to_string(), json!({"pointer": ""})),
        ("", json!({"queue": "default", "colour": "red"}).to_string(), json!({"pointer": "/colour"})),
        ("", json!({"state": "failed"}).to_string(), json!({"pointer": "/state"})),
        ("", json!({"queue": ""}).to_string(), json!({"pointer": "/queue"})),
        ("", json!({"labels": {"a": 1}}).to_string(), json!({"pointer": "/labels/a"})),
        ("", json!({"ids": []}).to_string(), json!({"pointer": "/ids"})),
        ("", json!({"queue": "default", "limit": 501}).to_string(), json!({"pointer": "/limit"})),
        ("", json!({"queue": "default", "cursor": "x"}).to_string(), json!({"pointer": "/cursor"})),
        ("?queue=default", json!({"queue": "default"}).to_string(), json!({"pointer": "/queue"})),
        ("?queue=default&x=1", String::new(), json!({"parameter": "x"})),
        ("", json!([]).to_string(), json!({"pointer": ""})),
        ("?all=true&queue=default", String::new(), json!({"parameter": "all"})),
    ] {
        let answer = world.api.post(&format!("/v1/tasks/cancel{query}"), &[], body.clone()).await;
        let said = &answer.body["errors"][0];
        let (name, value) = place.as_object().unwrap().iter().next().unwrap();
        assert_eq!((answer.status, &said[name]), (422, value), "{query} {body}: {}", answer.body);
    }
    let typeless = world.api.ask(http::Method::POST, "/v1/tasks/cancel", &[], r#"{"all":true}"#).await;
    assert_eq!(typeless.status, 415);
    assert_eq!(world.api.post("/v1/tasks/cancel", &[], "{").await.status, 400);
    let long = json!({"queue": "x".repeat(200_000)}).to_string();
    assert_eq!(world.api.post("/v1/tasks/cancel", &[], long).await.status, 413);
    for id in ids {
        assert_eq!(world.state(id).await, "queued", "no task was cancelled");
    }
    let no_body = world.api.ask(http::Method::POST, "/v1/tasks/cancel?queue=default", &[], "").await;
    assert_eq!(no_body.body["done"], 3, "a request without a body needs no content type");
}
