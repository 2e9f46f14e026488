//! Queues whose fairness keys have a limit: how many tasks of each key run at once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};
use taskway_executor::Executor;
use taskway_protocol::{Scope, TaskId, message::Message};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Answer, Effects, Gate, World, until};
use tokio::task::JoinSet;

use crate::limits::run_all;

const MINUTE: Duration = Duration::from_secs(60);

async fn ask(world: &World, method: Method, path: &str, body: &str) -> Answer {
    world.api.ask(method, path, &[("content-type", "application/json")], body.to_owned()).await
}

/// Changes the queue `calls`, and waits until executors know.
async fn set(world: &World, settings: Value) -> Value {
    let answer = ask(world, Method::PATCH, "/v1/queues/calls", &settings.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    world.pass_secs(5);
    answer.body
}

/// Sets the limit of each key of the queue `calls`.
async fn limit_keys(world: &World, concurrency: impl serde::Serialize) -> Value {
    set(world, json!({"per_key": {"concurrency": concurrency}})).await
}

async fn queue(world: &World) -> Value {
    ask(world, Method::GET, "/v1/queues/calls", "").await.body
}

fn call(handler: &str, key: &str) -> Value {
    json!({"queue": "calls", "target": {"handler": handler}, "fairness_key": key, "timeout_seconds": 600})
}

/// How many permits of a key are out.
async fn out(world: &World, key: &str) -> usize {
    world.store.ledger_out(&Scope::key("calls", key)).await.unwrap().permits
}

/// Of each key of these tasks, how many have started and have not ended.
async fn running(world: &World, ids: &[TaskId]) -> BTreeMap<String, usize> {
    let mut running = BTreeMap::new();
    for id in ids {
        let task = world.api.task(*id).await;
        *running.entry(task["fairness_key"].as_str().unwrap().to_owned()).or_default() +=
            usize::from(task["state"] == "running");
    }
    running
}

/// Lets attempts end one by one, and the next start, until all have. After each, `check` looks at the world.
async fn drain(
    world: &World,
    executor: &Arc<Executor>,
    gate: &Gate,
    (mut runs, all): (JoinSet<()>, usize),
    effects: &Effects,
    check: impl AsyncFn(),
) {
    for round in 0.. {
        assert!(round < 20 * all, "{} of {all} have started: {}", effects.count(), queue(world).await);
        gate.open();
        let _ = tokio::time::timeout(Duration::from_millis(200), runs.join_next()).await;
        world.pass_secs(6);
        run_all(world, executor, &mut runs).await;
        check().await;
        if runs.is_empty() {
            if effects.count() == all {
                return;
            }
            world.pass(MINUTE);
            world.tick().await;
        }
    }
}

#[tokio::test]
async fn no_more_tasks_of_a_key_run_than_its_limit_allows_and_each_runs_once() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit_keys(&world, 2).await;
    let tasks: Vec<Value> =
        ["acme", "initech", "acme", "acme", "acme", "initech", "acme"].map(|key| call("gate", key)).into();
    let ids = world.api.submit_all(&tasks).await;
    let without = world.api.submit_all(&vec![json!({"queue": "calls", "target": {"handler": "gate"}}); 4]).await;
    let (one, other) = (world.executor(effects.gated(&gate)), world.executor(effects.gated(&gate)));
    let mut runs = JoinSet::new();
    for executor in [&one, &other] {
        run_all(&world, executor, &mut runs).await;
    }
    until("eight to run", async || (effects.count() == 8).then_some(())).await;
    assert_eq!(running(&world, &ids).await, BTreeMap::from([("acme".to_owned(), 2), ("initech".to_owned(), 2)]));
    until("three to be held", async || (queue(&world).await["held"] == 3).then_some(())).await;
    let shown = queue(&world).await;
    assert_eq!(shown["keys"], json!([{"key": "acme", "running": 2, "held": 3}]));
    assert_eq!(shown["per_key"], json!({"concurrency": 2, "rate": null}));
    drain(&world, &one, &gate, (runs, 11), &effects, async || {
        assert!(running(&world, &ids).await.values().all(|running| *running <= 2));
    })
    .await;
    for id in ids.into_iter().chain(without) {
        assert_eq!((world.state(id).await, effects.of(id)), ("succeeded", 1));
    }
    assert_eq!((queue(&world).await["keys"].clone(), out(&world, "acme").await), (json!([]), 0));
}

