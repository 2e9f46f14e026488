//! Functions whose clocks differ.
//!
//! The simulation covers most of this: each machine's clock is off by up to 4.9 s, or by up to 30 s in a sixth of the
//! worlds. Its witness checks that no executor claims a task over a live lease, that attempts do not overlap, that only
//! the holder of a claim records an outcome, and that every task ends. It does not check lateness, nor which times of a
//! schedule a policy lets pass. These tests do.

mod schedules;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_executor::Executor;
use taskway_protocol::{Fence, TaskId, Time};
use taskway_runtime::clock::Clock;
use taskway_tests::{Api, Effects, Gate, Skewed, World, until};

/// The seconds between two deliveries. No task starts more exactly than this.
const STEP: u64 = 2;

/// The offset of each function's clock, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Off {
    submit: i64,
    executor: i64,
    scheduler: i64,
}

/// The executor's clock is behind the other two, or ahead of them.
fn executor_apart(by: i64) -> [Off; 2] {
    [by, -by].map(|by| Off { submit: by, executor: -by, scheduler: by })
}

/// A world in which each function has its own clock.
struct Scene {
    world: World,
    api: Api,
    off: Off,
}

impl Scene {
    async fn new(off: Off) -> Self {
        let mut world = World::new().await;
        let api = world.submit_with(|services| services.with_clock(Arc::new(Skewed::of(&world.clock, off.submit))));
        let api = world.serve(api).await;
        let clock = Arc::new(Skewed::of(&world.clock, off.scheduler));
        world.scheduler = world.scheduler_with(|services| services.with_clock(clock));
        Scene { world, api, off }
    }

    /// An executor whose clock has this offset.
    fn executor(&self, off: i64, handlers: Handlers) -> Arc<Executor> {
        let services = self.world.services().with_clock(Arc::new(Skewed::of(&self.world.clock, off)));
        Arc::new(self.world.executor_of(services, handlers))
    }
}

/// The starts of attempts, by the true time.
type Starts = Arc<Mutex<Vec<(TaskId, Time)>>>;

/// Handlers that note their starts: `start` succeeds, and `flaky` fails its first attempt.
fn noting(world: &World, starts: &Starts) -> Handlers {
    let noted = || {
        let (starts, clock) = (Arc::clone(starts), world.clock.clone());
        move |cx: &Context| starts.lock().unwrap().push((cx.id(), clock.now()))
    };
    let (start, flaky) = (noted(), noted());
    Handlers::new()
        .on("start", move |_: Task<Value>, cx: Context| {
            start(&cx);
            async { Ok(()) }
        })
        .on("flaky", move |_: Task<Value>, cx: Context| {
            flaky(&cx);
            async move { if cx.attempt() == 1 { Err(Failure::retry("as told")) } else { Ok(()) } }
        })
}

/// Tasks that are due at once, after a message's delay and after a wait in the agenda, and retries with either wait.
/// Each starts when its executor's clock says that it is due, plus the time until its message comes.
#[tokio::test]
async fn clocks_off_by_two_seconds_only_shift_when_tasks_start() {
    for off in executor_apart(2_000) {
        starts_when_due(off).await;
    }
}

