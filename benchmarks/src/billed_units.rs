//! What every path of a task's life is billed, to the unit, against the table in the protocol.
//!
//! The clock is moved by hand, so hours of backoff pass at once. The executor runs as it does under Lambda; the event
//! source mapping's own requests are billed too, and counted.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use taskway::{Context, Failure, Handlers, Task};
use taskway_cloud::sqs::{Arrived, Receipt, Source};
use taskway_engine::Services;
use taskway_executor::{
    Executor, batch,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_local::{
    mapping::MappedLanes,
    stack::{Setup, Stack},
};
use taskway_protocol::Priority;
use taskway_runtime::clock::{Clock, ManualClock, SystemClock};
use taskway_scheduler::Scheduler;
use taskway_submit::{Submit, validate::Limits};
use tokio::sync::Semaphore;

use crate::{
    api::{Api, NO_OP},
    endpoints::Place,
    meter::Meter,
    options::Options,
    report::Report,
};

/// What a path may cost a task; SQS's requests only where the table says so.
struct Table {
    writes: f64,
    reads: f64,
    requests: Option<f64>,
}

/// A full batch.
const TEN: usize = 10;

/// What one tick reads, at most: of a shard's agenda, and of which schedules are due.
const TICK_READS: f64 = 1.0;

/// What a page of 50 tasks reads: half a unit of how many partitions a queue has, of each of the four, and of each record.
const LIST_READS: f64 = 27.5;

/// What a page of 10 failed tasks reads: half a unit of its partition, and of each record.
const DEAD_READS: f64 = 5.5;

/// Writes of a task that is run at once: put, catalog, claim, outcome.
const IMMEDIATE: f64 = 4.0;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let mut report = Report::new("billed_units", options);
    report.progress("every path, with a clock that is moved by hand");
    let world = World::start().await?;
    // What a process of the scheduler's reads once.
    world.tick().await;
    world.meter.take();

    // A process notes a queue with the first task that it submits there: two units once, which no later task pays.
    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    world.meter.take();

    world.submit(NO_OP, TEN).await?;
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE, reads: 0.0, requests: Some(1.3) };
    world.settle("at once, in a full batch", TEN, table, &mut report).await?;

    world.submit(NO_OP, 1).await?;
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE, reads: 0.0, requests: Some(4.0) };
    world.settle("at once, alone", 1, table, &mut report).await?;

    for key in 0..TEN {
        world.submit(&format!(r#"{{"target":{{"handler":"echo"}},"idempotency_key":"k{key}"}}"#), 1).await?;
    }
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE, reads: 0.0, requests: Some(1.3) };
    world.settle("at once, with an idempotency key", TEN, table, &mut report).await?;

    for _ in 0..TEN {
        world.api.submit_batch(NO_OP, TEN).await?;
    }
    for _ in 0..TEN {
        world.deliver().await?;
    }
    let table = Table { writes: IMMEDIATE, reads: 0.0, requests: Some(0.4) };
    world.settle("at once, submitted by batch", TEN * TEN, table, &mut report).await?;

    world.submit(r#"{"target":{"handler":"echo"},"delay_seconds":600}"#, TEN).await?;
    world.pass(600);
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE, reads: 0.0, requests: Some(1.3) };
    world.settle("after 10 minutes", TEN, table, &mut report).await?;

    world.submit(r#"{"target":{"handler":"echo"},"delay_seconds":3600}"#, TEN).await?;
    world.pass(3_400);
    world.tick().await;
    world.pass(200);
    world.deliver().await?;
    let table = Table { writes: 7.0, reads: TICK_READS / TEN as f64, requests: None };
    world.settle("after an hour", TEN, table, &mut report).await?;

    world.submit(r#"{"target":{"handler":"fatal"}}"#, TEN).await?;
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE + 1.0, reads: 0.0, requests: Some(1.3) };
    world.settle("ends as failed", TEN, table, &mut report).await?;

    world.submit(&retried(10), TEN).await?;
    world.deliver().await?;
    world.pass(10);
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE + 2.0, reads: 0.0, requests: None };
    world.settle("one retry, after 10 seconds", TEN, table, &mut report).await?;

    world.submit(&retried(3_600), TEN).await?;
    world.deliver().await?;
    world.pass(3_400);
    world.tick().await;
    world.pass(200);
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE + 5.0, reads: TICK_READS / TEN as f64, requests: None };
    world.settle("one retry, after an hour", TEN, table, &mut report).await?;

    world.submit(NO_OP, TEN).await?;
    world.deliver_without_deleting().await?;
    world.pass(900);
    world.deliver().await?;
    let table = Table { writes: IMMEDIATE + 1.0, reads: 0.0, requests: Some(1.3 + 0.3) };
    world.settle("delivered once more after its end", TEN, table, &mut report).await?;

    world.long(1).await?;
    let table = Table { writes: IMMEDIATE + 31.0, reads: 0.0, requests: None };
    world.settle("15 minutes with a beat every 30 seconds", 1, table, &mut report).await?;

    world.tick().await;
    let table = Table { writes: 0.0, reads: TICK_READS, requests: Some(1.0) };
    world.settle("a tick with nothing to do", 1, table, &mut report).await?;

    world.api.get("/v1/tasks?queue=default").await?;
    let table = Table { writes: 0.0, reads: LIST_READS, requests: Some(0.0) };
    world.settle("a page of 50 tasks of a queue", 1, table, &mut report).await?;

    world.api.get("/v1/dead?queue=default&limit=10").await?;
    let table = Table { writes: 0.0, reads: DEAD_READS, requests: Some(0.0) };
    world.settle("a page of 10 failed tasks of a queue", 1, table, &mut report).await?;

    world.stack.stop().await;
    Ok(report)
}

