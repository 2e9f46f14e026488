//! The number of agenda partitions changes while tasks wait in them.

use std::time::Duration;

use serde_json::json;
use taskway_cloud::dynamo::Shards;
use taskway_protocol::{TaskId, Time};
use taskway_scheduler::{Report, Scheduler};
use taskway_tests::{Effects, Fate, Proxy, World};

const FOREVER: Time = Time::from_millis(9_000_000_000_000);

/// Enough tasks to give every shard some: only one in a million runs leaves one of four shards empty.
const EACH: usize = 50;

fn agenda(agenda: u16) -> Shards {
    Shards { agenda, ..Shards::default() }
}

/// One tick of a scheduler process with this configuration.
async fn tick(world: &World, shards: Shards) -> Report {
    let store = world.scheduler.services.store.clone().sharded(shards);
    let scheduler = Scheduler::new(world.scheduler.services.clone().with_store(store));
    scheduler.tick(Duration::from_secs(50)).await
}

/// Submits tasks that are due in an hour to a submit function with this configuration.
async fn submit(world: &World, shards: Shards) -> Vec<TaskId> {
    let api = world.serve(world.submit_with(|services| services.with_store(world.store.clone().sharded(shards)))).await;
    let mut ids = Vec::new();
    for _ in 0..EACH {
        ids.push(api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 3600})).await);
    }
    ids
}

async fn waiting(world: &World, shard: u16) -> usize {
    world.store.agenda(shard, FOREVER, None).await.unwrap().items.len()
}

#[tokio::test]
async fn raising_and_lowering_the_number_of_shards_loses_no_task() {
    let (world, effects) = (World::new().await, Effects::default());
    let mut ids = Vec::new();
    for shards in [1, 4, 2] {
        ids.extend(submit(&world, agenda(shards)).await);
        assert_eq!(tick(&world, agenda(shards)).await.failed, 0);
    }
    assert_eq!(world.store.shards_in_use().await.unwrap(), agenda(4));
    for shard in 0..4 {
        assert!(waiting(&world, shard).await > 0, "no task waits in shard {shard}, so the test proves nothing");
    }
    // This process is configured for two shards, and finds the others in the table.
    world.pass_secs(3500);
    assert_eq!(tick(&world, agenda(2)).await.promoted, 3 * EACH);
    assert_eq!(tick(&world, agenda(2)).await.promoted, 0);
    world.pass_secs(100);
    let executor = world.executor(effects.handlers());
    while world.carried() > 0 {
        world.work(&executor).await;
    }
    assert_eq!(effects.count(), 3 * EACH);
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
}

#[tokio::test]
async fn the_stored_numbers_of_shards_only_grow() {
    let world = World::new().await;
    let store = |agenda, catalog| world.store.clone().sharded(Shards { agenda, catalog });
    assert_eq!(world.store.shards_in_use().await.unwrap(), Shards::default());
    for (told, known) in [((1, 2), (1, 4)), ((8, 2), (8, 4)), ((2, 16), (8, 16)), ((1, 1), (8, 16))] {
        let (agenda, catalog) = known;
        assert_eq!(store(told.0, told.1).register_shards().await.unwrap(), Shards { agenda, catalog }, "{told:?}");
        assert_eq!(store(1, 1).shards_in_use().await.unwrap(), Shards { agenda, catalog }, "{told:?}");
    }
    // A process also uses its own configuration, which it has not written yet.
    assert_eq!(store(9, 1).shards_in_use().await.unwrap(), Shards { agenda: 9, catalog: 16 });
}

#[tokio::test]
async fn a_tick_that_cannot_read_the_number_of_shards_fails_and_the_next_reads_it() {
    let mut world = World::new().await;
    assert_eq!(tick(&world, agenda(4)).await.failed, 0);
    submit(&world, agenda(4)).await;
    world.pass_secs(3500);
    let rule = |action: &str, _: &str| if action == "GetItem" { Fate::Refuse } else { Fate::Pass };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let direct = world.store.clone();
    world.scheduler.services.store = world.store_at(&proxy.url);
    let blind = world.tick().await;
    // One failure is the number of shards, and the other the audit's position.
    assert!(blind.failed == 2 && blind.promoted < EACH, "{blind:?}");
    world.scheduler.services.store = direct;
    let report = world.tick().await;
    assert_eq!((report.failed, report.promoted), (0, EACH - blind.promoted));
    assert_eq!(world.carried(), EACH);
}