async fn starts_when_due(off: Off) {
    let scene = Scene::new(off).await;
    let world = &scene.world;
    let starts = Starts::default();
    let executor = scene.executor(off.executor, noting(world, &starts));
    let retry = |seconds: u64| json!({"min_backoff_seconds": seconds, "max_backoff_seconds": seconds});
    // The task, its delay after the submit, and its backoff after the first attempt, in seconds.
    let tasks = [
        (json!({"target": {"handler": "start"}}), 0, None),
        (json!({"target": {"handler": "start"}, "delay_seconds": 41}), 41, None),
        (json!({"target": {"handler": "start"}, "delay_seconds": 1001}), 1001, None),
        (json!({"target": {"handler": "flaky"}, "retry": retry(21)}), 0, Some(21)),
        (json!({"target": {"handler": "flaky"}, "retry": retry(961)}), 0, Some(961)),
    ];
    let mut ids = Vec::new();
    for (task, delay, again) in tasks {
        ids.push((scene.api.submit(task).await, delay, again));
    }
    let began = world.now();
    while world.now().since(began).as_secs() < 1100 {
        if world.now().since(began).as_secs().is_multiple_of(60) {
            world.tick().await;
        }
        world.work(&executor).await;
        // Nothing happens from the third minute until the long waits end.
        let quiet = (130..900).contains(&world.now().since(began).as_secs());
        world.pass_secs(if quiet { 10 } else { STEP });
    }
    let starts = starts.lock().unwrap().clone();
    // A task starts when its due time has come by its executor's clock, and its message by its sender's clock.
    let agenda = |seconds: u64| seconds > 900;
    let check = |at: Time, from: Time, seconds: u64, said_by: i64, sent_by: i64| {
        let due = from.after(Duration::from_secs(seconds)).as_millis().saturating_add_signed(said_by);
        let by = |off: i64| Time::from_millis(due.saturating_add_signed(-off)).max(from);
        let (earliest, latest) = (by(off.executor), by(off.executor).max(by(sent_by)));
        let latest = latest.after(Duration::from_secs(2 * STEP));
        assert!((earliest..=latest).contains(&at), "{off:?}: {at:?} is not from {earliest:?} to {latest:?}");
    };
    for (id, delay, again) in ids {
        let of: Vec<Time> = starts.iter().filter(|(one, _)| *one == id).map(|(_, at)| *at).collect();
        check(of[0], began, delay, off.submit, if agenda(delay) { off.scheduler } else { off.submit });
        if let Some(again) = again {
            check(of[1], of[0], again, off.executor, if agenda(again) { off.scheduler } else { off.executor });
        }
        let record = world.record(id).await;
        let attempts = if again.is_some() { 2 } else { 1 };
        assert_eq!(
            (record.state.name().as_str(), record.attempts as usize, of.len()),
            ("succeeded", attempts, attempts)
        );
        assert_eq!(record.fence, Fence(attempts as u32), "no attempt lost its claim");
    }
    assert_eq!(world.carried(), 0);
}

/// To an executor whose clock is a minute ahead, a lease that has not ended seems to have ended. Both attempts run, and
/// the table keeps the outcome of the second.
#[tokio::test]
async fn clocks_a_minute_apart_may_run_a_task_twice_but_record_it_once() {
    let scene = Scene::new(Off { submit: 0, executor: -30_000, scheduler: 30_000 }).await;
    let world = &scene.world;
    let (effects, behind, ahead) = (Effects::default(), Gate::default(), Gate::default());
    let id = scene.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 20})).await;
    world.pass_secs(30);
    let first = scene.executor(-30_000, effects.gated(&behind));
    let delivery = world.delivery().await;
    let first = tokio::spawn(async move { first.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.show();
    let second = scene.executor(30_000, effects.gated(&ahead));
    let delivery = world.delivery().await;
    let second = tokio::spawn(async move { second.deliver(&delivery, None).await });
    until("the second start", async || (effects.count() == 2).then_some(())).await;
    behind.open();
    first.await.unwrap();
    assert_eq!(world.state(id).await, "running", "the first attempt's outcome is not recorded");
    ahead.open();
    second.await.unwrap();
    let ended = world.record(id).await;
    assert_eq!((ended.state.name().as_str(), ended.fence, ended.attempts), ("succeeded", Fence(2), 2));
    assert_eq!(world.api.task(id).await["result"], json!(2), "the second attempt's result is recorded");
    world.quiet(&scene.executor(-30_000, effects.gated(&Gate::default()))).await;
    assert_eq!((world.record(id).await, effects.count()), (ended, 2));
}
