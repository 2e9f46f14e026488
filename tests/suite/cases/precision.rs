//! The exact millisecond at which a message becomes visible again and at which an attempt starts.

use std::time::Duration;

use serde_json::json;
use taskway_cloud::sqs::Source;
use taskway_executor::{Disposition, batch};
use taskway_local::sqs::Phase;
use taskway_protocol::{Priority, Reason, SKEW, lease};
use taskway_runtime::clock::Clock;
use taskway_tests::{Effects, Gate, START, World, arrived, until};

#[tokio::test]
async fn the_messages_of_a_batch_are_hidden_until_their_leases_and_the_skew_are_over() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    for timeout_seconds in [5, 20, 3_600] {
        world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": timeout_seconds})).await;
    }
    let event = arrived(&world.take(Priority::Normal).await, &world.queue(Source::Lane(Priority::Normal)));
    let (event, deadline) = (serde_json::from_value(event).unwrap(), world.now().as_millis() + 900_000);
    let running = tokio::spawn(async move { batch::run(&executor, event, deadline).await });
    until("the starts", async || (effects.count() == 3).then_some(())).await;
    let hidden: Vec<Duration> = world
        .waiting()
        .iter()
        .map(|message| match message.phase {
            Phase::InFlight { until, .. } => until.since(START),
            Phase::Visible { .. } | Phase::Delayed { .. } => Duration::ZERO,
        })
        .collect();
    assert_eq!(hidden, [5, 20, 3_600].map(|timeout| lease(timeout) + SKEW));
    (0..3).for_each(|_| gate.open());
    assert!(running.await.unwrap().batch_item_failures.is_empty());
}

#[tokio::test]
async fn a_long_batch_deletes_the_messages_of_finished_tasks_while_it_runs() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.api.submit(json!({"target": {"handler": "gate"}})).await;
    let event = arrived(&world.take(Priority::Normal).await, &world.queue(Source::Lane(Priority::Normal)));
    let (event, deadline) = (serde_json::from_value(event).unwrap(), world.now().as_millis() + 900_000);
    let running = tokio::spawn(async move { batch::run(&executor, event, deadline).await });
    until("the starts", async || (effects.count() == 2).then_some(())).await;
    assert_eq!(world.carried(), 2);
    let deleted = until("the deletion", async || (world.carried() == 1).then_some(()));
    world.passing(Duration::from_millis(100), deleted).await;
    assert!(world.now() < START.after(Duration::from_secs(30)), "the other task still runs");
    gate.open();
    assert!(running.await.unwrap().batch_item_failures.is_empty());
}

#[tokio::test]
async fn a_task_that_is_due_within_a_second_starts_at_its_millisecond_at_its_first_delivery() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let task = json!({"target": {"handler": "note"}, "run_at": "2026-11-23T08:00:07.400Z"});
    let id = world.api.submit(task).await;
    let due = START.after(Duration::from_millis(7_400));
    world.pass(Duration::from_millis(6_999));
    assert!(
        world.take(Priority::Normal).await.is_empty(),
        "the message becomes visible a second before its task is due"
    );
    world.pass(Duration::from_millis(1));
    let delivery = world.delivery().await;
    let delivered = tokio::spawn(async move { executor.deliver(&delivery, None).await });
    let waits = world.passing(Duration::from_millis(1), delivered).await.unwrap();
    assert!(matches!(waits, Disposition::Ack(ack) if ack.reason() == Reason::LifeOver), "{waits:?}");
    let record = world.record(id).await;
    let late = record.started_at.unwrap().since(due);
    assert!(record.started_at.unwrap() >= due && late < Duration::from_millis(50), "{late:?}");
    assert!(world.clock.now() < due.after(Duration::from_secs(1)));
    assert_eq!(effects.count(), 1);
}
