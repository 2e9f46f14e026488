//! Delayed tasks and lost attempts, which the tick sends.

use std::time::Duration;

use serde_json::json;
use taskway_cloud::sqs::Source;
use taskway_protocol::Priority;
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Effects, Gate, START, World, until};

#[tokio::test]
async fn a_task_far_ahead_starts_on_its_second_and_not_before() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
    assert_eq!((world.state(id).await, world.carried()), ("scheduled", 0));
    let minutes = 1200 / 60;
    for minute in 1..minutes {
        world.pass_secs(60);
        let report = world.tick().await;
        assert_eq!(report.promoted, usize::from(minute == minutes - 5), "minute {minute}");
        world.work(&executor).await;
    }
    world.pass(Duration::from_millis(59_999));
    world.tick().await;
    world.work(&executor).await;
    assert_eq!((effects.count(), world.counts(Source::Lane(Priority::Normal)).delayed), (0, 1));
    world.pass(Duration::from_millis(1));
    world.work(&executor).await;
    assert_eq!(world.record(id).await.started_at, Some(START.after(Duration::from_secs(1200))));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_message_carries_a_delay_of_fifteen_minutes_and_the_agenda_a_longer_one() {
    let world = World::new().await;
    for (run_at, state) in [("2026-11-23T08:15:00Z", "queued"), ("2026-11-23T08:15:00.001Z", "scheduled")] {
        let answer = world.api.try_submit(&json!({"target": {"handler": "note"}, "run_at": run_at})).await;
        assert_eq!(answer.body["state"], state);
    }
}

#[tokio::test]
async fn a_task_that_was_due_without_a_tick_starts_at_the_next_tick() {
    let (world, effects) = (World::new().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
    world.pass_secs(86_400);
    world.tick().await;
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!((world.state(id).await, effects.count()), ("succeeded", 1));
}

#[tokio::test]
async fn several_ticks_at_once_run_a_task_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await);
    }
    world.pass_secs(1000);
    futures::join!(world.tick(), world.tick(), world.tick());
    for id in ids {
        assert_eq!(world.end(&executor, id).await, "succeeded");
        assert_eq!(effects.of(id), 1);
    }
}

#[tokio::test]
async fn more_than_one_page_of_the_agenda_is_sent() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "note"}, "delay_seconds": 1200});
    for count in [500, 20] {
        let tasks = vec![task.clone(); count];
        world.api.post("/v1/tasks/batch", &[], json!({"tasks": tasks}).to_string()).await;
    }
    world.pass_secs(1200);
    let report = world.tick().await;
    assert_eq!((report.promoted, report.failed, world.carried()), (520, 0, 520));
    assert_eq!(world.tick().await.promoted, 0, "all tasks are marked");
}

#[tokio::test]
async fn a_tick_rescues_an_attempt_that_died_after_a_heartbeat() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let faults = Faults::crash_at(CrashPoint::Beaten);
    let victim = world.mortal(effects.gated(&gate), &faults);
    let id = world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    let delivery = world.delivery().await;
    let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.pass_secs(30);
    faults.died().await;
    victim.abort();
    world.lose();

    // The agenda has the attempt's hard end, at 600 s. The tick also waits for the allowed skew of clocks.
    world.pass_secs(574);
    assert_eq!(world.tick().await.rescued, 0);
    world.pass_secs(1);
    let report = futures::join!(world.tick(), world.tick());
    assert_eq!(report.0.rescued + report.1.rescued, 1, "{report:?}");
    gate.open();
    let executor = world.executor(effects.gated(&gate));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.record(id).await;
    assert_eq!((task.attempts, task.fence.0, effects.count()), (2, 2, 2));
}
