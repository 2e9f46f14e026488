//! Queues with a limit: how many of their tasks run at once.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};
use taskway_cloud::{
    dynamo::Wish,
    sqs::{Acked, Source},
};
use taskway_executor::{Disposition, Executor, Readable};
use taskway_protocol::{Fence, Permit, Priority, Scope, TaskId};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Answer, Effects, Gate, World, until};
use tokio::task::JoinSet;

const MINUTE: Duration = Duration::from_secs(60);

async fn ask(world: &World, method: Method, path: &str, body: &str) -> Answer {
    world.api.ask(method, path, &[("content-type", "application/json")], body.to_owned()).await
}

/// Sets the limit of the queue `calls`, and waits until executors know.
async fn limit(world: &World, concurrency: impl serde::Serialize) -> Value {
    let body = json!({"concurrency": concurrency}).to_string();
    let answer = ask(world, Method::PATCH, "/v1/queues/calls", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    world.pass_secs(5);
    answer.body
}

async fn queue(world: &World) -> Value {
    ask(world, Method::GET, "/v1/queues/calls", "").await.body
}

fn call(handler: &str) -> Value {
    json!({"queue": "calls", "target": {"handler": handler}})
}

/// Takes all visible messages and runs them at the same time, in the background.
pub(crate) async fn run_all(world: &World, executor: &Arc<Executor>, runs: &mut JoinSet<()>) {
    loop {
        let taken = world.take(Priority::Normal).await;
        if taken.is_empty() {
            return;
        }
        for arrived in taken {
            let (lanes, executor) = (world.lanes.clone(), Arc::clone(executor));
            let Readable::Task(delivery) = Readable::of(arrived, Priority::Normal) else { panic!("unreadable") };
            runs.spawn(async move {
                if let Disposition::Ack(ack) = executor.deliver(&delivery, None).await {
                    let acked = [Acked { receipt: delivery.receipt, ack }];
                    lanes.delete(Source::Lane(Priority::Normal), &acked).await.unwrap();
                }
            });
        }
    }
}

/// Runs what is visible and waits for one attempt to end. Says whether fewer than so many have started, or some run.
async fn goes_on(
    world: &World,
    executor: &Arc<Executor>,
    runs: &mut JoinSet<()>,
    effects: &Effects,
    all: usize,
) -> bool {
    // What was sent after a change of the settings arrives six seconds later.
    world.pass_secs(6);
    run_all(world, executor, runs).await;
    let ended = tokio::time::timeout(MINUTE, runs.join_next()).await.expect("an attempt ends");
    assert!(ended.is_some() || effects.count() >= all, "nothing runs, and {} of {all} have started", effects.count());
    effects.count() < all || !runs.is_empty()
}

#[tokio::test]
async fn no_more_tasks_run_than_the_limit_allows_and_each_runs_once() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 3).await;
    let ids = world.api.submit_all(&vec![call("gate"); 10]).await;
    let (one, other) = (world.executor(effects.gated(&gate)), world.executor(effects.gated(&gate)));
    let mut runs = JoinSet::new();
    for executor in [&one, &other] {
        run_all(&world, executor, &mut runs).await;
    }
    until("three to run and seven to be held", async || {
        let queue = queue(&world).await;
        (queue["running"] == 3 && queue["held"] == 7).then_some(())
    })
    .await;
    assert_eq!(effects.count(), 3);
    (0..100).for_each(|_| gate.open());
    while goes_on(&world, &one, &mut runs, &effects, 10).await {
        assert!(world.store.ledger_out(&Scope::share("calls", 0)).await.unwrap().permits <= 3);
    }
    for id in ids {
        assert_eq!((world.state(id).await, effects.of(id)), ("succeeded", 1));
    }
    let queue = queue(&world).await;
    assert_eq!(
        queue,
        json!({"name": "calls", "paused": false, "concurrency": 3, "rate": null,
            "per_key": {"concurrency": null, "rate": null}, "running": 0, "held": 0, "failed": 0})
    );
}

/// One task runs until the gate opens, and another is held.
async fn one_runs_and_one_is_held(world: &World, effects: &Effects, gate: &Gate) -> ([TaskId; 2], JoinSet<()>) {
    let ids = [world.api.submit(call("gate")).await, world.api.submit(call("note")).await];
    let mut runs = JoinSet::new();
    run_all(world, &world.executor(effects.gated(gate)), &mut runs).await;
    until("one to be held", async || (queue(world).await["held"] == 1).then_some(())).await;
    assert_eq!(effects.count(), 1);
    (ids, runs)
}

