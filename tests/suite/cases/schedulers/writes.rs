//! A tick that dies before any one of its writes. The ticks after it fire the schedules as the misfire policies say.

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

/// After an hour without ticks, a tick dies before its `nth` write to the table. Returns whether it had so many writes.
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
        // The tick is dead from here on, so this write and all later ones are held for good.
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
    // Three healthy ticks come at once, and three more when the next time is near.
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
    // The times 08:20, 08:40 and 09:00 were missed, and 09:20 was not.
    let expected =
        [("all", vec![20, 40, 60, 80]), ("once", vec![60, 80]), ("single", vec![20, 80]), ("skip", vec![80])];
    let expected: BTreeMap<String, Vec<u64>> =
        expected.into_iter().map(|(name, times)| (name.to_owned(), times)).collect();
    assert_eq!(by_name, expected, "the tick died before its write {nth}: {fired:?}");
    has_died
}

#[tokio::test]
async fn a_tick_may_die_before_any_write_and_the_misfire_policies_still_hold() {
    let mut nth = 1;
    while dies_at(nth).await {
        nth += 1;
    }
    assert!(nth > 15, "the tick had only {nth} writes");
}
