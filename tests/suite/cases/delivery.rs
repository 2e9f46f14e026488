//! Deliveries of a message: twice, before its record, or too often.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use taskway_cloud::{dynamo::layout::TASK_PREFIX, sqs::Source};
use taskway_executor::Disposition;
use taskway_protocol::{Priority, Reason};
use taskway_tests::{Effects, Fate, Gate, Proxy, World, nth, until};
use tokio::sync::Semaphore;

/// An executor that finds no record for a message looks again after moments, and then hands the message back for
/// seconds.
const MOMENT: Duration = Duration::from_millis(10);

fn reason(disposition: &Disposition) -> Option<Reason> {
    match disposition {
        Disposition::Ack(ack) => Some(ack.reason()),
        Disposition::HandBack(_) | Disposition::Leave => None,
    }
}

#[tokio::test]
async fn a_message_delivered_twice_runs_its_task_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let delivery = world.delivery().await;
    assert_eq!(reason(&executor.deliver(&delivery, None).await), Some(Reason::LifeOver));
    assert_eq!(reason(&executor.deliver(&delivery, None).await), Some(Reason::LifeOver));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!((effects.count(), world.record(id).await.attempts), (1, 1));
}

#[tokio::test]
async fn ten_copies_at_once_run_their_task_once() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}})).await;
    let delivery = world.delivery().await;
    let copies = futures::future::join_all((0..10).map(|_| executor.deliver(&delivery, None)));
    let (answers, ()) = futures::join!(copies, async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        gate.open();
    });
    assert_eq!(effects.count(), 1);
    for answer in &answers {
        // The executor never deletes a duplicate of a live attempt, because it carries the task if the attempt dies.
        let over = Duration::from_secs(70);
        let harmless = matches!(answer, Disposition::HandBack(after) if *after == over)
            || reason(answer) == Some(Reason::LifeOver);
        assert!(harmless, "{answer:?}");
    }
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!((effects.count(), world.record(id).await.attempts), (1, 1));
}

#[tokio::test]
async fn a_message_that_comes_again_during_an_attempt_carries_the_task_if_the_attempt_dies() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}})).await;
    let (victim, delivery) = (world.executor(effects.gated(&gate)), world.delivery().await);
    let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.show();
    assert_eq!(world.work(&executor).await, 1);
    assert_eq!(
        (world.carried(), effects.count()),
        (1, 1),
        "the second delivery neither runs the task nor deletes the message"
    );
    victim.abort();
    assert!(victim.await.unwrap_err().is_cancelled());
    gate.open();
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!((effects.count(), world.record(id).await.attempts), (2, 2));
}

#[tokio::test]
async fn duplicated_messages_of_many_tasks_run_each_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut ids = Vec::new();
    for payload in [0, 1, 2, 0, 1, 2] {
        ids.push(world.api.submit(json!({"target": {"handler": "flaky"}, "payload": payload})).await);
    }
    world.duplicate();
    for (id, starts) in ids.into_iter().zip([1, 2, 3, 1, 2, 3]) {
        assert_eq!(world.end(&executor, id).await, "succeeded");
        assert_eq!((effects.of(id), world.record(id).await.attempts as usize), (starts, starts));
    }
}

#[tokio::test]
async fn a_message_that_comes_before_its_record_waits_for_it() {
    let (mut world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let permits = Arc::new(Semaphore::new(0));
    let proxy =
        Proxy::start(&world.stack.dynamodb, nth(1, "PutItem", TASK_PREFIX, Fate::Hold(Arc::clone(&permits)))).await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let submit = tokio::spawn(async move { api.submit(json!({"target": {"handler": "note"}})).await });

    until("the message", async || (world.carried() == 1).then_some(())).await;
    world.passing(MOMENT, world.work(&executor)).await;
    assert_eq!(world.carried(), 1, "the message is handed back");
    world.pass_secs(2);
    world.work(&executor).await;
    permits.add_permits(1);
    let id = submit.await.unwrap();
    world.pass_secs(3);
    world.work(&executor).await;
    assert_eq!(effects.count(), 0, "the second wait is longer");
    world.pass_secs(1);
    world.work(&executor).await;
    assert_eq!((world.state(id).await, effects.count(), world.carried()), ("succeeded", 1, 0));
}

#[tokio::test]
async fn a_message_without_a_record_is_deleted_when_its_submit_must_have_ended() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.put(r#"{"v":1,"id":"tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","g":1,"due":1,"to":60}"#);
    for _ in 0..30 {
        world.passing(MOMENT, world.work(&executor)).await;
        assert_eq!(world.carried(), 1);
        world.pass_secs(2);
    }
    world.pass_secs(40);
    world.work(&executor).await;
    assert_eq!((world.carried(), effects.count()), (0, 0));
}

#[tokio::test]
async fn a_replay_of_the_key_sends_a_lost_message_again() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let task = json!({"target": {"handler": "note"}, "idempotency_key": "k"});
    let id = world.api.submit(task.clone()).await;
    world.lose();
    world.pass_secs(3);
    assert_eq!((world.api.try_submit(&task).await.status, world.carried()), (200, 1));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn every_message_of_a_task_carries_its_fairness_key() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 5});
    let task = json!({"target": {"handler": "flaky"}, "payload": 1, "fairness_key": "tenant-7", "retry": retry});
    let id = world.api.submit(task).await;
    let group =
        || world.waiting().iter().map(|message| message.group.as_deref().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(group(), [Some("tenant-7".to_owned())]);
    world.work(&executor).await;
    assert_eq!(group(), [Some("tenant-7".to_owned())], "the message of the retry has it too");
    assert_eq!(world.end(&executor, id).await, "succeeded");
}

#[tokio::test]
async fn a_dead_letter_of_an_open_task_is_sent_again() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    for _ in 0..21 {
        let lane = Source::Lane(Priority::Normal);
        world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
    }
    assert_eq!((world.waiting().len(), world.counts(Source::DeadLetters).visible), (0, 1));
    assert_eq!(world.tick().await.dead_letters, 1);
    assert_eq!((world.waiting().len(), world.counts(Source::DeadLetters).visible), (1, 0));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_dead_letter_of_an_ended_task_is_deleted() {
    let (world, effects) = (World::new().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.api.act(id, "cancel").await;
    for _ in 0..21 {
        let lane = Source::Lane(Priority::Normal);
        world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
    }
    assert_eq!(world.tick().await.dead_letters, 1);
    assert_eq!((world.carried(), effects.count()), (0, 0));
}

#[tokio::test]
async fn a_message_with_another_payload_than_the_record_runs_the_records_payload() {
    let world = World::new().await;
    let first = |task: taskway::Task<String>, _: taskway::Context| async move {
        Ok::<_, taskway::Failure>(task.payload.chars().next().unwrap().to_string())
    };
    let executor = world.executor(taskway::Handlers::new().on("first", first));
    let payload = |of: &str| of.repeat(5_000);
    let id = world.api.submit(json!({"target": {"handler": "first"}, "payload": payload("a")})).await;
    let message = world.waiting()[0].body.to_string();
    assert!(message.contains(&payload("a")), "the message carries a payload that is too large for the record");
    world.lose();
    world.put(&message.replace(&payload("a"), &payload("b")));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], "a");
}
