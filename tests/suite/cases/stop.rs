//! Workers that are told to stop: what runs is given back at once, and what has not started goes back unclaimed.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_cloud::{dynamo::layout::TASK_PREFIX, sqs::Source};
use taskway_executor::{
    Executor, batch,
    worker::{WorkerOptions, poll_with},
};
use taskway_protocol::{MOST_GIVEN_BACK, Priority, TaskId};
use taskway_tests::{Effects, Fate, Gate, Proxy, World, arrived, nth, until};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// The clock moves by this while a worker stops, so that handlers that were told to end are cut.
const MOMENT: Duration = Duration::from_millis(100);

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(3_600);

/// A worker that a test stops.
struct Stopping {
    stop: CancellationToken,
    give_back: CancellationToken,
    polling: JoinHandle<()>,
}

impl Stopping {
    fn start(executor: Arc<Executor>, options: WorkerOptions) -> Self {
        let (stop, give_back) = (CancellationToken::new(), CancellationToken::new());
        let polling = tokio::spawn(poll_with(executor, options, stop.clone(), give_back.clone()));
        Stopping { stop, give_back, polling }
    }

    fn without_drain(executor: Arc<Executor>) -> Self {
        Self::start(executor, WorkerOptions { drain: Duration::ZERO, ..WorkerOptions::default() })
    }

    async fn stop(self, world: &World) {
        self.stop.cancel();
        world.passing(MOMENT, self.polling).await.unwrap();
    }
}

/// A task that has one attempt.
async fn submitted(world: &World, handler: &str) -> TaskId {
    let task = json!({"target": {"handler": handler}, "timeout_seconds": 600, "retry": {"max_attempts": 1}});
    world.api.submit(task).await
}

async fn started(effects: &Effects, attempts: usize) {
    until("the start", async || (effects.count() == attempts).then_some(())).await;
}

/// The task waits, its only message is visible, and its attempt does not count.
async fn is_given_back(world: &World, id: TaskId, times: u32) {
    let task = world.record(id).await;
    assert_eq!((task.state.name().as_str(), task.attempts, task.given_back), ("queued", 0, times));
    let counts = world.counts(Source::Lane(Priority::Normal));
    assert_eq!((counts.visible, counts.in_flight, counts.delayed), (1, 0, 0));
}

#[tokio::test]
async fn what_outlasts_the_drain_runs_elsewhere_at_once_and_has_lost_no_attempt() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let id = submitted(&world, "gate").await;
    for times in 1..=3 {
        let worker = Stopping::without_drain(world.executor(effects.gated(&gate)));
        started(&effects, times as usize).await;
        worker.stop(&world).await;
        is_given_back(&world, id, times).await;
    }
    gate.open();
    let _other = world.worker(&world.executor(effects.gated(&gate)));
    assert_eq!(world.ended(id).await, "succeeded");
    let task = world.record(id).await;
    assert_eq!((task.attempts, task.fence.0, effects.count()), (1, 4, 4));
    assert_eq!(effects.all()[3].attempt, 1, "the handler is told the first attempt again");
}

#[tokio::test]
async fn the_checkpoint_and_the_chance_to_write_one_are_kept() {
    let world = World::new().await;
    let effects = Effects::default();
    let noted = effects.clone();
    let count = move |_: Task<Value>, cx: Context| {
        noted.note(&cx);
        async move {
            let from: u32 = cx.resume()?.unwrap_or_default();
            cx.checkpoint(&(from + 1))?;
            if from == 2 {
                return Ok(from);
            }
            std::future::pending::<Result<u32, Failure>>().await
        }
    };
    let executor = || world.executor(Handlers::new().on("count", count.clone()));
    let id = submitted(&world, "count").await;
    for times in 1..=2 {
        let worker = Stopping::without_drain(executor());
        started(&effects, times).await;
        worker.stop(&world).await;
    }
    let _last = world.worker(&executor());
    assert_eq!(world.ended(id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], 2);
}

#[tokio::test]
async fn a_handler_that_is_told_may_end_by_itself_and_its_error_does_not_count() {
    for (said, expected) in [("done", ("succeeded", 1, 0)), ("retry", ("queued", 0, 1)), ("fatal", ("queued", 0, 1))] {
        let (world, effects) = (World::new().await, Effects::default());
        let noted = effects.clone();
        let watch = move |_: Task<Value>, cx: Context| {
            noted.note(&cx);
            async move {
                until("the stop", async || cx.cancelled().then_some(())).await;
                match said {
                    "done" => Ok("in time"),
                    "retry" => Err(Failure::retry("told to stop")),
                    _ => Err(Failure::fatal("told to stop")),
                }
            }
        };
        let id = submitted(&world, "watch").await;
        let worker = Stopping::without_drain(world.executor(Handlers::new().on("watch", watch)));
        started(&effects, 1).await;
        worker.stop.cancel();
        // The clock stands still, so the handler is not cut.
        worker.polling.await.unwrap();
        let task = world.record(id).await;
        assert_eq!((task.state.name().as_str(), task.attempts, task.given_back), expected, "{said}");
    }
}

