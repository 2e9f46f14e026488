//! Which of the received messages start first.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_cloud::sqs::Source;
use taskway_executor::{
    batch,
    worker::{self, WorkerOptions},
};
use taskway_protocol::{Priority, TaskId};
use taskway_tests::{Effects, Gate, World, arrived, until};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::limits::run_all;

fn task(handler: &str) -> Value {
    json!({"target": {"handler": handler}, "timeout_seconds": 600})
}

/// Submits a task of `gate`, which has run before, and then one of `note`, and says which starts first in a batch of both.
async fn first_of_a_batch(
    world: &World,
    executor: &Arc<taskway_executor::Executor>,
    effects: &Effects,
) -> &'static str {
    let ids: Vec<TaskId> = world.api.submit_all(&[task("gate")]).await;
    world.pass_secs(1);
    world.api.submit(task("note")).await;
    let (taken, before) = (world.take(Priority::Normal).await, effects.count());
    assert_eq!(taken.len(), 2);
    let event = arrived(&taken, &world.queue(Source::Lane(Priority::Normal)));
    batch::run(executor, serde_json::from_value(event).unwrap(), 900_000).await;
    if effects.all()[before].id == ids[0] { "gate" } else { "note" }
}

#[tokio::test]
async fn an_executor_learns_which_handler_is_short() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    (0..20).for_each(|_| gate.open());
    assert_eq!(first_of_a_batch(&world, &executor, &effects).await, "gate", "it came first");
    let closed = Gate::default();
    let executor = world.executor(effects.gated(&closed));
    for round in 1..=5 {
        let before = effects.count();
        world.api.submit_all(&[task("gate"), task("note")]).await;
        let mut runs = JoinSet::new();
        run_all(&world, &executor, &mut runs).await;
        until("both to start", async || (effects.count() == before + 2).then_some(())).await;
        runs.join_next().await.unwrap().unwrap();
        world.pass_secs(10);
        closed.open();
        while runs.join_next().await.is_some() {}
        assert_eq!(effects.count(), before + 2, "round {round}");
    }
    (0..20).for_each(|_| closed.open());
    assert_eq!(first_of_a_batch(&world, &executor, &effects).await, "note", "it is shorter");
}

#[tokio::test]
async fn a_worker_keeps_the_turns_of_tenants() {
    const BACKLOG: usize = 400;
    let world = World::new().await;
    let starts: Arc<Mutex<Vec<TaskId>>> = Arc::default();
    let noted = Arc::clone(&starts);
    let handlers = Handlers::new().on("work", move |_: Task<Value>, cx: Context| {
        noted.lock().unwrap().push(cx.id());
        async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, Failure>(())
        }
    });
    let of = |tenant: &str| json!({"target": {"handler": "work"}, "fairness_key": tenant});
    world.api.submit_all(&vec![of("big"); BACKLOG]).await;
    let stop = CancellationToken::new();
    let options = WorkerOptions { concurrency: 4, ..WorkerOptions::default() };
    let polling = tokio::spawn(worker::poll(world.executor(handlers), options, stop.clone()));
    let count = || starts.lock().unwrap().len();
    until("the worker to be at work", async || (count() >= 60).then_some(())).await;
    world.pass_secs(2);
    let (small, before) = (world.api.submit(of("small")).await, count());
    until("the other tenant's task to start", async || starts.lock().unwrap().contains(&small).then_some(())).await;
    // It waits for what the worker had received, and not for what was submitted earlier.
    assert!(count() - before < 200 && count() < BACKLOG, "{before} had started, and {} before it", count());
    stop.cancel();
    polling.abort();
}
