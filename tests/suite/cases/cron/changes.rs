//! Schedules that are changed, paused and deleted while they fire. Each time belongs to one definition, and no time is
//! lost.
//!
//! The simulation covers requests that meet: several clients put and delete a schedule at once while ticks fire it. Its
//! witness checks that every write follows the version before, that only a request changes a schedule, that no
//! firing of a replaced or deleted definition starts, and that no time is forgotten or fires twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Method;
use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::{SCHEDULE_PREFIX, TASK_PREFIX};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Effects, Fate, Gate, Proxy, Skewed, World, noting, of, until};
use tokio::sync::{Notify, Semaphore};

use super::{BUDGET, times};

/// A request created a firing and died before the schedule's record named it. The changed schedule waits for its end.
#[tokio::test]
async fn a_changed_schedule_waits_for_a_running_firing_that_its_record_does_not_name() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let faults = Faults::crash_at(CrashPoint::FiringSent);
    let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let mut schedule = of("gate", json!({"cron": "* * * * *", "overlap": "skip"}));
    schedule["task"]["timeout_seconds"] = json!(800);
    let (first, changed) =
        (schedule.clone(), of("gate", json!({"cron": "* * * * *", "overlap": "skip", "jitter_seconds": 1})));
    let request = tokio::spawn(async move { api.put_schedule("s", &first).await });
    faults.died().await;
    request.abort();
    world.pass_secs(60);
    let delivery = world.delivery().await;
    let running = {
        let executor = executor.clone();
        tokio::spawn(async move { executor.deliver(&delivery, None).await })
    };
    until("the start", async || (effects.count() == 1).then_some(())).await;
    assert_eq!(world.api.put_schedule("s", &changed).await.status, 200);
    world.tick().await;
    assert_eq!(world.carried(), 1, "the first firing has not ended");
    gate.open();
    running.await.unwrap();
    world.tick().await;
    assert_eq!(world.carried(), 2, "the next firing is created, and the first one's message was never deleted");
}

#[tokio::test]
async fn pausing_and_deleting_cancel_firings_that_have_not_started() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let schedule = json!({"cron": "*/10 * * * * *"});
    world.api.put_schedule("p", &noting(schedule.clone())).await;
    world.api.put_schedule("d", &noting(schedule.clone())).await;
    world.pass_secs(30);
    world.work(&executor).await;
    assert_eq!(effects.count(), 6);
    let mut paused = noting(schedule.clone());
    paused["paused"] = json!(true);
    let answer = world.api.put_schedule("p", &paused).await;
    assert_eq!((answer.status, &answer.body["next_runs"], &answer.body["paused"]), (200, &json!([]), &json!(true)));
    assert_eq!(world.api.delete_schedule("d").await.status, 204);
    assert_eq!(world.api.schedule("d").await.status, 404);
    assert_eq!(world.api.delete_schedule("d").await.status, 404);
    world.minutes(&executor, 3).await;
    assert_eq!(effects.count(), 6, "no firing starts any more: {:?}", world.fired(&effects).await);

    // The schedules are put again and fire from now on, also at times whose earlier firings were cancelled.
    world.api.put_schedule("p", &noting(schedule.clone())).await;
    assert_eq!(world.api.put_schedule("d", &noting(schedule)).await.status, 201);
    world.minutes(&executor, 1).await;
    let mut expected = [times(220, 10, 6), times(220, 10, 6)].concat();
    expected.sort_unstable();
    assert_eq!(world.fired(&effects).await[6..], expected);
}

#[tokio::test]
async fn a_changed_schedule_replaces_the_firing_that_already_waits() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await;
    world.pass_secs(30);
    // The firing of the next minute already waits. A new one replaces it, for the same time.
    let mut changed = noting(json!({"cron": "* * * * *"}));
    changed["task"]["payload"] = json!("changed");
    assert_eq!(world.api.put_schedule("s", &changed).await.status, 200);
    world.minutes(&executor, 1).await;
    assert_eq!(world.fired(&effects).await, [60]);
    assert_eq!(world.api.task(effects.all()[0].id).await["payload"], "changed");
}