#[tokio::test]
async fn a_task_that_ends_is_followed_at_once_by_one_that_was_held() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let (ids, mut runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    assert_eq!(world.waiting().len(), 1, "no tick was needed");
    world.work(&world.executor(effects.handlers())).await;
    for id in ids {
        assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
    }
}

#[tokio::test]
async fn a_limit_that_is_raised_or_removed_lets_held_tasks_start() {
    for next in [json!(2), json!(null)] {
        let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
        limit(&world, 1).await;
        let (ids, _runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
        limit(&world, next).await;
        world.pass_secs(1);
        world.work(&world.executor(effects.handlers())).await;
        assert_eq!((world.state(ids[1]).await, queue(&world).await["held"].clone()), ("succeeded", json!(0)));
    }
}

#[tokio::test]
async fn a_limit_that_is_lowered_lets_finish_what_runs() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 2).await;
    let ids = world.api.submit_all(&vec![call("gate"); 4]).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("two to be held", async || (queue(&world).await["held"] == 2).then_some(())).await;
    limit(&world, 1).await;
    assert_eq!((queue(&world).await["running"].clone(), effects.count()), (json!(2), 2));
    (0..100).for_each(|_| gate.open());
    while goes_on(&world, &executor, &mut runs, &effects, 4).await {
        let started = effects.count();
        let out = world.store.ledger_out(&Scope::share("calls", 0)).await.unwrap().permits;
        assert!(started <= 2 || out <= 1, "{started} have started, and {out} may run");
    }
    for id in ids {
        assert_eq!((world.state(id).await, effects.of(id)), ("succeeded", 1));
    }
}

#[tokio::test]
async fn a_retry_gives_its_permit_back_while_it_waits() {
    let (world, effects) = (World::new().await, Effects::default());
    limit(&world, 1).await;
    let retry = json!({"min_backoff_seconds": 600, "max_backoff_seconds": 600});
    let slow = json!({"queue": "calls", "target": {"handler": "flaky"}, "payload": 1, "retry": retry});
    let slow = world.api.submit(slow).await;
    let executor = world.executor(effects.handlers());
    world.work(&executor).await;
    let other = world.api.submit(call("note")).await;
    world.work(&executor).await;
    assert_eq!((world.state(slow).await, world.state(other).await), ("queued", "succeeded"));
    assert_eq!(queue(&world).await["running"], 0);
    assert_eq!(world.end(&executor, slow).await, "succeeded");
}

#[tokio::test]
async fn the_permit_of_a_task_that_is_cancelled_on_its_way_comes_back() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let (ids, mut runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    // Its message is under way with a permit.
    assert_eq!(world.api.act(ids[1], "cancel").await.status, 200);
    assert_eq!(queue(&world).await["running"], 1);
    let executor = world.executor(effects.handlers());
    world.work(&executor).await;
    assert_eq!(queue(&world).await["running"], 0);
    let next = world.api.submit(call("note")).await;
    world.work(&executor).await;
    assert_eq!(world.state(next).await, "succeeded");
}

#[tokio::test]
async fn a_task_whose_message_is_lost_is_sent_again_by_ticks() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let (ids, mut runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    world.lose();
    let day = Duration::from_secs(86_400);
    assert_eq!(world.tick_auditing(day).await.audit_findings, 0, "its permit says that it is under way");
    world.pass(MINUTE * 3);
    assert_eq!(world.tick().await.dispatched, 1);
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!((world.state(ids[1]).await, effects.count()), ("succeeded", 2));
}

#[tokio::test]
async fn a_paused_queue_with_a_limit_goes_on_within_its_limit() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let body = r#"{"paused": true, "concurrency": 2}"#;
    assert_eq!(ask(&world, Method::PUT, "/v1/queues/calls", body).await.status, 200);
    let ids = world.api.submit_all(&vec![call("gate"); 5]).await;
    let executor = world.executor(effects.gated(&gate));
    world.work(&executor).await;
    assert_eq!((effects.count(), queue(&world).await["held"].clone()), (0, json!(5)));
    assert_eq!(ask(&world, Method::POST, "/v1/queues/calls/resume", "").await.body["held"], 3);
    world.pass_secs(6);
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("two to run", async || (effects.count() == 2).then_some(())).await;
    (0..100).for_each(|_| gate.open());
    while goes_on(&world, &executor, &mut runs, &effects, 5).await {}
    for id in ids {
        assert_eq!((world.state(id).await, effects.of(id)), ("succeeded", 1));
    }
}

