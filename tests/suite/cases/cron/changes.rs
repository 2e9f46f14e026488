//! Schedules that are changed, paused and deleted while they fire: each time is of one definition, and no time is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Method;
use serde_json::{Value, json};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Effects, Fate, Gate, Proxy, Skewed, World, noting, of, until};
use tokio::sync::{Notify, Semaphore};

use super::{BUDGET, times};

/// Whoever changes and deletes one schedule at once: it is what one of them made it, and fires so.
#[tokio::test]
async fn many_who_put_and_delete_a_schedule_at_once_leave_one_or_none() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    for round in 0..8 {
        let puts = (0..6).map(|n| {
            let api = world.api.clone();
            async move { api.put_schedule("s", &noting(json!({"every_seconds": 5 + n}))).await.status }
        });
        let deletions = (0..2).map(|_| {
            let api = world.api.clone();
            async move { api.delete_schedule("s").await.status }
        });
        let asked = async { futures::join!(futures::future::join_all(puts), futures::future::join_all(deletions)) };
        // Who finds that another was faster waits a moment.
        let passing = async {
            loop {
                world.pass(Duration::from_millis(5));
                tokio::task::yield_now().await;
            }
        };
        let (put, deleted) = tokio::select! { answers = asked => answers, () = passing => unreachable!() };
        let known = [200, 201, 204, 404, 429];
        assert!(put.iter().chain(&deleted).all(|status| known.contains(status)), "{put:?} {deleted:?}");
        world.tick().await;
        let begun = effects.count();
        let there = world.api.schedule("s").await;
        world.minutes(&executor, 1).await;
        let every = there.body["every_seconds"].as_u64();
        let fired = (effects.count() - begun) as u64;
        let expected = every.map_or(0..=0, |every| 60 / every - 1..=60 / every + 1);
        assert!(expected.contains(&fired), "round {round}: {fired} of {there:?}");
    }
}

/// A firing runs that the schedule's record does not know of, because who made it died: another definition waits for it.
#[tokio::test]
async fn a_change_does_not_forget_what_runs() {
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
    assert_eq!(world.carried(), 1, "the one before has not ended");
    gate.open();
    running.await.unwrap();
    world.tick().await;
    assert_eq!(world.carried(), 2, "now another is made, beside the message that nobody has deleted");
}

#[tokio::test]
async fn pausing_and_deleting_cancel_what_has_not_started() {
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
    assert_eq!(effects.count(), 6, "nothing starts any more: {:?}", world.fired(&effects).await);

    // What is put again fires again, from now on, at the very times that were cancelled before too.
    world.api.put_schedule("p", &noting(schedule.clone())).await;
    assert_eq!(world.api.put_schedule("d", &noting(schedule)).await.status, 201);
    world.minutes(&executor, 1).await;
    let mut expected = [times(220, 10, 6), times(220, 10, 6)].concat();
    expected.sort_unstable();
    assert_eq!(world.fired(&effects).await[6..], expected);
}

#[tokio::test]
async fn what_is_put_over_a_schedule_takes_its_place_at_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await;
    world.pass_secs(30);
    // The firing of the next minute is there; another takes its place, for the same time.
    let mut changed = noting(json!({"cron": "* * * * *"}));
    changed["task"]["payload"] = json!("changed");
    assert_eq!(world.api.put_schedule("s", &changed).await.status, 200);
    world.minutes(&executor, 1).await;
    assert_eq!(world.fired(&effects).await, [60]);
    assert_eq!(world.api.task(effects.all()[0].id).await["payload"], "changed");
}

/// A message that nobody has received yet when its schedule is changed: its time has come, and it runs as it was made.
#[tokio::test]
async fn what_is_due_when_its_schedule_is_changed_runs() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut schedule = noting(json!({"cron": "* * * * *", "overlap": "skip"}));
    schedule["task"]["payload"] = json!("before");
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(61);
    schedule["task"]["payload"] = json!("after");
    assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
    assert_eq!(world.carried(), 1, "the next one waits for the end of this one");
    // However often it is changed.
    schedule["task"]["payload"] = json!("later");
    assert_eq!(world.api.put_schedule("s", &schedule).await.status, 200);
    world.work(&executor).await;
    world.minutes(&executor, 2).await;
    assert_eq!(payloads(&world, &effects).await, ["before", "later", "later"]);
    assert_eq!(world.fired(&effects).await, [60, 120, 180]);
}

