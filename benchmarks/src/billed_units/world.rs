//! A stack with a clock that the benchmark moves and a meter that counts its calls.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use taskway::{Context, Failure, Handlers, Task};
use taskway_cloud::{
    dynamo::Wish,
    meter::Meter,
    sqs::{Arrived, Receipt, Source},
};
use taskway_engine::{Services, Tally};
use taskway_executor::{
    Executor, batch,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_local::{
    mapping::{self, MappedLanes},
    stack::{Setup, Stack},
};
use taskway_protocol::{
    AllowedFunctions, DEFAULT_QUEUE, Fence, Permit, Priority, Rate, Scope, TaskId, TaskKey, Time, Wanted,
};
use taskway_runtime::clock::{Clock, ManualClock, SystemClock};
use taskway_scheduler::Scheduler;
use taskway_submit::{Submit, validate::Limits};
use tokio::sync::Semaphore;

use super::functions;
use crate::{api::Api, endpoints::Place, report::Report};

/// A full batch.
pub(super) const TEN: usize = 10;

/// The length of a long attempt. The last heartbeat is 29 s before its end.
const LONG: Duration = Duration::from_secs(899);

/// The time between two heartbeats, in seconds.
const BEAT: u64 = 30;

/// How long the queue of a mapping hides a received message.
const VISIBILITY: Duration = Duration::from_secs(900);

/// A rate of these tasks and seconds, and this burst.
fn of_numbers(numbers: [u32; 3]) -> Rate {
    let [tasks, per_seconds, burst] = numbers.map(|number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN));
    Rate { tasks, per_seconds, burst }
}

/// The most that a path may cost for each task.
pub(super) struct Cost {
    pub(super) writes: f64,
    pub(super) reads: f64,
    /// SQS requests; `None` sets no limit.
    pub(super) requests: Option<f64>,
}

/// A stack whose calls are counted.
pub(crate) struct World {
    clock: ManualClock,
    pub(super) stack: Stack,
    pub(crate) meter: Meter,
    pub(super) api: Api,
    lanes: MappedLanes,
    executor: Executor,
    /// An executor without a handler.
    stranger: Executor,
    scheduler: Scheduler,
    /// Has a permit for each attempt of the handler `long` that has begun.
    begun: Arc<Semaphore>,
}

impl World {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let clock = ManualClock::starting_at(SystemClock.now());
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let stack = Stack::start(Setup {
            clock: Arc::clone(&shared),
            callable: Some(AllowedFunctions::parse("report,busy")?),
            ..Setup::default()
        })
        .await?;
        let meter = Meter::by_index();
        let place = Place::of(&stack);
        let (store, lanes) = place.adapters(Some(&meter)).await;
        let (_, sqs) = place.clients(Some(&meter)).await;