#[tokio::test]
async fn a_large_limit_is_spread_and_holds_what_is_over() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 60).await;
    let ids = world.api.submit_all(&vec![call("gate"); 90]).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    // Each of the two shares has 30, and its own list.
    until("all to run or be held", async || {
        let queue = queue(&world).await;
        let numbers = queue["running"].as_u64().zip(queue["held"].as_u64());
        numbers.is_some_and(|(running, held)| running + held == 90 && running == 60).then_some(())
    })
    .await;
    assert_eq!(effects.count(), 60);
    (0..100).for_each(|_| gate.open());
    while goes_on(&world, &executor, &mut runs, &effects, 90).await {}
    for id in ids {
        assert_eq!(effects.of(id), 1);
    }
}

#[tokio::test]
async fn held_tasks_start_though_the_number_of_shares_changes() {
    for (before, after) in [(60, 30), (60, 20), (40, 60), (20, 120)] {
        let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
        limit(&world, before).await;
        let ids = world.api.submit_all(&vec![call("gate"); 100]).await;
        let executor = world.executor(effects.gated(&gate));
        let mut runs = JoinSet::new();
        run_all(&world, &executor, &mut runs).await;
        until("all to run or be held", async || {
            let queue = queue(&world).await;
            let numbers = queue["running"].as_u64().zip(queue["held"].as_u64());
            numbers.is_some_and(|(running, held)| running + held == 100 && running == before).then_some(())
        })
        .await;
        limit(&world, after).await;
        (0..100).for_each(|_| gate.open());
        for _ in 0..20 {
            while runs.join_next().await.is_some() {}
            world.pass(MINUTE);
            world.tick().await;
            world.pass_secs(6);
            run_all(&world, &executor, &mut runs).await;
        }
        while runs.join_next().await.is_some() {}
        assert_eq!(effects.count(), 100, "{before} to {after}: {}", queue(&world).await);
        for id in ids {
            assert_eq!((world.state(id).await, effects.of(id)), ("succeeded", 1));
        }
    }
}

#[tokio::test]
async fn an_attempt_that_dies_with_the_permit_of_its_message_is_followed_when_its_lease_is_over() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let (ids, mut runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    let faults = Faults::crash_at(CrashPoint::Claimed);
    let victim = world.mortal(effects.handlers(), &faults);
    let delivery = world.delivery().await;
    assert!(delivery.message.permit.is_some());
    let dying = tokio::spawn(async move {
        victim.deliver(&delivery, None).await;
    });
    faults.died().await;
    dying.abort();
    world.pass_secs(71);
    world.show();
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!((world.state(ids[1]).await, world.record(ids[1]).await.attempts), ("succeeded", 2));
}

#[tokio::test]
async fn tasks_that_a_pause_meets_on_their_way_start_soon_after_the_resume() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let (ids, mut runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
    gate.open();
    while runs.join_next().await.is_some() {}
    assert_eq!(ask(&world, Method::POST, "/v1/queues/calls/pause", "").await.status, 200);
    world.pass_secs(6);
    world.work(&world.executor(effects.handlers())).await;
    let held = queue(&world).await;
    assert_eq!((&held["held"], &held["running"]), (&json!(1), &json!(0)), "its permit is given back");
    assert_eq!(ask(&world, Method::POST, "/v1/queues/calls/resume", "").await.body["held"], 0);
    world.pass_secs(6);
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!(world.state(ids[1]).await, "succeeded");
}

#[tokio::test]
async fn a_retry_waits_until_the_cancelled_attempt_is_over() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let id = world.api.submit(call("gate")).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("the start", async || (effects.count() == 1).then_some(())).await;
    for verb in ["cancel", "retry"] {
        assert_eq!(world.api.act(id, verb).await.status, 200);
    }
    // The attempt runs on, and does not know yet.
    let other = world.executor(effects.handlers());
    world.work(&other).await;
    world.pass_secs(15);
    world.tick().await;
    world.work(&other).await;
    assert_eq!((effects.count(), queue(&world).await["running"].clone()), (1, json!(1)));
    // Its heartbeat tells it.
    let mut over = None;
    while over.is_none() {
        world.pass_secs(5);
        tokio::time::sleep(Duration::from_millis(30)).await;
        over = runs.try_join_next();
    }
    gate.open();
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.of(id), 2);
}