/// A firing is due, and no executor has received its message, when its schedule is changed. It runs with the old
/// payload.
#[tokio::test]
async fn a_firing_that_is_due_when_its_schedule_is_changed_still_runs() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut schedule = noting(json!({"cron": "* * * * *", "overlap": "skip"}));
    schedule["task"]["payload"] = json!("before");
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(61);
    schedule["task"]["payload"] = json!("after");
    assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
    assert_eq!(world.carried(), 1, "the next firing waits for the end of this one");
    // A second change keeps it too.
    schedule["task"]["payload"] = json!("later");
    assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
    world.work(&executor).await;
    world.minutes(&executor, 2).await;
    assert_eq!(payloads(&world, &effects).await, ["before", "later", "later"]);
    assert_eq!(world.fired(&effects).await, [60, 120, 180]);
}

/// A change leaves a due firing. Then the schedule is paused or deleted, which cancels that firing too.
#[tokio::test]
async fn a_pause_or_deletion_cancels_the_firings_that_a_change_left() {
    for deleted in [false, true] {
        let (world, effects) = (World::new().await, Effects::default());
        let mut schedule = noting(json!({"cron": "* * * * *"}));
        world.api.put_schedule("s", &schedule).await;
        world.pass_secs(61);
        schedule["jitter_seconds"] = json!(1);
        world.api.put_schedule("s", &schedule).await;
        world.tick().await;
        assert_eq!(world.carried(), 2, "the due firing and the next one");
        if deleted {
            assert_eq!(world.api.delete_schedule("s").await.status, 204);
        } else {
            schedule["paused"] = json!(true);
            assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
        }
        let executor = world.executor(effects.handlers());
        world.minutes(&executor, 3).await;
        assert_eq!(effects.count(), 0);
    }
}

/// A time passed without a tick, and then the schedule is changed. The old definition fires that time.
#[tokio::test]
async fn a_change_first_fires_the_times_that_are_due() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut schedule = noting(json!({"cron": "*/5 * * * *"}));
    schedule["task"]["payload"] = json!("before");
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(301);
    schedule["cron"] = json!("*/7 * * * *");
    schedule["task"]["payload"] = json!("after");
    assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
    world.minutes(&executor, 3).await;
    assert_eq!(world.fired(&effects).await, [300, 420]);
    assert_eq!(payloads(&world, &effects).await, ["before", "after"]);
}

/// A tick has created a firing, and stops there while the schedule is deleted. The firing never starts.
#[tokio::test]
async fn a_firing_of_a_tick_that_read_the_schedule_before_its_deletion_never_starts() {
    for point in [CrashPoint::FiringPut, CrashPoint::FiringSent] {
        let (world, effects) = (World::new().await, Effects::default());
        world.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await;
        world.pass_secs(50);
        let faults = Faults::crash_at(point);
        let scheduler = world.scheduler_with(|services| services.with_faults(faults.clone()));
        let tick = tokio::spawn(async move { scheduler.tick(BUDGET).await });
        faults.died().await;
        assert_eq!(world.api.delete_schedule("s").await.status, 204);
        tick.abort();
        let executor = world.executor(effects.handlers());
        world.minutes(&executor, 4).await;
        assert_eq!(effects.count(), 0, "{point:?}");
    }
}

/// Puts a schedule with a request that dies at this point.
async fn dies(world: &World, at: CrashPoint, schedule: Value) {
    let faults = Faults::crash_at(at);
    let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let request = tokio::spawn(async move { api.put_schedule("s", &schedule).await });
    faults.died().await;
    request.abort();
}

/// Puts a schedule whose firing at 300 s already waits. Returns 30 s before that time.
async fn made_ahead(world: &World) -> Value {
    let schedule = noting(json!({"cron": "*/5 * * * *"}));
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(270);
    world.tick().await;
    assert_eq!(world.carried(), 1);
    schedule
}

/// A request changes the schedule and dies, and then the waiting firing starts. Neither the tick that undoes the change
/// nor a repeated request fires that time again.
#[tokio::test]
async fn a_firing_that_starts_during_a_change_does_not_fire_again() {
    for asked_again in [false, true] {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let mut schedule = made_ahead(&world).await;
        schedule["task"]["payload"] = json!("after");
        dies(&world, CrashPoint::ScheduleWithdrawing, schedule.clone()).await;
        world.pass_secs(31);
        world.work(&executor).await;
        assert_eq!(world.fired(&effects).await, [300]);
        if asked_again {
            assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
        }
        world.minutes(&executor, 6).await;
        assert_eq!(world.fired(&effects).await, [300, 600]);
    }
}

