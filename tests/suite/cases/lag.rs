//! The lag that a tick reports, which an alarm uses to notice missed ticks.

use std::time::Duration;

use serde_json::{Value, json};
use taskway_local::sqs::Interruption;
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_scheduler::metrics;
use taskway_tests::{Effects, Fate, Gate, Proxy, World, until};

/// Ticks and returns the metrics for CloudWatch.
async fn told(world: &World) -> Value {
    let report = world.tick().await;
    serde_json::from_str(&metrics::line("taskway", &report, world.now(), Duration::ZERO)).unwrap()
}

/// An attempt of 600 s makes one heartbeat after 30 s. Then its process dies, and its message is lost.
async fn fall_silent(world: &World) {
    let (effects, gate) = (Effects::default(), Gate::default());
    let faults = Faults::crash_at(CrashPoint::Beaten);
    let victim = world.mortal(effects.gated(&gate), &faults);
    world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    let delivery = world.delivery().await;
    let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.pass_secs(30);
    faults.died().await;
    victim.abort();
    world.lose();
}

#[tokio::test]
async fn one_tick_a_minute_has_no_lag() {
    let world = World::new().await;
    assert_eq!(world.tick().await.lag_ms, Some(0), "an empty agenda has no lag");
    for ahead in [901, 1200, 1201, 3000] {
        world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": ahead})).await;
    }
    let mut promoted = 0;
    for minute in 1..=50 {
        world.pass_secs(60);
        let report = world.tick().await;
        assert_eq!((report.lag_ms, report.failed), (Some(0), 0), "minute {minute}");
        promoted += report.promoted;
    }
    assert_eq!(promoted, 4);
}

#[tokio::test]
async fn only_the_first_tick_after_an_hour_reports_its_lag() {
    let world = World::new().await;
    // The lag is that of the task that is due first.
    for ahead in [1200, 1800] {
        world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": ahead})).await;
    }
    world.pass(Duration::from_millis(1_200_000 + 3_600_250));
    let first = told(&world).await;
    assert_eq!((&first["SchedulerLag"], &first["Promoted"]), (&json!(3600.25), &json!(2.0)));
    let second = told(&world).await;
    assert_eq!((&second["SchedulerLag"], &second["Promoted"]), (&json!(0.0), &json!(0.0)));
}

#[tokio::test]
async fn a_silent_attempt_counts_as_lag_after_its_hard_end_and_the_skew() {
    let world = World::new().await;
    fall_silent(&world).await;
    // The hard end is at 600 s, and each clock may be off by 5 s.
    world.pass_secs(570);
    assert_eq!(world.tick().await.lag_ms, Some(0));
    world.pass(Duration::from_millis(4_999));
    assert_eq!(world.tick().await.lag_ms, Some(0));
    world.pass(Duration::from_millis(1 + 3_600_000));
    let report = world.tick().await;
    assert_eq!((report.lag_ms, report.rescued), (Some(3_600_000), 1));
    assert_eq!(world.tick().await.lag_ms, Some(0));
}

#[tokio::test]
async fn the_lag_of_a_task_that_cannot_be_sent_grows_with_every_tick() {
    let world = World::new().await;
    world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
    world.sends(|_| Interruption::RefuseBefore);
    world.pass_secs(1200);
    for minute in 0..3 {
        let report = world.tick().await;
        assert_eq!((report.lag_ms, report.failed), (Some(minute * 60_000), 1));
        world.pass_secs(60);
    }
    world.stack.sqs.interrupt(None);
    let report = world.tick().await;
    assert_eq!((report.lag_ms, report.promoted), (Some(180_000), 1));
    assert_eq!(world.tick().await.lag_ms, Some(0));
}

#[tokio::test]
async fn a_tick_that_cannot_read_the_agenda_reports_no_lag_metric() {
    let mut world = World::new().await;
    world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
    world.pass_secs(4800);
    let rule = |action: &str, _: &str| if action == "Query" { Fate::Refuse } else { Fate::Pass };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    world.scheduler.services.store = world.store_at(&proxy.url);
    let blind = told(&world).await;
    assert_eq!(
        (blind.get("SchedulerLag"), &blind["Failed"]),
        (None, &json!(3.0)),
        "the agenda, the schedules and the queues: {blind}"
    );
    world.scheduler.services.store = world.store.clone();
    assert_eq!(told(&world).await["SchedulerLag"], json!(3600.0));
}