#[tokio::test]
async fn a_limit_that_is_raised_lets_no_more_run_than_it_allows() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 40).await;
    world.api.submit_all(&vec![call("gate"); 150]).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("40 to run", async || (effects.count() == 40).then_some(())).await;
    limit(&world, 60).await;
    let mut started = 0;
    for _ in 0..40 {
        world.pass(MINUTE / 6);
        world.tick().await;
        run_all(&world, &executor, &mut runs).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        let out = queue(&world).await["running"].as_u64().unwrap();
        assert!(out <= 60, "{out} are out");
        (0..20).for_each(|_| gate.open());
        started = effects.count();
        while runs.try_join_next().is_some() {}
    }
    assert_eq!(started, 150);
}

#[tokio::test]
async fn a_limit_that_is_lowered_starts_nothing_while_more_runs() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 51).await;
    world.api.submit_all(&vec![call("gate"); 90]).await;
    let executor = world.executor(effects.gated(&gate));
    let mut runs = JoinSet::new();
    run_all(&world, &executor, &mut runs).await;
    until("51 to run", async || (effects.count() == 51).then_some(())).await;
    for lower in [50, 7] {
        limit(&world, lower).await;
        world.pass_secs(6);
        world.tick().await;
        run_all(&world, &executor, &mut runs).await;
        assert_eq!((effects.count(), queue(&world).await["running"].clone()), (51, json!(51)), "{lower}");
    }
}

#[tokio::test]
async fn a_message_that_names_a_queue_without_a_limit_does_not_start_a_limited_task() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    limit(&world, 1).await;
    let (ids, mut runs) = one_runs_and_one_is_held(&world, &effects, &gate).await;
    let task = world.record(ids[1]).await;
    let mut forged = taskway_protocol::message::Message::of(&task, world.now());
    forged.queue = Some("free".into());
    world.put(&forged.encode().unwrap());
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!((effects.of(ids[1]), effects.count()), (0, 1));
    gate.open();
    while runs.join_next().await.is_some() {}
    assert_eq!(world.end(&world.executor(effects.handlers()), ids[1]).await, "succeeded");
    assert_eq!(effects.of(ids[1]), 1);
}

#[tokio::test]
async fn a_refusal_names_the_field_and_the_limit() {
    let world = World::new().await;
    for (body, detail) in [
        (r#"{"concurrency": 0}"#, "must be 1 to 1000, got 0"),
        (r#"{"concurrency": 1001}"#, "must be 1 to 1000, got 1001"),
        (r#"{"concurrency": "3"}"#, "must be a whole number, got a string"),
    ] {
        for method in [Method::PUT, Method::PATCH] {
            let answer = ask(&world, method, "/v1/queues/calls", body).await;
            let errors = &answer.body["errors"];
            assert_eq!((answer.status, &errors[0]["detail"]), (422, &json!(detail)), "{}", answer.body);
            assert_eq!(errors[0]["pointer"], "/concurrency", "{}", answer.body);
        }
    }
    assert_eq!(queue(&world).await["concurrency"], json!(null), "nothing is set");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let world = World::new().await;
    limit(&world, 7).await;
    let paused = ask(&world, Method::POST, "/v1/queues/calls/pause", "").await.body;
    assert_eq!((&paused["paused"], &paused["concurrency"]), (&json!(true), &json!(7)));
    let changed = limit(&world, 8).await;
    assert_eq!((&changed["paused"], &changed["concurrency"]), (&json!(true), &json!(8)));
    let put = ask(&world, Method::PUT, "/v1/queues/calls", "{}").await.body;
    assert_eq!((&put["paused"], &put["concurrency"]), (&json!(false), &json!(null)));
}

#[tokio::test]
async fn the_old_permits_of_two_lives_of_one_key_come_back() {
    let world = World::new().await;
    limit(&world, 2).await;
    let id = world.api.submit(json!({"target": {"handler": "note"}, "queue": "calls", "delay_seconds": 3600})).await;
    let earlier = TaskId { born: id.born.before(Duration::from_secs(1)), ..id };
    let scope = Scope::share("calls", 0);
    for life in [earlier, id] {
        let permit = Permit::next(Fence::NONE, world.now(), 7);
        world.store.ask_ledger(&scope, 2, life, Wish::Add(permit)).await.unwrap();
    }
    world.pass_secs(120);
    world.tick().await;
    let (ledger, _) = world.store.queue_ledgers("calls").await.unwrap().remove(&0).unwrap();
    assert!(ledger.0.is_empty(), "{ledger:?}");
}