fn retried(after_seconds: u32) -> String {
    let retry = json!({"min_backoff_seconds": after_seconds, "max_backoff_seconds": after_seconds});
    json!({"target": {"handler": "fail_once"}, "retry": retry}).to_string()
}

struct World {
    clock: ManualClock,
    stack: Stack,
    meter: Meter,
    api: Api,
    lanes: MappedLanes,
    executor: Executor,
    scheduler: Scheduler,
    /// A permit for each attempt that has begun to take long.
    begun: Arc<Semaphore>,
}

/// A quarter of an hour, and no beat at its very end.
const LONG: Duration = Duration::from_secs(899);

/// From one beat to the next, in seconds.
const BEAT: u64 = 30;

/// How long a mapping's queue hides what it hands out.
const VISIBILITY: Duration = Duration::from_secs(900);

impl World {
    async fn start() -> anyhow::Result<Self> {
        let clock = ManualClock::starting_at(SystemClock.now());
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let stack = Stack::start(Setup { clock: Arc::clone(&shared), ..Setup::default() }).await?;
        let meter = Meter::default();
        let place = Place::of(&stack);
        let (store, lanes) = place.adapters(Some(&meter)).await;
        let (_, sqs) = place.clients(Some(&meter)).await;

        let limits = Limits { longest_timeout_seconds: 43_200, ..Limits::default() };
        let services = Services::new(store, lanes.clone()).with_clock(shared);
        let submit = Submit::new(services.clone(), limits);
        let begun = Arc::new(Semaphore::new(0));
        let handlers = handlers(clock.clone(), Arc::clone(&begun));
        let targets = Targets::new(handlers, Http::new(Allowed::default(), Secrets::default())?)?;
        let world = World {
            clock,
            stack,
            meter,
            api: Api::new(submit),
            executor: Executor::new(services.clone(), targets),
            scheduler: Scheduler::new(services),
            lanes: MappedLanes::new(lanes, sqs),
            begun,
        };
        // A stack's very first tick notes when the audit is to begin.
        world.tick().await;
        world.meter.take();
        Ok(world)
    }

    async fn submit(&self, task: &str, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.api.submit(task).await?;
        }
        Ok(())
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn tick(&self) {
        self.scheduler.tick(Duration::from_secs(50)).await;
    }