        let functions = stack.settings.functions.clone();
        let limits = Limits { longest_timeout_seconds: 43_200, functions, ..Limits::default() };
        // A process pays for its counts of ended tasks by the minute, and not for a task.
        let services = Services { tally: Tally::off(), ..Services::new(store, lanes.clone()).with_clock(shared) };
        let submit = Submit::new(services.clone(), limits);
        let begun = Arc::new(Semaphore::new(0));
        let handlers = handlers(clock.clone(), Arc::clone(&begun));
        let targets = Targets::new(handlers, Http::new(Allowed::default(), Secrets::default())?)?
            .with_lambda(stack.lambda(&functions::serve().await?));
        let strange = Targets::new(Handlers::new(), Http::new(Allowed::default(), Secrets::default())?)?;
        let world = World {
            clock,
            stack,
            meter,
            api: Api::new(submit),
            executor: Executor::new(services.clone(), targets),
            stranger: Executor::new(services.clone(), strange),
            scheduler: Scheduler::new(services),
            lanes: MappedLanes::new(lanes, sqs),
            begun,
        };
        // The first tick of a stack records when the audit begins.
        world.tick().await;
        world.meter.take();
        Ok(world)
    }

    /// Submits a task so often.
    pub(crate) async fn submit(&self, task: &str, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.api.submit(task).await?;
        }
        Ok(())
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) async fn tick(&self) {
        self.scheduler.tick(Duration::from_secs(50)).await;
    }

    /// Pauses the queue of all tasks or lets it go on, and waits until the executor knows. The bill does not show it.
    pub(super) async fn pause(&self, paused: bool) -> anyhow::Result<()> {
        self.set(Wanted { paused, ..Wanted::default() }).await
    }

    /// Sets the limit of the queue of all tasks and that of each fairness key, and waits until the executor knows. The bill does
    /// not show it.
    pub(super) async fn limits(&self, concurrency: Option<u32>, key_concurrency: Option<u32>) -> anyhow::Result<()> {
        let [concurrency, key_concurrency] =
            [concurrency, key_concurrency].map(|limit| limit.and_then(NonZeroU32::new));
        self.set(Wanted { concurrency, key_concurrency, ..Wanted::default() }).await
    }

    /// Sets the rate of the queue of all tasks, as tasks, seconds and burst, or removes it, and waits until the executor knows.
    /// The bill does not show it.
    pub(super) async fn rate(&self, rate: Option<[u32; 3]>) -> anyhow::Result<()> {
        self.set(Wanted { rate: rate.map(of_numbers), ..Wanted::default() }).await
    }

    /// Sets the rate of each fairness key likewise.
    pub(super) async fn key_rate(&self, rate: [u32; 3]) -> anyhow::Result<()> {
        self.set(Wanted { key_rate: Some(of_numbers(rate)), ..Wanted::default() }).await
    }

    async fn set(&self, wanted: Wanted) -> anyhow::Result<()> {
        let store = self.stack.store();
        let before = store.queue_settings(DEFAULT_QUEUE).await?;
        let settings = before.changed(wanted, self.clock.now());
        anyhow::ensure!(store.set_queue(DEFAULT_QUEUE, before, settings).await?, "another process steers the queue");
        self.pass(5);
        Ok(())
    }

    /// Uses up the permits of a limit of ten, or gives them back. The bill does not show it.
    pub(super) async fn use_up(&self, scope: &Scope, wanted: bool) -> anyhow::Result<()> {
        let store = self.stack.store();
        for n in 0..TEN as u8 {
            let permit = Permit { fence: Fence(1), until: self.clock.now().after(VISIBILITY), nonce: 0 };
            let wish = if wanted { Wish::Add(permit) } else { Wish::Release(Fence(1)) };
            let id = TaskId { key: TaskKey::from_bytes([n; 16]), born: Time::from_millis(1) };
            store.ask_ledger(scope, TEN as u32, id, wish).await?;
        }
        Ok(())
    }

    /// Sends what the queue has held.
    pub(super) async fn dispatch(&self) -> anyhow::Result<()> {
        let until = self.clock.now().after(Duration::from_secs(50));
        let dispatched = self.scheduler.services.dispatch_held(DEFAULT_QUEUE, until, usize::MAX).await?;
        anyhow::ensure!(dispatched.sent > 0, "nothing was held");
        Ok(())
    }

    /// Receives a batch, runs it, and deletes the finished messages, like an event source mapping.
    pub(super) async fn deliver(&self) -> anyhow::Result<()> {
        let batch = self.deliver_without_deleting().await?;
        let receipts: Vec<&Receipt> = batch.iter().map(|message| &message.receipt).collect();
        self.lanes.delete(LANE, &receipts).await?;
        Ok(())
    }

    /// The same with an executor that knows no handler. Then waits for what it has passed on.
    pub(super) async fn pass_on(&self) -> anyhow::Result<()> {
        let batch = self.run_batch(&self.stranger).await?;
        let receipts: Vec<&Receipt> = batch.iter().map(|message| &message.receipt).collect();
        self.lanes.delete(LANE, &receipts).await?;
        self.pass(1);
        Ok(())
    }

    /// Announces the handlers of the executor.
    pub(super) async fn announce(&self) {
        self.executor.announce().await;
    }

    /// Receives a batch and runs it. Returns the messages that a mapping would delete.
    pub(super) async fn deliver_without_deleting(&self) -> anyhow::Result<Vec<Arrived>> {
        // The bill of a path does not show the announcement, which a process pays once in 30 s and not for a task.
        let bill = self.meter.so_far();
        self.announce().await;
        self.meter.reset(bill);
        self.run_batch(&self.executor).await
    }

    async fn run_batch(&self, executor: &Executor) -> anyhow::Result<Vec<Arrived>> {
        let mut batch = self.lanes.lanes.receive(LANE, TEN, VISIBILITY, Duration::ZERO).await?;
        anyhow::ensure!(!batch.is_empty(), "nothing was delivered");
        let queue = self.lanes.lanes.url(LANE).and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let event: batch::Event = serde_json::from_str(&mapping::event(&batch, queue).to_string())?;
        let deadline = self.clock.now().after(Duration::from_secs(43_200)).as_millis();
        let answer = batch::run(executor, event, deadline).await;
        batch.retain(|message| {
            answer.batch_item_failures.iter().all(|failed| failed.item_identifier != message.message_id)
        });
        Ok(batch)
    }

    /// Runs tasks of 15 minutes, and moves the clock from heartbeat to heartbeat.
    pub(super) async fn long(&self, count: u32) -> anyhow::Result<()> {
        self.submit(r#"{"target":{"handler":"long"},"timeout_seconds":1000}"#, count as usize).await?;
        let pass = async {
            self.begun.acquire_many(count).await?.forget();
            let visibilities = || self.meter.so_far().calls("AmazonSQS.ChangeMessageVisibilityBatch");
            until(|| visibilities() == 1).await;
            for beat in 1..=LONG.as_secs() / BEAT {
                self.pass(BEAT);
                // One request is for the batch, and one for each heartbeat.
                until(|| visibilities() == 1 + beat).await;
            }
            self.pass(LONG.as_secs() % BEAT);
            anyhow::Ok(())
        };
        let (passed, delivered) = futures::join!(pass, self.deliver());
        passed.and(delivered)
    }

    /// Checks that every task has ended, and adds the cost of the path to the report.
    pub(super) async fn settle(&self, path: &str, tasks: usize, cost: Cost, report: &mut Report) -> anyhow::Result<()> {
        let open = self.stack.store().open_tasks(None).await?.items.len();
        anyhow::ensure!(open == 0, "{path}: {open} tasks have not ended");
        self.account(path, tasks, cost, report);
        Ok(())
    }

    /// Adds the cost of the path to the report, whose tasks may go on.
    pub(super) fn account(&self, path: &str, tasks: usize, cost: Cost, report: &mut Report) {
        let bill = self.meter.take();
        let each = |units: f64| units / tasks as f64;
        report.limited(format!("{path}: writes"), each(bill.writes), "units", cost.writes);
        if bill.index_writes > 0.0 {
            report.found(format!("{path}:   of these to indexes"), each(bill.index_writes), "units");
        }
        if bill.refused > 0.0 {
            report.found(format!("{path}:   of these refused"), each(bill.refused), "units");
        }
        report.limited(format!("{path}: reads"), each(bill.reads), "units", cost.reads);
        let requests = each(bill.sqs_requests() as f64);
        match cost.requests {
            Some(most) => report.limited(format!("{path}: SQS"), requests, "requests", most),
            None => report.found(format!("{path}: SQS"), requests, "requests"),
        }
    }
}

/// The lane of all tasks here.
const LANE: Source = Source::Lane(Priority::Normal);

fn handlers(clock: ManualClock, begun: Arc<Semaphore>) -> Handlers {
    Handlers::new()
        .on("echo", |_: Task<()>, _: Context| std::future::ready(Ok(())))
        .on("told", |_: Task<serde_json::Value>, _: Context| std::future::ready(Ok(())))
        .on("fatal", |_: Task<()>, _: Context| std::future::ready(Err::<(), _>(Failure::fatal("on purpose"))))
        .on("fail_once", |_: Task<()>, cx: Context| {
            let first = cx.attempt() == 1;
            std::future::ready(if first { Err(Failure::retry("on purpose")) } else { Ok(()) })
        })
        .on("long", move |_: Task<()>, _: Context| {
            let end = clock.sleep(LONG);
            begun.add_permits(1);
            async move {
                end.await;
                Ok(())
            }
        })
}

/// Waits in real time for another task of this process.
async fn until(is: impl Fn() -> bool) {
    while !is() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