/// As above, but then it is paused or deleted: what a change left is cancelled too.
#[tokio::test]
async fn what_a_change_left_is_cancelled_with_its_schedule() {
    for deleted in [false, true] {
        let (world, effects) = (World::new().await, Effects::default());
        let mut schedule = noting(json!({"cron": "* * * * *"}));
        world.api.put_schedule("s", &schedule).await;
        world.pass_secs(61);
        schedule["jitter_seconds"] = json!(1);
        world.api.put_schedule("s", &schedule).await;
        world.tick().await;
        assert_eq!(world.carried(), 2, "what was due, and what follows");
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

/// Nothing has ticked when a time came, and then the schedule is changed: it fires by what it was.
#[tokio::test]
async fn a_change_fires_first_what_is_due() {
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

/// A tick has put a firing and died, or goes on only after its schedule was deleted: nothing comes of it.
#[tokio::test]
async fn a_tick_that_read_a_schedule_before_it_was_deleted_fires_nothing_after() {
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

/// Somebody puts a schedule, and dies there.
async fn dies(world: &World, at: CrashPoint, schedule: Value) {
    let faults = Faults::crash_at(at);
    let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let request = tokio::spawn(async move { api.put_schedule("s", &schedule).await });
    faults.died().await;
    request.abort();
}

/// A schedule whose next firing, of 300 seconds after the start, is made; and half a minute is left until then.
async fn made_ahead(world: &World) -> Value {
    let schedule = noting(json!({"cron": "*/5 * * * *"}));
    world.api.put_schedule("s", &schedule).await;
    world.pass_secs(270);
    world.tick().await;
    assert_eq!(world.carried(), 1);
    schedule
}

/// What was made ahead starts after whoever changes the schedule has died: neither the tick that undoes the change nor whoever
/// asks again makes it again.
#[tokio::test]
async fn what_starts_while_its_schedule_is_changed_is_not_made_again() {
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

/// To whoever changes the schedule it is two seconds earlier: what is ahead to them has run, and is not seen to wait any more.
#[tokio::test]
async fn a_change_by_a_clock_behind_makes_nothing_again() {
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

/// To whoever changes the schedule it is half a minute later, and they die: what was due to them is left, and not made again.
#[tokio::test]
async fn a_change_by_a_clock_ahead_that_is_undone_makes_nothing_again() {
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

/// Puts a schedule over the first, whose firing is ahead; holds the `n`th such call up until its time has come.
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

/// The time comes between the first write of a change and what it takes back.
#[tokio::test]
async fn a_slow_change_makes_nothing_again() {
    for overlap in ["allow", "skip"] {
        slowly(1, "GetItem", "task#", noting(json!({"cron": "* * * * *", "overlap": overlap}))).await;
    }
}

/// The time comes after that: what was taken back is made again, and is no overlap with itself.
#[tokio::test]
async fn a_slow_change_loses_nothing() {
    for overlap in ["allow", "skip"] {
        slowly(2, "PutItem", "schedule#s", noting(json!({"cron": "* * * * *", "overlap": overlap}))).await;
    }
}

/// Half an hour of seconds was missed, and the tick that comes dies after it has made the latest: they are known all the same.
#[tokio::test]
async fn what_a_dead_tick_made_of_very_many_is_taken_back() {
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

/// Whoever pauses a schedule dies: the next tick does what is left of it.
#[tokio::test]
async fn a_pause_that_was_begun_is_finished() {
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

/// Whoever deletes a schedule dies, and then whoever puts another over it: the deletion may have been answered, so it is what
/// the next tick finishes.
#[tokio::test]
async fn a_deletion_that_was_begun_is_finished() {
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

/// A tick that undoes a change makes at once what was taken back.
#[tokio::test]
async fn a_change_that_is_undone_makes_nothing_late() {
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

/// Two wait when it is said that none may overlap; the latter ends first.
#[tokio::test]
async fn what_may_not_overlap_any_more_waits_for_all_that_is_open() {
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

/// The payloads of what has run so far, in order.
async fn payloads(world: &World, effects: &Effects) -> Vec<Value> {
    let mut payloads = Vec::new();
    for effect in effects.all() {
        payloads.push(world.api.task(effect.id).await["payload"].clone());
    }
    payloads
}