#[tokio::test]
async fn a_snooze_after_the_stop_waits_as_long_as_the_handler_says() {
    let (world, effects) = (World::new().await, Effects::default());
    let noted = effects.clone();
    let watch = move |_: Task<Value>, cx: Context| {
        noted.note(&cx);
        async move {
            until("the stop", async || cx.cancelled().then_some(())).await;
            Err::<(), _>(Failure::snooze(Duration::from_secs(60)))
        }
    };
    let id = submitted(&world, "watch").await;
    let worker = Stopping::without_drain(world.executor(Handlers::new().on("watch", watch)));
    started(&effects, 1).await;
    worker.stop.cancel();
    worker.polling.await.unwrap();
    let task = world.record(id).await;
    assert_eq!((task.attempts, task.given_back), (0, 0));
    assert_eq!(world.counts(Source::Lane(Priority::Normal)).delayed, 1);
}

#[tokio::test]
async fn a_blocking_handler_is_told_and_its_task_given_back() {
    let (world, effects) = (World::new().await, Effects::default());
    let noted = effects.clone();
    let compute = move |_: Task<Value>, cx: Context| {
        noted.note(&cx);
        while !cx.cancelled() {
            std::thread::yield_now();
        }
        Err::<(), _>(Failure::retry("told to stop"))
    };
    let id = submitted(&world, "compute").await;
    let worker = Stopping::without_drain(world.executor(Handlers::new().on_blocking("compute", compute)));
    started(&effects, 1).await;
    worker.stop(&world).await;
    is_given_back(&world, id, 1).await;
}

#[tokio::test]
async fn a_delivery_to_a_url_is_cut() {
    let world = World::new().await;
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/slow", receiver.local_addr().unwrap());
    let id = world.api.submit(json!({"target": {"http": {"url": url}}, "retry": {"max_attempts": 1}})).await;
    let worker = Stopping::without_drain(world.executor(Handlers::new()));
    // It accepts the connection and never answers.
    let (_connection, _) = receiver.accept().await.unwrap();
    worker.stop(&world).await;
    is_given_back(&world, id, 1).await;
}

#[tokio::test]
async fn what_has_not_started_goes_back_at_once_while_the_rest_drains() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let running = submitted(&world, "gate").await;
    let options = WorkerOptions { concurrency: 1, drain: LONG, ..WorkerOptions::default() };
    let worker = Stopping::start(world.executor(effects.gated(&gate)), options);
    started(&effects, 1).await;
    let waiting = submitted(&world, "gate").await;
    worker.stop.cancel();
    until("the other message", async || (world.counts(Source::Lane(Priority::Normal)).visible == 1).then_some(()))
        .await;
    assert_eq!((world.record(waiting).await.attempts, world.state(running).await), (0, "running"));
    gate.open();
    worker.polling.await.unwrap();
    assert_eq!((world.state(running).await, world.state(waiting).await), ("succeeded", "queued"));
    assert_eq!(effects.count(), 1, "a worker that stops starts nothing");
}

#[tokio::test]
async fn the_drain_can_be_cut_short() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let id = submitted(&world, "gate").await;
    let options = WorkerOptions { drain: LONG, ..WorkerOptions::default() };
    let worker = Stopping::start(world.executor(effects.gated(&gate)), options);
    started(&effects, 1).await;
    worker.give_back.cancel();
    worker.stop(&world).await;
    is_given_back(&world, id, 1).await;
}

#[tokio::test]
async fn a_stop_during_the_claim_gives_the_task_back_and_starts_no_handler() {
    let (mut world, effects) = (World::new().await, Effects::default());
    let permits = Arc::new(Semaphore::new(0));
    let held = nth(1, "UpdateItem", TASK_PREFIX, Fate::Hold(Arc::clone(&permits)));
    let asked = Arc::new(Semaphore::new(0));
    let asks = Arc::clone(&asked);
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, text| {
        let fate = held(action, text);
        if matches!(fate, Fate::Hold(_)) {
            asks.add_permits(1);
        }
        fate
    })
    .await;
    let store = world.store_at(&proxy.url);
    let executor = Arc::new(world.executor_of(world.services().with_store(store), effects.handlers()));
    let id = submitted(&world, "note").await;
    let worker = Stopping::without_drain(executor);
    asked.acquire().await.unwrap().forget();
    worker.give_back.cancel();
    permits.add_permits(1);
    worker.stop(&world).await;
    is_given_back(&world, id, 1).await;
    assert_eq!((effects.count(), world.record(id).await.fence.0), (0, 1));
}

