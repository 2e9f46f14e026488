//! An executor that stands still for longer than its lease, and comes back.
//!
//! The simulation covers every other time of return: it freezes processes for up to 200 s at any step. Its witness
//! checks that only the holder of a claim records an outcome, and that an ended task does not change.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use taskway::{Context, Task};
use taskway_executor::{Disposition, Executor};
use taskway_protocol::TaskId;
use taskway_runtime::clock::ManualClock;
use taskway_tests::{Effects, Gate, START, World, until};
use tokio::task::JoinHandle;

/// An attempt on a machine whose clock stands still, so that it sends no heartbeats.
struct Zombie {
    clock: ManualClock,
    gate: Gate,
    cancelled: Arc<AtomicBool>,
    attempt: JoinHandle<Disposition>,
}

impl Zombie {
    async fn rise(world: &World, effects: &Effects) -> Self {
        let (clock, gate) = (ManualClock::starting_at(START), Gate::default());
        let cancelled = Arc::new(AtomicBool::new(false));
        let (noted, waiting, learned) = (effects.clone(), gate.clone(), Arc::clone(&cancelled));
        let handlers = effects.handlers().on("gate", move |_: Task<Value>, cx: Context| {
            noted.note(&cx);
            let (gate, learned) = (waiting.clone(), Arc::clone(&learned));
            let watched = cx.clone();
            tokio::spawn(async move {
                until("the cancellation", async || watched.cancelled().then_some(())).await;
                learned.store(true, Ordering::SeqCst);
            });
            async move {
                gate.pass().await;
                Ok("of the zombie")
            }
        });
        let services = world.services().with_clock(Arc::new(clock.clone()));
        let (executor, delivery) = (world.executor_of(services, handlers), world.delivery().await);
        let attempt = tokio::spawn(async move { executor.deliver(&delivery, None).await });
        until("the start", async || (effects.count() == 1).then_some(())).await;
        Zombie { clock, gate, cancelled, attempt }
    }

    async fn comes_back(self) -> Disposition {
        self.gate.open();
        self.attempt.await.unwrap()
    }
}

fn healthy(world: &World, effects: &Effects, gate: &Gate) -> Arc<Executor> {
    world.executor(effects.gated(gate))
}

async fn submitted(world: &World) -> TaskId {
    world.api.submit(json!({"target": {"handler": "gate"}})).await
}

#[tokio::test]
async fn an_attempt_that_comes_back_during_the_second_attempt_records_nothing() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = healthy(&world, &effects, &gate);
    let id = submitted(&world).await;
    let zombie = Zombie::rise(&world, &effects).await;
    world.pass_secs(71);
    let (_, ()) = futures::join!(world.work(&executor), async {
        until("the second attempt", async || (effects.count() == 2).then_some(())).await;
        assert!(matches!(zombie.comes_back().await, Disposition::Leave));
        assert_eq!(world.state(id).await, "running");
        gate.open();
    });
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!((&world.api.task(id).await["result"], effects.count()), (&json!(2), 2));
}

#[tokio::test]
async fn an_attempt_that_lost_its_claim_learns_it_at_its_next_heartbeat() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = healthy(&world, &effects, &gate);
    let id = submitted(&world).await;
    let zombie = Zombie::rise(&world, &effects).await;
    world.pass_secs(71);
    gate.open();
    world.work(&executor).await;
    // The heartbeat is refused, and the handler is told to stop. Only then does the gate open.
    zombie.clock.advance(std::time::Duration::from_secs(30));
    until("the cancellation", async || zombie.cancelled.load(Ordering::SeqCst).then_some(())).await;
    assert!(matches!(zombie.comes_back().await, Disposition::Leave));
    assert_eq!(world.end(&executor, id).await, "succeeded");
}

#[tokio::test]
async fn no_second_attempt_starts_while_the_first_may_hold_the_task() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = healthy(&world, &effects, &gate);
    let id = submitted(&world).await;
    world.duplicate();
    let zombie = Zombie::rise(&world, &effects).await;
    world.pass_secs(69);
    world.work(&executor).await;
    world.tick().await;
    assert_eq!((effects.count(), world.state(id).await), (1, "running"));
    zombie.comes_back().await;
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], "of the zombie");
}
