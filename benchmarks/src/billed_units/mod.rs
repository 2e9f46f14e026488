//! The units that AWS bills for every path of a task's life, compared with the table in docs/architecture.md.
//!
//! The benchmark moves the clock, so hours of backoff take no time. The executor runs as under Lambda. The requests of the
//! event source mapping are counted too, because AWS bills them.

mod functions;
mod world;

use serde_json::json;
use taskway_protocol::{DEFAULT_QUEUE, Scope};

pub(crate) use self::world::World;

use self::world::{Cost, TEN};
use crate::{api::NO_OP, options::Options, report::Report};

/// The read units of one tick: half a unit each for the shard's agenda, the due schedules and the queues.
const TICK_READS: f64 = 1.5;

/// The read units of a queue's settings. An executor reads them again after 4 s.
const SETTINGS_READ: f64 = 1.0;

/// The read units of ten held tasks: the settings for two batches and for the dispatch, the hold list, and each record twice,
/// before its hold and for the dispatch.
const HELD_READS: f64 = 3.0 * SETTINGS_READ + 1.0 + 2.0 * TEN as f64;

/// The read units of a tick for a queue with settings: those, and its hold list, both consistent. A queue that had a limit
/// once costs the read of its ledgers too.
const WITH_SETTINGS: f64 = 3.0;

/// The read units of a search for fairness keys that hold tasks, in the eight partitions of their hold lists. The metrics count
/// there too while the keys have a limit.
const KEY_SEARCH: f64 = 4.0;

/// A task of a fairness key.
const OF_A_KEY: &str = r#"{"target":{"handler":"echo"},"fairness_key":"acme"}"#;

/// The read units of a page of 50 tasks: half a unit for the number of partitions, for each of the four partitions, and for
/// each record.
const LIST_READS: f64 = 27.5;

/// The read units of a page of 10 failed tasks: half a unit for the partition, and for each record.
const DEAD_READS: f64 = 5.5;

/// A task that takes the place of the one before it.
fn debounced(delay_seconds: u32) -> String {
    let target = json!({"handler": "echo"});
    json!({"target": target, "delay_seconds": delay_seconds, "idempotency_key": "k", "replace": true}).to_string()
}