/// The clock of the changing request is two seconds behind. A firing that is in the future for it has already run, and
/// no longer waits.
#[tokio::test]
async fn a_change_by_a_clock_that_is_behind_fires_no_time_twice() {
    for ticked in [false, true] {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let clock = Arc::new(Skewed::of(&world.clock, -2000));
        let api = world.serve(world.submit_with(|services| services.with_clock(clock))).await;
        let mut schedule = noting(json!({"cron": "* * * * *"}));
        world.api.put_schedule("s", &schedule).await;
        world.pass_secs(61);
        world.work(&executor).await;
        if ticked {
            world.tick().await;
        }
        schedule["task"]["payload"] = json!("after");
        assert_eq!(api.put_schedule("s", &schedule).await.status, 200);
        world.minutes(&executor, 2).await;
        assert_eq!(world.fired(&effects).await, [60, 120, 180]);
    }
}

/// The clock of the changing request is half a minute ahead, and the request dies. The firing that was due for it
/// stays, and its time does not fire again.
#[tokio::test]
async fn an_undone_change_by_a_clock_that_is_ahead_fires_no_time_twice() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut schedule = made_ahead(&world).await;
    world.pass_secs(10);
    schedule["jitter_seconds"] = json!(1);
    let faults = Faults::crash_at(CrashPoint::FiringsWithdrawn);
    let clock = Arc::new(Skewed::of(&world.clock, 30_000));
    let api = world.serve(world.submit_with(|services| services.with_clock(clock).with_faults(faults.clone()))).await;
    let request = tokio::spawn(async move { api.put_schedule("s", &schedule).await });
    faults.died().await;
    request.abort();
    world.minutes(&executor, 3).await;
    assert_eq!(world.fired(&effects).await, [300]);
}

/// Changes a schedule whose firing waits, and holds the `n`th call of this kind until the firing's time has come.
async fn slowly(n: usize, call: &'static str, word: &'static str, schedule: Value) {
    let (mut world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(59);
    let (calls, held, go_on) = (AtomicUsize::new(0), Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (is_held, permits) = (held.clone(), go_on.clone());
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, text| {
        let hit = action == call && text.contains(word) && calls.fetch_add(1, Ordering::SeqCst) + 1 == n;
        if !hit {
            return Fate::Pass;
        }
        is_held.notify_one();
        Fate::Hold(permits.clone())
    })
    .await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let mut changed = schedule;
    changed["task"]["payload"] = json!("after");
    let put = tokio::spawn(async move { api.put_schedule("s", &changed).await });
    held.notified().await;
    world.pass_secs(2);
    world.work(&executor).await;
    go_on.add_permits(1);
    assert_eq!(put.await.unwrap().status, 200);
    world.minutes(&executor, 3).await;
    assert_eq!(world.fired(&effects).await[..3], [60, 120, 180]);
}

/// The firing starts after the first write of the change, before the change withdraws it.
#[tokio::test]
async fn a_slow_change_does_not_fire_a_started_time_again() {
    for overlap in ["allow", "skip"] {
        slowly(1, "GetItem", TASK_PREFIX, noting(json!({"cron": "* * * * *", "overlap": overlap}))).await;
    }
}

/// The time comes after the change has withdrawn the firing. The time fires again, and the withdrawn firing does not
/// count as an overlap.
#[tokio::test]
async fn a_slow_change_fires_the_withdrawn_time_again() {
    for overlap in ["allow", "skip"] {
        slowly(2, "PutItem", SCHEDULE_PREFIX, noting(json!({"cron": "* * * * *", "overlap": overlap}))).await;
    }
}

/// A schedule of every second missed half an hour. The next tick creates the latest firing and dies. A deletion still
/// cancels that firing.
#[tokio::test]
async fn a_deletion_cancels_the_firing_of_a_tick_that_died_among_very_many_missed_times() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"every_seconds": 1}))).await;
    world.minute(&executor).await;
    world.pass_secs(1800);
    world.work(&executor).await;
    let begun = effects.count();
    let faults = Faults::crash_at(CrashPoint::FiringSent);
    let scheduler = world.scheduler_with(|services| services.with_faults(faults.clone()));
    let tick = tokio::spawn(async move { scheduler.tick(BUDGET).await });
    faults.died().await;
    tick.abort();
    world.pass_secs(61);
    world.tick().await;
    assert_eq!(world.api.delete_schedule("s").await.status, 204);
    world.minutes(&executor, 3).await;
    assert_eq!(effects.count(), begun, "{:?}", &world.fired(&effects).await[begun..]);
}