#[tokio::test]
async fn a_task_needs_a_permit_of_its_key_and_one_of_its_queue() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    set(&world, json!({"concurrency": 2, "per_key": {"concurrency": 1}})).await;
    let tasks: Vec<Value> = (0..9).map(|n| call("gate", ["a", "b", "c"][n % 3])).collect();
    let ids = world.api.submit_all(&tasks).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("seven to be held", async || (queue(&world).await["held"] == 7).then_some(())).await;
    assert_eq!(queue(&world).await["running"], 2);
    drain(&world, &executor, &gate, (runs, 9), &effects, async || {
        let running = running(&world, &ids).await;
        assert!(running.values().sum::<usize>() <= 2 && running.values().all(|running| *running <= 1), "{running:?}");
    })
    .await;
    for id in ids {
        assert_eq!((world.state(id).await, effects.of(id)), ("succeeded", 1));
    }
}

/// One task of the key `a` runs until the gate opens. Of two of the key `b`, one waits for the queue and the other for its key.
async fn one_runs_and_two_wait(world: &World, effects: &Effects, gate: &Gate) -> ([TaskId; 3], JoinSet<()>) {
    set(world, json!({"concurrency": 1, "per_key": {"concurrency": 1}})).await;
    let executor = world.executor(effects.gated(gate));
    let (mut ids, mut runs) = (Vec::new(), JoinSet::new());
    for (held, key) in [(0, "a"), (1, "b"), (2, "b")] {
        ids.push(world.api.submit(call(if held == 0 { "gate" } else { "note" }, key)).await);
        run_all(world, &executor, &mut runs).await;
        let what = format!("{held} to be held");
        until(&what, async || (queue(world).await["held"] == held && effects.count() == 1).then_some(())).await;
    }
    (ids.try_into().unwrap(), runs)
}

#[tokio::test]
async fn a_task_that_waits_for_its_queue_keeps_the_permit_of_its_key() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let (ids, mut runs) = one_runs_and_two_wait(&world, &effects, &gate).await;
    let list = async |scope: Scope| world.store.held(&scope, None, 10).await.unwrap().items.len();
    assert_eq!((list(Scope::share("calls", 0)).await, list(Scope::key("calls", "b")).await), (1, 1));
    // Longer than a permit is kept for a task that is about to start.
    for _ in 0..40 {
        world.pass_secs(5);
        tokio::time::sleep(Duration::from_millis(10)).await;
        world.tick().await;
    }
    let ledger = world.store.ledger(&Scope::key("calls", "b")).await.unwrap().0;
    assert_eq!(ledger.0.keys().collect::<Vec<_>>(), [&ids[1]]);
    gate.open();
    while runs.join_next().await.is_some() {}
    let executor = world.executor(effects.handlers());
    for id in ids {
        assert_eq!(world.end(&executor, id).await, "succeeded");
    }
    assert_eq!((effects.count(), out(&world, "b").await, queue(&world).await["running"].clone()), (3, 0, json!(0)));
}

#[tokio::test]
async fn a_task_that_ends_is_followed_at_once_by_one_of_its_key() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit_keys(&world, 1).await;
    let ids = world.api.submit_all(&[call("gate", "a"), call("note", "a")]).await;
    let mut runs = JoinSet::new();
    run_all(&world, &world.executor(effects.gated(&gate)), &mut runs).await;
    until("one to be held", async || (queue(&world).await["held"] == 1).then_some(())).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    assert_eq!(world.waiting().len(), 1, "no tick was needed");
    world.work(&world.executor(effects.handlers())).await;
    for id in ids {
        assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
    }
}

