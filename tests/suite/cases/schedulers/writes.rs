//! A tick that dies before any of its writes, or is held up there until others have gone on: schedules are as if it had not
//! been there.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use taskway_tests::{Effects, Fate, Proxy, START, World, noting, time_of};
use tokio::sync::{Notify, Semaphore};

use super::{BUDGET, HOUR, tick_at_once};

const MINUTE: Duration = Duration::from_secs(60);

/// After an hour without a tick one comes and dies before its `nth` write to the table. Whether it came so far.
async fn dies_at(nth: usize) -> bool {
    let (mut world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    for (name, more) in [
        ("all", json!({"misfire": "all"})),
        ("once", json!({"misfire": "once"})),
        ("skip", json!({"misfire": "skip"})),
        ("single", json!({"misfire": "all", "overlap": "skip"})),
    ] {
        let mut schedule = noting(more);
        schedule["cron"] = json!("*/20 * * * *");
        assert_eq!(world.api.put_schedule(name, &schedule).await.status, 201);
    }
    world.pass(HOUR + 17 * MINUTE);

    let (written, died) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let (reached, never) = (Arc::clone(&died), Arc::new(Semaphore::new(0)));
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, _| {
        let writes = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"].contains(&action);
        // A dead process writes nothing more.
        if writes && written.fetch_add(1, Ordering::SeqCst) + 1 >= nth {
            reached.notify_one();
            return Fate::Hold(Arc::clone(&never));
        }
        Fate::Pass
    })
    .await;
    let store = world.store_at(&proxy.url);
    let scheduler = world.scheduler_with(|services| services.with_store(store));
    let mut ticking = tokio::spawn(async move { scheduler.tick(BUDGET).await });
    let has_died = tokio::select! {
        ended = &mut ticking => {
            assert_eq!(ended.unwrap().failed, 0);
            false
        }
        () = died.notified() => true,
    };
    ticking.abort();
    world.work(&executor).await;
    // Three go on at once, and others when the next time is near.
    for _ in 0..2 {
        world.pass(MINUTE);
        tick_at_once([(); 3].map(|()| (world.scheduler.clone(), None))).await;
        world.work(&executor).await;
    }
    world.pass(MINUTE);
    world.work(&executor).await;

    let fired = world.fired(&effects).await;
    let mut by_name: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for effect in effects.all() {
        let of = world.api.task(effect.id).await["schedule"].as_str().unwrap().to_owned();
        by_name.entry(of).or_default().push(time_of(effect.id).since(START).as_secs() / 60);
    }
    by_name.values_mut().for_each(|times| times.sort_unstable());
    // Those of 08:20, 08:40 and 09:00 were missed, that of 09:20 was not.
    let expected =
        [("all", vec![20, 40, 60, 80]), ("once", vec![60, 80]), ("single", vec![20, 80]), ("skip", vec![80])];
    let expected: BTreeMap<String, Vec<u64>> =
        expected.into_iter().map(|(name, times)| (name.to_owned(), times)).collect();
    assert_eq!(by_name, expected, "who died before write {nth} of the tick: {fired:?}");
    has_died
}

#[tokio::test]
async fn a_tick_after_an_hour_that_dies_at_any_of_its_writes_leaves_what_the_policies_promise() {
    let mut nth = 1;
    while dies_at(nth).await {
        nth += 1;
    }
    assert!(nth > 15, "{nth} writes");
}

/// A tick has fired and is about to move the schedule on, when it is held up; meanwhile somebody else goes on.
#[tokio::test]
async fn a_tick_that_is_held_up_takes_nothing_back_that_others_did() {
    for (meanwhile, expected) in [("ticks", vec![1, 2, 3, 4, 5, 6]), ("pauses", vec![1]), ("deletes", vec![1])] {
        let (mut world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let schedule = noting(json!({"cron": "* * * * *"}));
        assert_eq!(world.api.put_schedule("s", &schedule).await.status, 201);
        world.minute(&executor).await;

        let (saves, held) = (AtomicUsize::new(0), Arc::new(Notify::new()));
        let (reached, permits) = (Arc::clone(&held), Arc::new(Semaphore::new(0)));
        let permit = Arc::clone(&permits);
        let proxy = Proxy::start(&world.stack.dynamodb, move |action, text| {
            let is_save = action == "PutItem" && text.contains("schedule#s");
            if is_save && saves.fetch_add(1, Ordering::SeqCst) == 0 {
                reached.notify_one();
                return Fate::Hold(Arc::clone(&permit));
            }
            Fate::Pass
        })
        .await;
        let store = world.store_at(&proxy.url);
        let scheduler = world.scheduler_with(|services| services.with_store(store));
        let ticking = tokio::spawn(async move { scheduler.tick(BUDGET).await });
        held.notified().await;
        match meanwhile {
            "ticks" => {
                for _ in 0..2 {
                    world.tick().await;
                    world.pass(MINUTE);
                    world.work(&executor).await;
                }
            }
            "pauses" => {
                let mut paused = schedule.clone();
                paused["paused"] = json!(true);
                assert_eq!(world.api.put_schedule("s", &paused).await.status, 200);
            }
            _ => assert_eq!(world.api.delete_schedule("s").await.status, 204),
        }
        let is = world.store.schedule("s").await.ok();
        permits.add_permits(1);
        ticking.await.unwrap();
        assert_eq!(world.store.schedule("s").await.ok(), is, "while somebody {meanwhile}");
        world.minutes(&executor, 3).await;
        let fired: Vec<u64> = world.fired(&effects).await.into_iter().map(|at| at / MINUTE.as_secs()).collect();
        assert_eq!(fired, expected, "while somebody {meanwhile}");
    }
}