    /// One round of the event source mapping.
    async fn deliver(&self) -> anyhow::Result<()> {
        let batch = self.deliver_without_deleting().await?;
        let receipts: Vec<&Receipt> = batch.iter().map(|message| &message.receipt).collect();
        self.lanes.delete(LANE, &receipts).await?;
        Ok(())
    }

    /// Gives what the mapping would delete.
    async fn deliver_without_deleting(&self) -> anyhow::Result<Vec<Arrived>> {
        let mut batch = self.lanes.lanes.receive(LANE, TEN, VISIBILITY, Duration::ZERO).await?;
        anyhow::ensure!(!batch.is_empty(), "nothing was delivered");
        let queue = self.lanes.lanes.url(LANE).and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let records: Vec<_> = batch.iter().map(|message| record(message, queue)).collect();
        let event: batch::Event = serde_json::from_str(&json!({"Records": records}).to_string())?;
        let deadline = self.clock.now().after(Duration::from_secs(43_200)).as_millis();
        let answer = batch::run(&self.executor, event, deadline).await;
        batch.retain(|message| {
            answer.batch_item_failures.iter().all(|failed| failed.item_identifier != message.message_id)
        });
        Ok(batch)
    }

    /// Runs a task for a quarter of an hour, a beat at a time.
    async fn long(&self, count: u32) -> anyhow::Result<()> {
        self.submit(r#"{"target":{"handler":"long"},"timeout_seconds":1000}"#, count as usize).await?;
        let pass = async {
            self.begun.acquire_many(count).await?.forget();
            let visibilities = || self.meter.so_far().calls("AmazonSQS.ChangeMessageVisibilityBatch");
            until(|| visibilities() == 1).await;
            for beat in 1..=LONG.as_secs() / BEAT {
                self.pass(BEAT);
                // The batch's own, and one a beat.
                until(|| visibilities() == 1 + beat).await;
            }
            self.pass(LONG.as_secs() % BEAT);
            anyhow::Ok(())
        };
        let (passed, delivered) = futures::join!(pass, self.deliver());
        passed.and(delivered)
    }

    /// Says what a path has cost, once every task has ended.
    async fn settle(&self, path: &str, tasks: usize, table: Table, report: &mut Report) -> anyhow::Result<()> {
        let open = self.stack.store().open_tasks(None).await?.items.len();
        anyhow::ensure!(open == 0, "{path}: {open} tasks have not ended");
        let bill = self.meter.take();
        let each = |units: f64| units / tasks as f64;
        report.limited(format!("{path}: writes"), each(bill.writes), "units", table.writes);
        if bill.index_writes > 0.0 {
            report.found(format!("{path}:   of these to indexes"), each(bill.index_writes), "units");
        }
        if bill.refused > 0.0 {
            report.found(format!("{path}:   of these refused"), each(bill.refused), "units");
        }
        report.limited(format!("{path}: reads"), each(bill.reads), "units", table.reads);
        let requests = each(bill.sqs_requests() as f64);
        match table.requests {
            Some(most) => report.limited(format!("{path}: SQS"), requests, "requests", most),
            None => report.found(format!("{path}: SQS"), requests, "requests"),
        }
        Ok(())
    }
}

const LANE: Source = Source::Lane(Priority::Normal);

fn handlers(clock: ManualClock, begun: Arc<Semaphore>) -> Handlers {
    Handlers::new()
        .on("echo", |_: Task<()>, _: Context| std::future::ready(Ok(())))
        .on("fatal", |_: Task<()>, _: Context| std::future::ready(Err::<(), _>(Failure::fatal("told to"))))
        .on("fail_once", |_: Task<()>, cx: Context| {
            let first = cx.attempt() == 1;
            std::future::ready(if first { Err(Failure::retry("told to")) } else { Ok(()) })
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

/// A message as the mapping hands it to a function.
fn record(message: &Arrived, queue: &str) -> serde_json::Value {
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt.0,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": message.sent.as_millis().to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
        "awsRegion": "us-east-1",
    })
}

/// Waits in real time for what another task of this process is about to do.
async fn until(is: impl Fn() -> bool) {
    while !is() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
