//! Tasks: by two seconds either way nothing changes but when they start, by half a minute none is lost and none is recorded
//! twice.

use std::time::Duration;

use serde_json::json;
use taskway_protocol::{Fence, TaskId, Time};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Effects, Gate, World, until};

use super::{Off, STEP, Scene, Starts, corners, noting};

/// Tasks at once, delayed by a message and by the agenda, and retried by both: each starts when it is due by its
/// executor's clock, which is as much too early or late as that clock and the one that said when differ.
async fn starts_as_due(off: Off) {
    let scene = Scene::new(off).await;
    let world = &scene.world;
    let starts = Starts::default();
    let executor = scene.sound(noting(world, &starts));
    let retry = |seconds: u64| json!({"min_backoff_seconds": seconds, "max_backoff_seconds": seconds});
    // What is submitted, and how long after its submit or its first attempt it starts.
    let tasks = [
        (json!({"target": {"handler": "start"}}), 0, None),
        (json!({"target": {"handler": "start"}, "delay_seconds": 41}), 41, None),
        (json!({"target": {"handler": "start"}, "delay_seconds": 1001}), 1001, None),
        (json!({"target": {"handler": "flaky"}, "retry": retry(21)}), 0, Some(21)),
        (json!({"target": {"handler": "flaky"}, "retry": retry(961)}), 0, Some(961)),
    ];
    let mut ids = Vec::new();
    for (task, delay, again) in tasks {
        ids.push((scene.api.submit(task).await, delay, again));
    }
    let began = world.now();
    while world.now().since(began).as_secs() < 1100 {
        if world.now().since(began).as_secs().is_multiple_of(60) {
            world.tick().await;
        }
        world.work(&executor).await;
        // Nothing happens between the first minutes and the long waits' ends.
        let quiet = (130..900).contains(&world.now().since(began).as_secs());
        world.pass_secs(if quiet { 10 } else { STEP });
    }
    let starts = starts.lock().unwrap().clone();
    // Not before its executor's clock allows it, and as soon as that does and the message has come by its sender's.
    let agenda = |seconds: u64| seconds > 900;
    let check = |at: Time, from: Time, seconds: u64, said_by: i64, sent_by: i64| {
        let due = from.after(Duration::from_secs(seconds)).as_millis().saturating_add_signed(said_by);
        let by = |off: i64| Time::from_millis(due.saturating_add_signed(-off)).max(from);
        let (earliest, latest) = (by(off.executor), by(off.executor).max(by(sent_by)));
        let latest = latest.after(Duration::from_secs(2 * STEP));
        assert!((earliest..=latest).contains(&at), "{off:?}: {at:?} is not from {earliest:?} to {latest:?}");
    };
    for (id, delay, again) in ids {
        let of: Vec<Time> = starts.iter().filter(|(one, _)| *one == id).map(|(_, at)| *at).collect();
        check(of[0], began, delay, off.submit, if agenda(delay) { off.scheduler } else { off.submit });
        if let Some(again) = again {
            check(of[1], of[0], again, off.executor, if agenda(again) { off.scheduler } else { off.executor });
        }
        let record = world.record(id).await;
        let attempts = if again.is_some() { 2 } else { 1 };
        assert_eq!(
            (record.state.name().as_str(), record.attempts as usize, of.len()),
            ("succeeded", attempts, attempts)
        );
        assert_eq!(record.fence, Fence(attempts as u32), "no claim was taken from anybody");
    }
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn with_two_seconds_between_clocks_tasks_start_early_or_late_by_as_much() {
    for off in corners(2_000) {
        starts_as_due(off).await;
    }
}

/// A long attempt beats while another executor, whose clock is ahead or behind, is handed a duplicate again and again.
async fn keeps_its_lease(off: Off) {
    let scene = Scene::new(off).await;
    let world = &scene.world;
    let (effects, gate) = (Effects::default(), Gate::default());
    let id = scene.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    world.pass_secs(5);
    let holder = scene.sound(effects.gated(&gate));
    let other = scene.executor(-off.executor, effects.gated(&gate), &Faults::none());
    let delivery = world.delivery().await;
    world.duplicate();
    let holding = tokio::spawn(async move { holder.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    for beat in 1..=6 {
        let lease_end = lease_end(world, id).await;
        world.pass_secs(30);
        until("the beat", async || (self::lease_end(world, id).await > lease_end).then_some(())).await;
        world.show();
        world.work(&other).await;
        world.tick().await;
        assert_eq!((effects.count(), world.state(id).await), (1, "running"), "{off:?}, beat {beat}");
    }
    gate.open();
    holding.await.unwrap();
    let record = world.record(id).await;
    assert_eq!((record.state.name().as_str(), record.fence, record.attempts), ("succeeded", Fence(1), 1), "{off:?}");
}

async fn lease_end(world: &World, id: TaskId) -> Option<Time> {
    match world.record(id).await.state {
        taskway_protocol::State::Running { lease_end, .. } => Some(lease_end),
        taskway_protocol::State::Scheduled { .. }
        | taskway_protocol::State::Queued { .. }
        | taskway_protocol::State::Ended { .. } => None,
    }
}

#[tokio::test]
async fn with_two_seconds_between_clocks_nobody_takes_what_somebody_holds() {
    for off in corners(2_000).filter(|off| off.submit > 0) {
        keeps_its_lease(off).await;
    }
}

/// An attempt that beat is lost with its process and its message, and another whose message alone is.
async fn goes_on(off: Off) {
    let scene = Scene::new(off).await;
    let world = &scene.world;
    world.tick().await;
    let effects = Effects::default();
    let faults = Faults::crash_at(CrashPoint::Beaten);
    let silent = scene.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    // By an executor whose clock is behind it is not due yet.
    world.pass(Duration::from_millis(off.submit.abs_diff(off.executor)));
    let victim = scene.executor(off.executor, effects.gated(&Gate::default()), &faults);
    let delivery = world.delivery().await;
    let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.pass_secs(30);
    faults.died().await;
    victim.abort();
    let lost = scene.api.submit(json!({"target": {"handler": "note"}})).await;
    world.lose();
    let gate = Gate::default();
    gate.open();
    let executor = scene.sound(effects.gated(&gate));
    assert_eq!(world.end(&executor, silent).await, "succeeded", "{off:?}");
    assert_eq!(world.end(&executor, lost).await, "succeeded", "{off:?}");
    assert_eq!((effects.of(silent), world.record(silent).await.fence), (2, Fence(2)));
    assert_eq!((effects.of(lost), world.record(lost).await.attempts), (1, 1));
}

#[tokio::test]
async fn what_is_lost_goes_on_whatever_the_clocks_say() {
    for off in corners(2_000).filter(|off| off.submit > 0).chain(corners(30_000)) {
        goes_on(off).await;
    }
}

/// An executor whose clock is a minute ahead takes a lease for over that is not. Both run, and one of the two is recorded.
#[tokio::test]
async fn with_a_minute_between_clocks_a_task_may_run_twice_and_is_recorded_once() {
    let scene = Scene::new(Off { submit: 0, executor: -30_000, scheduler: 30_000 }).await;
    let world = &scene.world;
    let (effects, behind, ahead) = (Effects::default(), Gate::default(), Gate::default());
    let id = scene.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 20})).await;
    world.pass_secs(30);
    let first = scene.executor(-30_000, effects.gated(&behind), &Faults::none());
    let delivery = world.delivery().await;
    let first = tokio::spawn(async move { first.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.show();
    let second = scene.executor(30_000, effects.gated(&ahead), &Faults::none());
    let delivery = world.delivery().await;
    let second = tokio::spawn(async move { second.deliver(&delivery, None).await });
    until("the second start", async || (effects.count() == 2).then_some(())).await;
    behind.open();
    first.await.unwrap();
    assert_eq!(world.state(id).await, "running", "the first one's outcome is not recorded");
    ahead.open();
    second.await.unwrap();
    let ended = world.record(id).await;
    assert_eq!((ended.state.name().as_str(), ended.fence, ended.attempts), ("succeeded", Fence(2), 2));
    assert_eq!(world.api.task(id).await["result"], json!(2), "the second one's is");
    world.quiet(&scene.sound(effects.gated(&Gate::default()))).await;
    assert_eq!((world.record(id).await, effects.count()), (ended, 2));
}

/// Everything that is submitted, delayed and retried ends once, though every function has another time.
#[tokio::test]
async fn with_half_a_minute_off_nothing_is_lost_and_nothing_recorded_twice() {
    for off in corners(30_000) {
        let scene = Scene::new(off).await;
        let world = &scene.world;
        let effects = Effects::default();
        let executor = scene.sound(effects.handlers());
        let mut ids = Vec::new();
        for delay in [0, 10, 880, 950, 4000] {
            let task = json!({"target": {"handler": "note"}, "delay_seconds": delay});
            ids.push((scene.api.submit(task).await, 1));
        }
        for backoff in [5, 890, 3600] {
            let retry = json!({"min_backoff_seconds": backoff, "max_backoff_seconds": backoff});
            let task = json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry});
            ids.push((scene.api.submit(task).await, 2));
        }
        for (id, attempts) in ids {
            assert_eq!(world.end(&executor, id).await, "succeeded", "{off:?}");
            let record = world.record(id).await;
            assert_eq!((record.attempts as usize, effects.of(id)), (attempts, attempts), "{off:?}");
        }
    }
}