/// A pause dies, and the next tick finishes it.
#[tokio::test]
async fn a_tick_finishes_a_pause_that_died() {
    for at in [CrashPoint::ScheduleWithdrawing, CrashPoint::FiringsWithdrawn] {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let mut schedule = made_ahead(&world).await;
        schedule["paused"] = json!(true);
        dies(&world, at, schedule.clone()).await;
        world.minutes(&executor, 7).await;
        assert_eq!(effects.count(), 0, "{at:?}");
        assert_eq!(world.api.schedule("s").await.body["paused"], true);
        schedule["paused"] = json!(false);
        assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
        world.minutes(&executor, 5).await;
        assert_eq!(effects.count(), 1, "{at:?}");
    }
}

/// A deletion dies, and then a change of the same schedule dies. The deletion may have been answered, so the next tick
/// finishes the deletion.
#[tokio::test]
async fn a_tick_finishes_a_deletion_that_died_even_after_a_later_change() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut schedule = made_ahead(&world).await;
    let faults = Faults::crash_at(CrashPoint::ScheduleWithdrawing);
    let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let request = tokio::spawn(async move { api.delete_schedule("s").await });
    faults.died().await;
    request.abort();
    schedule["task"]["payload"] = json!("after");
    dies(&world, CrashPoint::FiringsWithdrawn, schedule).await;
    world.minutes(&executor, 7).await;
    assert_eq!((world.api.schedule("s").await.status, effects.count()), (404, 0));
}

/// The tick that undoes a change fires the withdrawn time again at once.
#[tokio::test]
async fn an_undone_change_makes_no_firing_late() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut schedule = made_ahead(&world).await;
    schedule["jitter_seconds"] = json!(1);
    dies(&world, CrashPoint::FiringsWithdrawn, schedule).await;
    world.pass_secs(20);
    world.minutes(&executor, 1).await;
    assert_eq!(world.fired(&effects).await, [300]);
    let record = world.record(effects.all()[0].id).await;
    assert!(record.started_at.unwrap().since(record.spec.run_at) <= Duration::from_secs(5), "{record:?}");
}

/// Two firings wait when the schedule gets `overlap: skip`, and the later one ends first.
#[tokio::test]
async fn a_schedule_that_no_longer_overlaps_waits_for_all_open_firings() {
    let world = World::new().await;
    let mut schedule = noting(json!({"cron": "* * * * *"}));
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(60);
    world.tick().await;
    world.pass_secs(61);
    schedule["overlap"] = json!("skip");
    assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
    let open = async || {
        let listed = world.api.ask(Method::GET, "/v1/tasks?state=queued", &[], "").await.body;
        let runs = listed["tasks"].as_array().unwrap().iter();
        let mut runs: Vec<_> =
            runs.map(|task| [&task["run_at"], &task["id"]].map(|text| text.as_str().unwrap().to_owned())).collect();
        runs.sort();
        runs
    };
    let [first, second] = open().await.try_into().unwrap();
    let cancelled = world.api.ask(Method::POST, &format!("/v1/tasks/{}/cancel", second[1]), &[], "").await;
    assert_eq!(cancelled.status, 200);
    for _ in 0..3 {
        world.pass_secs(60);
        world.tick().await;
        assert_eq!(open().await, std::slice::from_ref(&first));
    }
}

/// The payloads of the attempts so far, in order.
async fn payloads(world: &World, effects: &Effects) -> Vec<Value> {
    let mut payloads = Vec::new();
    for effect in effects.all() {
        payloads.push(world.api.task(effect.id).await["payload"].clone());
    }
    payloads
}
