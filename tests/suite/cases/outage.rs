//! The queue or the table does not answer, or its answer is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use taskway_cloud::dynamo::{Store, layout::TASK_PREFIX};
use taskway_local::sqs::Interruption;
use taskway_tests::{Effects, Fate, Gate, Proxy, START, World, nth, until};
use tokio::sync::Semaphore;

/// A client of the table that loses the answer to the `n`-th call of this kind.
async fn losing(world: &mut World, n: usize, action: &'static str, word: &'static str) -> (Proxy, Store) {
    let proxy = Proxy::start(&world.stack.dynamodb, nth(n, action, word, Fate::Lose)).await;
    let store = world.store_at(&proxy.url);
    (proxy, store)
}

#[tokio::test]
async fn a_task_is_accepted_while_the_queue_is_down() {
    for key in [json!(null), json!("k")] {
        let (world, effects) = (World::new().await, Effects::default());
        world.sends(|_| Interruption::RefuseBefore);
        let answer = world.api.try_submit(&json!({"target": {"handler": "note"}, "idempotency_key": key})).await;
        assert_eq!((answer.status, &answer.body["state"]), (202, &json!("scheduled")));
        assert_eq!(answer.body["generation"], 2);
        assert_eq!(world.tick().await.failed, 1, "the queue is still down");
        world.stack.sqs.interrupt(None);
        assert_eq!(world.tick().await.promoted, 1);
        let executor = world.executor(effects.handlers());
        assert_eq!(world.end(&executor, answer.id()).await, "succeeded");
        assert_eq!(effects.count(), 1);
    }
}

#[tokio::test]
async fn a_task_runs_once_though_every_answer_to_its_send_was_lost() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let sent = world.sends(|_| Interruption::LoseAnswer);
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    assert!(sent.load(Ordering::SeqCst) > 1 && world.carried() > 1);
    assert_eq!(world.state(id).await, "scheduled", "the message counts as unsent, so the task is parked");
    world.stack.sqs.interrupt(None);
    world.work(&executor).await;
    assert_eq!((effects.count(), world.carried()), (0, 0), "parking made the sent messages stale");
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_task_runs_once_though_its_message_was_sent_twice() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.sends(|before| if before == 0 { Interruption::LoseAnswer } else { Interruption::None });
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    assert_eq!(world.carried(), 2);
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!((effects.count(), world.record(id).await.attempts), (1, 1));
}

#[tokio::test]
async fn the_old_message_carries_a_retry_whose_message_was_refused() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 10, "max_backoff_seconds": 10});
    let id = world.api.submit(json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry})).await;
    world.sends(|_| Interruption::RefuseBefore);
    world.work(&executor).await;
    assert_eq!((world.state(id).await, world.carried(), effects.count()), ("queued", 1, 1));
    world.stack.sqs.interrupt(None);
    world.pass_secs(10);
    world.work(&executor).await;
    assert_eq!((world.state(id).await, effects.count(), world.carried()), ("succeeded", 2, 0));
}

