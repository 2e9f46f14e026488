//! How late a tick says that it is: what an alarm stands on when ticks are missed.

use std::time::Duration;

use serde_json::{Value, json};
use taskway_local::sqs::Interruption;
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_scheduler::metrics;
use taskway_tests::{Effects, Fate, Gate, Proxy, World, until};

/// What the tick of this minute tells CloudWatch.
async fn told(world: &World) -> Value {
    let report = world.tick().await;
    serde_json::from_str(&metrics::line("taskway", &report, world.now(), Duration::ZERO)).unwrap()
}

/// An attempt makes one heartbeat, at 30 s of its 600, and is lost with its process and its message.
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
async fn a_tick_a_minute_is_never_late_for_what_is_due() {
    let world = World::new().await;
    assert_eq!(world.tick().await.lag_ms, Some(0), "an empty agenda is not late");
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
async fn an_hour_without_ticks_is_told_by_the_first_and_not_by_the_second() {
    let world = World::new().await;
    // Of two that are late the one that is later counts.
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
async fn a_lease_is_late_once_clocks_can_no_longer_excuse_it() {
    let world = World::new().await;
    fall_silent(&world).await;
    // Its hard end is at 600 s, and clocks may differ by 5 s.
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
async fn what_cannot_be_sent_grows_later_with_every_tick() {
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
async fn a_tick_that_cannot_read_the_agenda_tells_no_lag_rather_than_none() {
    let mut world = World::new().await;
    world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
    world.pass_secs(4800);
    let rule = |action: &str, _: &str| if action == "Query" { Fate::Refuse } else { Fate::Pass };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    world.scheduler.services.store = world.store_at(&proxy.url);
    let blind = told(&world).await;
    assert_eq!(
        (blind.get("SchedulerLag"), &blind["Failed"]),
        (None, &json!(2.0)),
        "the agenda and the schedules: {blind}"
    );
    world.scheduler.services.store = world.store.clone();
    assert_eq!(told(&world).await["SchedulerLag"], json!(3600.0));
}