#[tokio::test]
async fn a_limit_of_keys_that_is_raised_or_removed_lets_held_tasks_start() {
    for next in [json!({"concurrency": 2}), json!({"concurrency": null}), Value::Null] {
        let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
        limit_keys(&world, 1).await;
        let ids = world.api.submit_all(&[call("gate", "a"), call("note", "a")]).await;
        let mut runs = JoinSet::new();
        run_all(&world, &world.executor(effects.gated(&gate)), &mut runs).await;
        until("one to be held", async || (queue(&world).await["held"] == 1).then_some(())).await;
        let late = ids.into_iter().max_by_key(|id| usize::from(effects.of(*id) == 0)).unwrap();
        set(&world, json!({"per_key": next})).await;
        world.pass_secs(1);
        if effects.of(late) == 0 {
            gate.open();
            world.work(&world.executor(effects.gated(&gate))).await;
        }
        assert_eq!((world.state(late).await, queue(&world).await["held"].clone()), ("succeeded", json!(0)));
    }
}

#[tokio::test]
async fn a_paused_queue_goes_on_within_the_limits_of_its_keys() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit_keys(&world, 1).await;
    let tasks: Vec<Value> = (0..6).map(|n| call("gate", ["a", "b"][n % 2])).collect();
    let ids = world.api.submit_all(&tasks).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("four to be held", async || (queue(&world).await["held"] == 4).then_some(())).await;
    set(&world, json!({"paused": true})).await;
    (0..2).for_each(|_| gate.open());
    while runs.join_next().await.is_some() {}
    world.pass(MINUTE);
    world.tick().await;
    run_all(&world, &executor, &mut runs).await;
    while runs.join_next().await.is_some() {}
    assert_eq!((effects.count(), queue(&world).await["held"].clone()), (2, json!(4)));
    set(&world, json!({"paused": false})).await;
    run_all(&world, &executor, &mut runs).await;
    drain(&world, &executor, &gate, (runs, 6), &effects, async || {
        assert!(running(&world, &ids).await.values().all(|running| *running <= 1));
    })
    .await;
}

#[tokio::test]
async fn a_task_that_is_cancelled_while_it_waits_leaves_its_place() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let (ids, mut runs) = one_runs_and_two_wait(&world, &effects, &gate).await;
    for id in &ids[1..] {
        assert_eq!(world.api.act(*id, "cancel").await.status, 200);
    }
    assert_eq!(queue(&world).await["held"], 0);
    gate.open();
    while runs.join_next().await.is_some() {}
    // The key's permit that the cancelled task had is freed when another task waits for it.
    let next = world.api.submit(call("note", "b")).await;
    assert_eq!(world.end(&world.executor(effects.handlers()), next).await, "succeeded");
    assert_eq!((effects.count(), out(&world, "b").await), (2, 0));
}

#[tokio::test]
async fn what_a_dead_process_has_left_in_a_key_is_freed_when_another_task_waits_for_it() {
    let (world, effects) = (World::new().await, Effects::default());
    limit_keys(&world, 1).await;
    let first = world.api.submit(call("note", "a")).await;
    let faults = Faults::crash_at(CrashPoint::OutcomeWritten);
    let victim = world.mortal(effects.handlers(), &faults);
    let delivery = world.delivery().await;
    let dying = tokio::spawn(async move {
        victim.deliver(&delivery, None).await;
    });
    faults.died().await;
    dying.abort();
    world.lose();
    assert_eq!((world.state(first).await, out(&world, "a").await), ("succeeded", 1));
    let next = world.api.submit(call("note", "a")).await;
    let executor = world.executor(effects.handlers());
    world.work(&executor).await;
    assert_eq!(world.state(next).await, "scheduled", "it is held");
    world.pass(MINUTE * 2);
    let report = world.tick().await;
    assert_eq!((report.freed, report.dispatched), (1, 1));
    world.work(&executor).await;
    assert_eq!((world.state(next).await, out(&world, "a").await), ("succeeded", 0));
}

#[tokio::test]
async fn the_audit_finds_a_task_whose_message_was_lost_on_its_way_from_its_key() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit_keys(&world, 1).await;
    let first = world.api.submit(call("gate", "a")).await;
    let mut runs = JoinSet::new();
    run_all(&world, &world.executor(effects.gated(&gate)), &mut runs).await;
    until("it to run", async || (effects.of(first) == 1).then_some(())).await;
    let late = world.api.submit(call("note", "a")).await;
    world.work(&world.executor(effects.handlers())).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    world.lose();
    assert_eq!((world.state(late).await, out(&world, "a").await), ("scheduled", 1));
    let day = Duration::from_secs(86_400);
    assert_eq!(world.tick_auditing(day).await.audit_findings, 0, "its permit says that it is under way");
    let mut found = 0;
    for _ in 0..4 {
        world.pass(day);
        found += world.tick_auditing(day).await.audit_findings;
    }
    assert!(found >= 1);
    assert_eq!(world.end(&world.executor(effects.handlers()), late).await, "succeeded");
    assert_eq!(effects.of(late), 1);
}