#[tokio::test]
async fn an_executor_recognises_its_claim_though_the_answer_was_lost() {
    let (mut world, effects) = (World::new().await, Effects::default());
    let (_proxy, store) = losing(&mut world, 1, "UpdateItem", "").await;
    let executor = world.executor_of(world.services().with_store(store), effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.work(&executor).await;
    let task = world.record(id).await;
    assert_eq!((task.state.name().as_str(), task.attempts, task.fence.0), ("succeeded", 1, 1));
    assert_eq!((effects.count(), world.carried()), (1, 0));
}

#[tokio::test]
async fn an_outcome_counts_though_the_answer_was_lost() {
    for payload in [0, 1] {
        let (mut world, effects) = (World::new().await, Effects::default());
        let (_proxy, store) = losing(&mut world, 2, "UpdateItem", "").await;
        let executor = world.executor_of(world.services().with_store(store), effects.handlers());
        let id = world.api.submit(json!({"target": {"handler": "flaky"}, "payload": payload})).await;
        assert_eq!(world.end(&executor, id).await, "succeeded");
        assert_eq!((effects.count(), world.record(id).await.attempts as usize), (payload + 1, payload + 1));
    }
}

#[tokio::test]
async fn a_submit_recognises_its_record_though_the_answer_was_lost() {
    for key in [json!(null), json!("k")] {
        let (mut world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let (_proxy, store) = losing(&mut world, 1, "PutItem", TASK_PREFIX).await;
        let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
        let answer = api.try_submit(&json!({"target": {"handler": "note"}, "idempotency_key": key})).await;
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (202, ""));
        assert_eq!(world.carried(), 1);
        assert_eq!(world.end(&executor, answer.id()).await, "succeeded");
        assert_eq!(effects.count(), 1);
    }
}

#[tokio::test]
async fn a_mark_counts_though_the_answer_was_lost() {
    let (mut world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let (_proxy, store) = losing(&mut world, 1, "UpdateItem", "").await;
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
    world.pass_secs(1200);
    world.scheduler.services.store = store;
    assert_eq!(world.tick().await.promoted, 1);
    assert_eq!((world.state(id).await, world.carried()), ("queued", 1));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_change_counts_though_the_answer_was_lost() {
    for verb in ["run", "retry", "cancel"] {
        let (mut world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 3600})).await;
        if verb == "retry" {
            world.api.act(id, "cancel").await;
        }
        let (_proxy, store) = losing(&mut world, 1, "UpdateItem", "").await;
        let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
        let answer = api.act(id, verb).await;
        assert_eq!(answer.status, 200, "{verb}: {}", answer.body);
        let ended = if verb == "cancel" { "cancelled" } else { "succeeded" };
        assert_eq!(world.end(&executor, id).await, ended, "{verb}");
        assert_eq!(effects.count(), usize::from(verb != "cancel"));
    }
}

#[tokio::test]
async fn a_submit_while_the_table_is_down_is_503_and_writes_nothing() {
    let mut world = World::new().await;
    let proxy = Proxy::start(&world.stack.dynamodb, |_, _| Fate::Refuse).await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let answer = api.try_submit(&json!({"target": {"handler": "note"}, "idempotency_key": "k"})).await;
    assert_eq!((answer.status, &answer.body["type"]), (503, &json!("/problems/unavailable")));
    assert_eq!((answer.header("retry-after"), world.carried()), ("2", 0));
    let again = world.api.try_submit(&json!({"target": {"handler": "note"}, "idempotency_key": "k"})).await;
    assert_eq!(again.status, 202);
}

#[tokio::test]
async fn an_outcome_is_written_as_soon_as_the_table_is_back() {
    let (mut world, effects) = (World::new().await, Effects::default());
    // The read of the queue's settings and the claim pass. Then the table is down for longer than the SDK retries.
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let rule = move |_: &str, _: &str| match seen.fetch_add(1, Ordering::SeqCst) {
        2..=5 => Fate::Refuse,
        _ => Fate::Pass,
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let store = world.store_at(&proxy.url);
    let executor = world.executor_of(world.services().with_store(store), effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.passing(Duration::from_millis(10), world.work(&executor)).await;
    assert_eq!((world.state(id).await, effects.count(), world.carried()), ("succeeded", 1, 0));
    assert!(calls.load(Ordering::SeqCst) > 6);
}

#[tokio::test]
async fn a_claim_whose_answer_comes_too_late_starts_no_attempt() {
    let (mut world, effects) = (World::new().await, Effects::default());
    let permits = Arc::new(Semaphore::new(0));
    let (asked, hold) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&permits));
    let seen = Arc::clone(&asked);
    let rule = move |action: &str, _: &str| match action {
        "UpdateItem" if seen.fetch_add(1, Ordering::SeqCst) == 0 => Fate::Hold(Arc::clone(&hold)),
        _ => Fate::Pass,
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let store = world.store_at(&proxy.url);
    let slow = world.executor_of(world.services().with_store(store), effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let late = async {
        until("the claim", async || (asked.load(Ordering::SeqCst) == 1).then_some(())).await;
        world.pass_secs(60);
        permits.add_permits(1);
    };
    futures::join!(world.work(&slow), late);
    assert_eq!((world.state(id).await, world.record(id).await.attempts, effects.count()), ("running", 1, 0));
    assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "succeeded");
    assert_eq!((world.record(id).await.attempts, effects.count()), (2, 1));
}

#[tokio::test]
async fn an_attempt_that_cannot_send_heartbeats_stops_before_its_lease_ends() {
    let (mut world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let beats = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&beats);
    // The claim passes, and every heartbeat is refused.
    let rule = move |action: &str, _: &str| match action {
        "UpdateItem" if seen.fetch_add(1, Ordering::SeqCst) > 0 => Fate::Refuse,
        _ => Fate::Pass,
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let store = world.store_at(&proxy.url);
    let cut_off = world.executor_of(world.services().with_store(store), effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        world.pass_secs(30);
        // The SDK tries three times.
        until("the heartbeat", async || (beats.load(Ordering::SeqCst) >= 4).then_some(())).await;
        world.pass_secs(30);
    };
    futures::join!(world.work(&cut_off), meanwhile);
    assert_eq!(world.now().since(START), Duration::from_secs(60), "its lease ends at 65 s");
    gate.open();
    assert_eq!(world.end(&world.executor(effects.gated(&gate)), id).await, "succeeded");
    assert_eq!((&world.api.task(id).await["result"], effects.count()), (&json!(2), 2));
}