/// The write units of a task that runs at once: first put, catalog, claim, outcome.
const IMMEDIATE: f64 = 4.0;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let mut report = Report::new("billed_units", options);
    report.progress("every path, with a clock that the benchmark moves");
    let world = World::start().await?;
    // This tick makes the reads that a scheduler process makes only once.
    world.tick().await;
    world.meter.take();

    // A process records a queue with its first task there. That costs two write units once, and no later task pays them.
    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    world.meter.take();

    world.submit(NO_OP, TEN).await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE, reads: 0.0, requests: Some(1.3) };
    world.settle("at once, in a full batch", TEN, cost, &mut report).await?;

    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE, reads: 0.0, requests: Some(4.0) };
    world.settle("at once, alone", 1, cost, &mut report).await?;

    for key in 0..TEN {
        world.submit(&format!(r#"{{"target":{{"handler":"echo"}},"idempotency_key":"k{key}"}}"#), 1).await?;
    }
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE, reads: 0.0, requests: Some(1.3) };
    world.settle("at once, with an idempotency key", TEN, cost, &mut report).await?;

    for _ in 0..TEN {
        world.api.submit_batch(NO_OP, TEN).await?;
    }
    for _ in 0..TEN {
        world.deliver().await?;
    }
    let cost = Cost { writes: IMMEDIATE, reads: 0.0, requests: Some(0.4) };
    world.settle("at once, submitted by batch", TEN * TEN, cost, &mut report).await?;

    world.submit(r#"{"target":{"handler":"echo"},"delay_seconds":600}"#, TEN).await?;
    world.pass(600);
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE, reads: SETTINGS_READ / TEN as f64, requests: Some(1.3) };
    world.settle("after 10 minutes", TEN, cost, &mut report).await?;

    world.submit(r#"{"target":{"handler":"echo"},"delay_seconds":3600}"#, TEN).await?;
    world.pass(3_400);
    world.tick().await;
    world.pass(200);
    world.deliver().await?;
    let cost = Cost { writes: 7.0, reads: (TICK_READS + SETTINGS_READ) / TEN as f64, requests: None };
    world.settle("after an hour", TEN, cost, &mut report).await?;

    world.submit(r#"{"target":{"handler":"fatal"}}"#, TEN).await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 1.0, reads: 0.0, requests: Some(1.3) };
    world.settle("ends as failed", TEN, cost, &mut report).await?;

    // The task and its callback together. An executor records a queue with the first callback that it makes there.
    let followed = |handler: &str| {
        let callback = json!({"target": {"handler": "told"}});
        json!({"target": {"handler": handler}, "on_success": callback, "on_failure": callback}).to_string()
    };
    world.submit(&followed("echo"), 1).await?;
    world.deliver().await?;
    world.deliver().await?;
    world.meter.take();
    for (handler, path) in [("echo", "with a callback"), ("fatal", "ends as failed, with a callback")] {
        world.submit(&followed(handler), TEN).await?;
        world.deliver().await?;
        world.deliver().await?;
        let failed = if handler == "fatal" { 1.0 } else { 0.0 };
        let cost = Cost { writes: 2.0 * IMMEDIATE + 3.0 + failed, reads: 0.0, requests: None };
        world.settle(path, TEN, cost, &mut report).await?;
    }

    world.submit(&retried(10), TEN).await?;
    world.deliver().await?;
    world.pass(10);
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 2.0, reads: SETTINGS_READ / TEN as f64, requests: None };
    world.settle("one retry, after 10 seconds", TEN, cost, &mut report).await?;

    world.submit(&retried(3_600), TEN).await?;
    world.deliver().await?;
    world.pass(3_400);
    world.tick().await;
    world.pass(200);
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 5.0, reads: (TICK_READS + SETTINGS_READ) / TEN as f64, requests: None };
    world.settle("one retry, after an hour", TEN, cost, &mut report).await?;

    world.submit(r#"{"target":{"lambda":{"function":"report"}}}"#, TEN).await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE, reads: 0.0, requests: Some(1.3) };
    world.settle("calls a Lambda function", TEN, cost, &mut report).await?;

    world.submit(r#"{"target":{"lambda":{"function":"busy"}}}"#, TEN).await?;
    world.deliver().await?;
    world.pass(10);
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 2.0, reads: SETTINGS_READ / TEN as f64, requests: None };
    world.settle("calls a Lambda function that is throttled once", TEN, cost, &mut report).await?;

    world.submit(NO_OP, TEN).await?;
    world.deliver_without_deleting().await?;
    world.pass(900);
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 1.0, reads: SETTINGS_READ / TEN as f64, requests: Some(1.3 + 0.3) };
    world.settle("delivered once more after its end", TEN, cost, &mut report).await?;

    world.long(1).await?;
    let cost = Cost { writes: IMMEDIATE + 31.0, reads: 0.0, requests: None };
    world.settle("15 minutes with a beat every 30 seconds", 1, cost, &mut report).await?;

    world.pause(true).await?;
    world.submit(NO_OP, TEN).await?;
    world.deliver().await?;
    world.pause(false).await?;
    world.dispatch().await?;
    world.pass(6);
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 3.0, reads: HELD_READS / TEN as f64, requests: None };
    world.settle("held by a paused queue", TEN, cost, &mut report).await?;

    limits(&world, &mut report).await?;
    world.rate(Some([100, 60, 100])).await?;
    // The first task of a rate writes that it begins, once.
    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    world.meter.take();
    for (path, tasks) in [("with a rate and a slot, in a full batch", TEN), ("with a rate and a slot, alone", 1)] {
        world.pass(5);
        world.submit(NO_OP, tasks).await?;
        world.deliver().await?;
        let each = |units: f64| units / tasks as f64;
        // The slots, in up to three writes if not all tasks of a batch ask at the same moment.
        let slots = if tasks == 1 { 1.0 } else { 3.0 };
        let cost = Cost { writes: IMMEDIATE + each(slots), reads: each(SETTINGS_READ), requests: None };
        world.settle(path, tasks, cost, &mut report).await?;
    }
    // One in 3.05 s, so the second task is sent ahead.
    world.rate(Some([20, 60, 1])).await?;
    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    world.meter.take();
    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    world.pass(4);
    world.deliver().await?;
    // The time at which it is expected, and its slot. As slots are far apart, the record is read first, each time.
    let cost = Cost { writes: IMMEDIATE + 2.0, reads: SETTINGS_READ + 2.0, requests: Some(8.0) };
    world.settle("with a rate, sent ahead, alone", 1, cost, &mut report).await?;

    world.rate(Some([1, 3_600, 1])).await?;
    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    world.meter.take();
    world.submit(NO_OP, TEN).await?;
    world.deliver().await?;
    world.rate(Some([100, 60, 10])).await?;
    world.dispatch().await?;
    world.pass(6);
    world.deliver().await?;
    // The entry, the record and the removal; for all together the begin of the rate, the times at which they are expected, and
    // their slots in up to three writes.
    let writes = IMMEDIATE + 3.0 + 5.0 / TEN as f64;
    let cost = Cost { writes, reads: (HELD_READS + KEY_SEARCH + 4.0) / TEN as f64 + 1.0, requests: None };
    world.settle("held by a rate", TEN, cost, &mut report).await?;
    world.key_rate([100, 60, 100]).await?;
    world.submit(OF_A_KEY, 1).await?;
    world.deliver().await?;
    world.meter.take();
    world.pass(5);
    world.submit(OF_A_KEY, 1).await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 1.0, reads: SETTINGS_READ, requests: None };
    world.settle("with a rate of its key and a slot, alone", 1, cost, &mut report).await?;
    world.rate(None).await?;
    world.meter.take();

    world.submit(&debounced(60), 1).await?;
    world.meter.take();
    world.submit(&debounced(60), 1).await?;
    let cost = Cost { writes: 2.0, reads: 1.0, requests: Some(1.0) };
    world.account("replaces a task that waits in a message", 1, cost, &mut report);
    world.submit(&debounced(3_600), 1).await?;
    let cost = Cost { writes: 3.0, reads: 1.0, requests: Some(0.0) };
    world.account("replaces a task that waits in the agenda", 1, cost, &mut report);
    world.submit(&debounced(0), 1).await?;
    let cost = Cost { writes: 3.0, reads: 1.0, requests: Some(1.0) };
    world.account("replaces it by one that is due at once", 1, cost, &mut report);
    world.deliver().await?;
    world.meter.take();
    world.submit(&debounced(0), 1).await?;
    let cost = Cost { writes: 2.0, reads: 1.0, requests: Some(1.0) };
    world.account("replaces a task that has ended", 1, cost, &mut report);
    world.deliver().await?;
    world.meter.take();

    world.pass(5);
    world.submit(NO_OP, TEN).await?;
    world.pass_on().await?;
    world.deliver().await?;
    let reads = 1.0 + SETTINGS_READ / TEN as f64;
    let cost = Cost { writes: IMMEDIATE, reads, requests: Some(1.8) };
    world.settle("passed on once, in tens", TEN, cost, &mut report).await?;

    world.pass(5);
    world.submit(NO_OP, 1).await?;
    world.pass_on().await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE, reads: 1.0 + SETTINGS_READ, requests: Some(8.0) };
    world.settle("passed on once, alone", 1, cost, &mut report).await?;

    world.pass(30);
    world.announce().await;
    let cost = Cost { writes: 1.0, reads: 0.0, requests: Some(0.0) };
    world.settle("a process announces its handlers", 1, cost, &mut report).await?;

    world.tick().await;
    let cost = Cost { writes: 0.0, reads: TICK_READS + WITH_SETTINGS + KEY_SEARCH, requests: Some(1.0) };
    world.settle("a tick with nothing to do", 1, cost, &mut report).await?;

    world.api.get("/v1/tasks?queue=default").await?;
    let cost = Cost { writes: 0.0, reads: LIST_READS, requests: Some(0.0) };
    world.settle("a page of 50 tasks of a queue", 1, cost, &mut report).await?;

    world.api.get("/v1/dead?queue=default&limit=10").await?;
    let cost = Cost { writes: 0.0, reads: DEAD_READS, requests: Some(0.0) };
    world.settle("a page of 10 failed tasks of a queue", 1, cost, &mut report).await?;

    many_keys(&world, &mut report).await?;

    world.stack.stop().await;
    Ok(report)
}