#[tokio::test]
async fn a_message_that_names_another_key_does_not_start_a_task_of_a_full_key() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit_keys(&world, 1).await;
    world.api.submit(call("gate", "a")).await;
    let mut runs = JoinSet::new();
    run_all(&world, &world.executor(effects.gated(&gate)), &mut runs).await;
    until("it to run", async || (effects.count() == 1).then_some(())).await;
    let late = world.api.submit(call("note", "a")).await;
    let mut forged = Message::of(&world.record(late).await, world.now());
    world.lose();
    for key in [Some("b".into()), None] {
        forged.fairness_key = key;
        world.put(&forged.encode().unwrap());
        world.work(&world.executor(effects.handlers())).await;
        assert_eq!((effects.of(late), effects.count()), (0, 1));
    }
    gate.open();
    while runs.join_next().await.is_some() {}
    assert_eq!(world.end(&world.executor(effects.handlers()), late).await, "succeeded");
    assert_eq!((effects.of(late), out(&world, "b").await), (1, 0));
}

#[tokio::test]
async fn thousands_of_keys_are_tended_a_few_at_a_time() {
    let (world, effects) = (World::new().await, Effects::default());
    limit_keys(&world, 1).await;
    set(&world, json!({"paused": true})).await;
    // A space and a `!` would stand between the lists of keys.
    let keys: Vec<String> = (0..60).map(|n| format!("tenant!{}#{n}", n % 7)).collect();
    let mut ids = Vec::new();
    for key in &keys {
        ids.push(world.api.submit(call("note", key)).await);
    }
    let executor = world.executor(effects.handlers());
    world.work(&executor).await;
    set(&world, json!({"paused": false})).await;
    world.pass_secs(1);
    world.work(&executor).await;
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_refusal_names_the_field_of_the_keys() {
    let world = World::new().await;
    let refused = [
        (json!({"per_key": {"concurrency": 101}}), "/per_key/concurrency", "must be 1 to 100, got 101"),
        (
            json!({"per_key": {"rate": {"tasks": 1, "per_seconds": 0}}}),
            "/per_key/rate/per_seconds",
            "must be 1 to 86400, got 0",
        ),
        (json!({"per_key": {"burst": 1}}), "/per_key/burst", "is not a known field"),
        (json!({"per_key": 3}), "/per_key", "must be an object"),
    ];
    for (body, pointer, detail) in refused {
        let answer = ask(&world, Method::PATCH, "/v1/queues/calls", &body.to_string()).await;
        assert_eq!(answer.status, 422);
        let error = &answer.body["errors"][0];
        assert_eq!(error["pointer"], pointer, "{body}");
        assert!(error["detail"].as_str().unwrap().starts_with(detail), "{error}");
    }
}

#[tokio::test]
async fn a_task_that_is_cancelled_while_it_waits_for_its_queue_gives_its_key_back() {
    for verb in ["cancel", "run"] {
        let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
        let (ids, mut runs) = one_runs_and_two_wait(&world, &effects, &gate).await;
        assert_eq!(out(&world, "b").await, 1);
        // From then on nobody can have made its permit meanwhile.
        for _ in 0..3 {
            world.pass_secs(5);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(world.api.act(ids[1], verb).await.status, 200);
        gate.open();
        while runs.join_next().await.is_some() {}
        let executor = world.executor(effects.handlers());
        // No tick is needed.
        for _ in 0..4 {
            world.work(&executor).await;
            world.pass_secs(1);
        }
        assert_eq!(world.state(ids[2]).await, "succeeded", "{verb}");
        assert_eq!(world.state(ids[1]).await, if verb == "cancel" { "cancelled" } else { "succeeded" });
        assert_eq!(out(&world, "b").await, 0);
    }
}