/// Lets one attempt be cut by the end of its invocation, which also gives the task back.
async fn cut(world: &World, effects: &Effects, executor: &Arc<Executor>) {
    let (before, delivery) = (effects.count(), world.delivery().await);
    let cutoff = world.now().after(Duration::from_secs(10));
    let (executor, lane) = (Arc::clone(executor), delivery.lane);
    let attempt = tokio::spawn(async move {
        let disposition = executor.deliver(&delivery, Some(cutoff)).await;
        (delivery.receipt, disposition)
    });
    started(effects, before + 1).await;
    world.pass_secs(10);
    let (receipt, disposition) = attempt.await.unwrap();
    if let taskway_executor::Disposition::Ack(ack) = disposition {
        world.lanes.delete(Source::Lane(lane), &[taskway_cloud::sqs::Acked { receipt, ack }]).await.unwrap();
    }
}

#[tokio::test]
async fn an_attempt_that_its_invocation_cuts_short_is_given_back() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = submitted(&world, "gate").await;
    cut(&world, &effects, &executor).await;
    is_given_back(&world, id, 1).await;
}

#[tokio::test]
async fn a_function_that_is_told_to_stop_gives_its_attempts_back_and_answers() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = submitted(&world, "gate").await;
    let taken = world.take(Priority::Normal).await;
    let event = arrived(&taken, &world.queue(Source::Lane(Priority::Normal)));
    let (event, again) = (serde_json::from_value(event.clone()).unwrap(), serde_json::from_value(event).unwrap());
    let (stop, deadline) = (CancellationToken::new(), world.now().as_millis() + 900_000);
    let (function, told) = (Arc::clone(&executor), stop.clone());
    let batch = tokio::spawn(async move { batch::run_until(&function, event, deadline, &told).await });
    started(&effects, 1).await;
    stop.cancel();
    let answer = world.passing(MOMENT, batch).await.unwrap();
    assert!(answer.batch_item_failures.is_empty(), "the mapping deletes the message");
    let task = world.record(id).await;
    assert_eq!((task.state.name().as_str(), task.attempts, task.given_back), ("queued", 0, 1));
    assert_eq!(world.counts(Source::Lane(Priority::Normal)).visible, 1, "the next message");

    let answer = batch::run_until(&executor, again, deadline, &stop).await;
    assert_eq!(answer.batch_item_failures.len(), 1, "what has not started is handed back");
    assert_eq!((effects.count(), world.record(id).await.fence.0), (1, 1));
}

#[tokio::test]
async fn a_task_is_not_given_back_for_ever() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = submitted(&world, "gate").await;
    for times in 1..=MOST_GIVEN_BACK {
        cut(&world, &effects, &executor).await;
        is_given_back(&world, id, times).await;
    }
    cut(&world, &effects, &executor).await;
    assert_eq!(world.state(id).await, "failed");
    let error = &world.api.task(id).await["error"];
    assert_eq!((&error["kind"], &error["attempt"]), (&json!("timeout"), &json!(1)));
    let said = error["message"].as_str().unwrap();
    assert_eq!(said, "the executor stopped during the attempt, as 20 did before it");

    // A person's retry begins a new row.
    assert_eq!(world.api.act(id, "retry").await.status, 200);
    cut(&world, &effects, &executor).await;
    is_given_back(&world, id, 1).await;
}

#[tokio::test]
async fn an_outcome_of_its_own_ends_the_row() {
    let (world, effects) = (World::new().await, Effects::default());
    let noted = effects.clone();
    let second = move |_: Task<Value>, cx: Context| {
        noted.note(&cx);
        async move {
            if cx.fence().is_multiple_of(2) {
                return Err::<(), _>(Failure::snooze(Duration::ZERO));
            }
            std::future::pending().await
        }
    };
    let executor = world.executor(Handlers::new().on("second", second));
    let id = submitted(&world, "second").await;
    for _ in 0..2 {
        cut(&world, &effects, &executor).await;
        is_given_back(&world, id, 1).await;
        let delivery = world.delivery().await;
        let disposition = executor.deliver(&delivery, None).await;
        let taskway_executor::Disposition::Ack(ack) = disposition else { panic!("{disposition:?}") };
        let acked = taskway_cloud::sqs::Acked { receipt: delivery.receipt, ack };
        world.lanes.delete(Source::Lane(delivery.lane), &[acked]).await.unwrap();
        is_given_back(&world, id, 0).await;
    }
}