/// Tasks of a queue with a limit, of fairness keys with a limit, and of both.
async fn limits(world: &World, report: &mut Report) -> anyhow::Result<()> {
    let ten = Some(TEN as u32);
    let kinds = [
        ("a limit", [ten, None], Scope::share(DEFAULT_QUEUE, 0)),
        ("a limit of its key", [None, ten], Scope::key(DEFAULT_QUEUE, "acme")),
    ];
    for (limit, [of_queue, of_keys], scope) in kinds {
        world.limits(of_queue, of_keys).await?;
        // What is dispatched soon after a change is delayed.
        world.pass(60);
        // The first permit makes the ledger, once.
        world.submit(OF_A_KEY, 1).await?;
        world.deliver().await?;
        world.meter.take();
        for (size, tasks) in [("in a full batch", TEN), ("alone", 1)] {
            world.pass(5);
            world.submit(OF_A_KEY, tasks).await?;
            world.deliver().await?;
            let each = |units: f64| units / tasks as f64;
            // A permit and its return, each in up to three writes if not all tasks of a batch ask at the same moment.
            let permits = if tasks == 1 { 2.0 } else { 6.0 };
            let cost = Cost { writes: IMMEDIATE + each(permits), reads: each(SETTINGS_READ), requests: None };
            world.settle(&format!("with {limit} and room, {size}"), tasks, cost, report).await?;
        }
        for (size, tasks) in [("in a full batch", TEN), ("alone", 1)] {
            world.use_up(&scope, true).await?;
            world.pass(5);
            world.submit(OF_A_KEY, tasks).await?;
            world.deliver().await?;
            world.use_up(&scope, false).await?;
            world.dispatch().await?;
            world.deliver().await?;
            let each = |units: f64| units / tasks as f64;
            // A refusal, a permit, its return, and the note that tasks wait, which is written once in five minutes; the entry,
            // the record and the removal.
            let permits = if tasks == 1 { 4.0 } else { 8.0 };
            let writes = IMMEDIATE + 3.0 + each(permits);
            // The record twice; the settings twice; the ledger and the hold list, twice each for a lone task, and more often if
            // not all tasks of a batch are held and end at the same moment. For keys, also the search for those that hold.
            let looks = if tasks == 1 { 4.0 } else { 18.0 } + if scope.is_key() { KEY_SEARCH + 2.0 } else { 0.0 };
            let cost = Cost { writes, reads: 2.0 + each(2.0 * SETTINGS_READ + looks), requests: None };
            world.settle(&format!("held by {limit}, {size}"), tasks, cost, report).await?;
        }
    }
    world.limits(ten, ten).await?;
    // Nobody looks for tasks that were held long ago.
    world.pass(600);
    world.submit(OF_A_KEY, 1).await?;
    world.deliver().await?;
    let cost = Cost { writes: IMMEDIATE + 4.0, reads: SETTINGS_READ, requests: None };
    world.settle("with both limits and room, alone", 1, cost, report).await?;

    Ok(())
}

/// Tasks of many fairness keys with a limit. Their number costs nothing.
async fn many_keys(world: &World, report: &mut Report) -> anyhow::Result<()> {
    // The first task of a key makes its ledger, once in three days.
    world.limits(None, Some(TEN as u32)).await?;
    for (path, most) in [("of 500 new keys with a limit", 3.1), ("of 500 keys with a limit", 2.0)] {
        for key in 0..500 {
            world
                .submit(&json!({"target": {"handler": "echo"}, "fairness_key": format!("k{key}")}).to_string(), 1)
                .await?;
            world.deliver().await?;
        }
        let cost = Cost { writes: IMMEDIATE + most, reads: SETTINGS_READ, requests: None };
        world.settle(path, 500, cost, report).await?;
    }
    Ok(())
}

/// A task that fails once and is retried after this time.
fn retried(after_seconds: u32) -> String {
    let retry = json!({"min_backoff_seconds": after_seconds, "max_backoff_seconds": after_seconds});
    json!({"target": {"handler": "fail_once"}, "retry": retry}).to_string()
}
