//! What sending what falls due costs: units and processor time a task, however many wait beside it; and how fast it is,
//! against the SDK calls alone.
//!
//! The scheduler runs in this process, under a clock that is moved by hand. The endpoints are a process of their own.

use std::{sync::Arc, time::Duration, time::Instant};
use taskway_engine::Services;

use clap::Args;
use taskway_cloud::dynamo::{Shards, Store};
use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock, SystemClock};
use taskway_scheduler::{Report as Ticked, Scheduler};

use crate::{
    bare_tick::BareTick,
    crowd::Crowd,
    endpoints::Endpoints,
    meter::{Bill, Meter},
    options::Options,
    page::Page,
    process::Usage,
    report::{Report, median},
};

/// How much is promoted.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Load {
    /// Tasks that wait, spread over an hour, and apart from that as many as are due in one second, at most 100,000
    #[arg(long, default_value_t = 100_000)]
    pub(crate) tasks: usize,
}

impl Default for Load {
    fn default() -> Self {
        Load { tasks: 100_000 }
    }
}

/// What a promoted task may be billed: a write of its record, one of the index that it leaves. A shard with more than a
/// page costs two more a tick.
const WRITES: f64 = 2.01;

/// What an idle tick may read: of a shard, and of which schedules are due.
const IDLE_READS: f64 = 1.0;

/// Cost a due task with a million waiting, of that with ten thousand.
const FLAT: f64 = 1.1;

/// A tick is at least 0.85 times as fast as its calls alone.
const OF_BARE: f64 = 1.0 / 0.85;

/// Shards of a herd.
const HERD_SHARDS: u16 = 16;

/// The largest shard, of the mean.
const HOTTEST: f64 = 1.1;

/// No tick of these is to be ended by its time.
const BUDGET: Duration = Duration::from_secs(3_600);

const LOOK_AHEAD: Duration = Duration::from_secs(300);

pub(crate) async fn run(options: &Options, load: Load) -> anyhow::Result<Report> {
    let mut report = Report::new("promote", options);
    let mut page = Page::new(["", "10⁴ wait", "10⁵ wait", "10⁶ wait"]);
    let tasks = if options.quick { 2_000 } else { load.tasks };
    waiting(options, tasks, &mut report, &mut page).await?;
    herd(options, tasks.min(100_000), &mut report).await?;
    against_bare(options, &mut report).await?;
    report.page("promote", page);
    Ok(report)
}

/// What was found where so many wait: the units of a due task, the scheduler's processor time and the endpoints', and what
/// an idle tick reads.
type Found = (Bill, f64, f64, f64);

/// A row of the table.
type Cell = (&'static str, fn(&Found) -> String);

/// A scheduler at endpoints of its own.
struct World {
    endpoints: Endpoints,
    crowd: Crowd,
    meter: Meter,
    clock: ManualClock,
    scheduler: Scheduler,
}

/// What one tick took.
struct Took {
    ticked: Ticked,
    bill: Bill,
    cpu_ms: f64,
    endpoints_ms: f64,
    seconds: f64,
}

impl World {
    async fn start(options: &Options, agenda: u16) -> anyhow::Result<Self> {
        let endpoints = Endpoints::open(options).await?;
        let (meter, clock) = (Meter::default(), ManualClock::starting_at(SystemClock.now()));
        let shards = Shards { agenda, ..Shards::default() };
        let (store, lanes) = endpoints.place.adapters(Some(&meter)).await;
        let scheduler = Scheduler::new(Services::new(store.sharded(shards), lanes).with_clock(Arc::new(clock.clone())));
        // What is read once a process.
        scheduler.tick(BUDGET).await;
        meter.take();
        let (dynamodb, table) = (endpoints.place.clients(None).await.0, endpoints.place.table.clone());
        let crowd = Crowd { store: Store::new(dynamodb.clone(), &table).sharded(shards), dynamodb, table };
        Ok(World { endpoints, crowd, meter, clock, scheduler })
    }

    async fn tick(&self) -> anyhow::Result<Took> {
        let endpoints = || self.endpoints.process.as_ref().map_or(Ok(0.0), |process| Ok(process.usage()?.cpu_ms));
        let before: anyhow::Result<f64> = endpoints();
        let (before, own, began) = (before?, Usage::own()?, Instant::now());
        let ticked = self.scheduler.tick(BUDGET).await;
        let seconds = began.elapsed().as_secs_f64();
        anyhow::ensure!(ticked.failed == 0, "a tick failed: {ticked:?}");
        Ok(Took {
            ticked,
            bill: self.meter.take(),
            cpu_ms: Usage::own()?.cpu_ms - own.cpu_ms,
            endpoints_ms: endpoints()? - before,
            seconds,
        })
    }

    fn now(&self) -> Time {
        self.clock.now()
    }
}

/// Ticks that find as much due each time, among more and more that wait; then all of it, minute by minute.
async fn waiting(options: &Options, tasks: usize, report: &mut Report, page: &mut Page) -> anyhow::Result<()> {
    let world = World::start(options, 1).await?;
    let (due, rounds) = if options.quick { (200, 1) } else { (2_000, options.rounds.max(1) + 2) };
    let levels: Vec<usize> = match options.quick {
        true => vec![tasks / 4, tasks],
        false => [10_000, 100_000, 1_000_000].into_iter().filter(|level| *level <= tasks).collect(),
    };
    // Far enough ahead that no tick before looks at it.
    let hour = world.now().after(Duration::from_secs(7_200));
    let (mut there, mut found) = (0, Vec::new());
    for level in levels {
        report.progress(format!("{level} tasks wait, {rounds} times {due} more are due"));
        let more = level - there;
        world
            .crowd
            .put(more, world.now(), |number| hour.after(Duration::from_millis(3_600_000 * number as u64 / more as u64)))
            .await?;
        there = level;
        report.progress("they are there");
        let (mut cpu, mut engine, mut bill) = (Vec::new(), Vec::new(), Bill::default());
        for _ in 0..rounds {
            let soon = world.now().after(Duration::from_secs(60));
            world.crowd.put(due, world.now(), |number| soon.after(Duration::from_millis(number as u64 % 1000))).await?;
            let took = world.tick().await?;
            anyhow::ensure!(took.ticked.promoted == due, "{} of {due} promoted", took.ticked.promoted);
            cpu.push(took.cpu_ms / due as f64);
            engine.push(took.endpoints_ms / due as f64);
            bill.writes += took.bill.writes / (due * rounds) as f64;
            bill.reads += took.bill.reads / (due * rounds) as f64;
        }
        report.progress(format!(
            "{:.3} write and {:.3} read units, {:.3} ms, the endpoints' {:.3} ms",
            bill.writes,
            bill.reads,
            median(cpu.iter().copied()),
            median(engine.iter().copied())
        ));
        let idle = world.tick().await?;
        anyhow::ensure!(idle.ticked.promoted == 0, "{:?}", idle.ticked);
        report.limited(format!("{level} wait: write units a due task"), bill.writes, "", WRITES);
        report.found(format!("{level} wait: read units a due task"), bill.reads, "");
        report.found(format!("{level} wait: processor time a due task"), median(cpu.iter().copied()), "ms");
        report.found(format!("{level} wait: the endpoints' a due task"), median(engine.iter().copied()), "ms");
        report.limited(format!("{level} wait: an idle tick reads"), idle.bill.reads, "units", IDLE_READS);
        report.limited(format!("{level} wait: an idle tick writes"), idle.bill.writes, "units", 0.0);
        found.push((bill, median(cpu), median(engine), idle.bill.reads));
    }
    if let (Some((few, few_ms, ..)), Some((many, many_ms, ..))) = (found.first(), found.last()) {
        report.limited("write units a due task, most waiting to fewest", many.writes / few.writes, "×", FLAT);
        report.limited("read units a due task, most waiting to fewest", many.reads / few.reads, "×", FLAT);
        report.aimed("processor time a due task, most waiting to fewest", many_ms / few_ms, "×", FLAT);
    }
    let cells: [Cell; 4] = [
        ("write units a due task", |(bill, ..)| format!("{:.3}", bill.writes)),
        ("read units a due task", |(bill, ..)| format!("{:.3}", bill.reads)),
        ("processor time a due task: scheduler · endpoints", |(_, own, engine, _)| {
            format!("{own:.2} · {engine:.2} ms")
        }),
        ("read units of an idle tick", |(.., idle)| format!("{idle:.1}")),
    ];
    for (what, cell) in cells {
        let at = |level: usize| found.get(level).map_or("".to_owned(), cell);
        page.row([what.to_owned(), at(0), at(1), at(2)]);
    }

    report.progress("the hour, minute by minute");
    world.clock.advance(hour.since(world.now()).saturating_sub(LOOK_AHEAD));
    let (mut promoted, mut seconds, mut bill, mut longest) = (0, 0.0, Bill::default(), 0.0_f64);
    for _ in 0..62 {
        let took = world.tick().await?;
        promoted += took.ticked.promoted;
        (bill.writes, bill.reads) = (bill.writes + took.bill.writes, bill.reads + took.bill.reads);
        bill.calls.extend([("sends".to_owned(), bill.calls("sends") + took.bill.calls("AmazonSQS.SendMessageBatch"))]);
        seconds += took.seconds;
        longest = longest.max(took.seconds);
        world.clock.advance(Duration::from_secs(60));
    }
    report.progress(format!("{promoted} in {seconds:.1} s"));
    anyhow::ensure!(promoted == tasks, "{promoted} of {tasks} promoted");
    let each = |count: f64| count / tasks as f64;
    report.limited("over an hour: write units a task", each(bill.writes), "", WRITES);
    report.found("over an hour: read units a task", each(bill.reads), "");
    report.found("over an hour: SendMessageBatch a task", each(bill.calls("sends") as f64), "");
    report.found("over an hour: tasks a second", tasks as f64 / seconds, "");
    report.found("over an hour: the longest tick", longest, "s");
    Ok(())
}

/// All at once.
async fn herd(options: &Options, tasks: usize, report: &mut Report) -> anyhow::Result<()> {
    let world = World::start(options, HERD_SHARDS).await?;
    report.progress(format!("{tasks} tasks that are due in one second, over {HERD_SHARDS} shards"));
    let soon = world.now().after(Duration::from_secs(1_200));
    let at = |number: usize| soon.after(Duration::from_millis(number as u64 % 1000));
    world.crowd.put(tasks, world.now(), at).await?;
    world.clock.advance(Duration::from_secs(1_000));
    let mut hottest = 0;
    for shard in 0..HERD_SHARDS {
        let (mut count, mut from) = (0, None);
        loop {
            let page = world.crowd.store.agenda(shard, soon.after(LOOK_AHEAD), from).await?;
            count += page.items.len();
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        hottest = hottest.max(count);
    }
    let took = world.tick().await?;
    anyhow::ensure!(took.ticked.promoted == tasks, "{} of {tasks} promoted", took.ticked.promoted);
    let each = |count: f64| count / tasks as f64;
    // A quick run has too few for that.
    let spread = hottest as f64 * f64::from(HERD_SHARDS) / tasks as f64;
    report.limited(
        "in one second: the fullest shard, of the mean",
        spread,
        "×",
        if options.quick { 2.0 } else { HOTTEST },
    );
    report.limited(
        "in one second: write units a task",
        each(took.bill.writes),
        "",
        if options.quick { 2.1 } else { WRITES },
    );
    report.found("in one second: read units a task", each(took.bill.reads), "");
    report.found("in one second: tasks a second", tasks as f64 / took.seconds, "");
    report.found("in one second: processor time a task", each(took.cpu_ms), "ms");
    report.found("in one second: the endpoints' a task", each(took.endpoints_ms), "ms");
    Ok(())
}

/// A tick and its calls alone, in turn, each with as much to do.
async fn against_bare(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let world = World::start(options, HERD_SHARDS).await?;
    let bare = BareTick::at(&world.endpoints.place).await;
    let (tasks, rounds) = if options.quick { (500, 1) } else { (5_000, options.rounds.max(1) + 2) };
    let (mut ticks, mut bares, mut own) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    for round in 1..=rounds {
        let until = world.now().after(LOOK_AHEAD);
        world.crowd.put(tasks, world.now(), |_| until).await?;
        let took = world.tick().await?;
        anyhow::ensure!(took.ticked.promoted == tasks, "{} of {tasks} promoted", took.ticked.promoted);
        world.crowd.put(tasks, world.now(), |_| until).await?;
        let (before, began) = (Usage::own()?, Instant::now());
        let done = bare.run(HERD_SHARDS, world.now(), until).await?;
        let (seconds, cpu_ms) = (began.elapsed().as_secs_f64(), Usage::own()?.cpu_ms - before.cpu_ms);
        anyhow::ensure!(done == tasks, "{done} of {tasks} by the calls alone");
        report.progress(format!(
            "round {round} of {rounds}: {:.0} tasks/s, its calls alone {:.0}",
            tasks as f64 / took.seconds,
            tasks as f64 / seconds
        ));
        ticks.push(took.seconds);
        bares.push(seconds);
        own.0.push(took.cpu_ms / tasks as f64);
        own.1.push(cpu_ms / tasks as f64);
    }
    let (tick, bare) = (median(ticks), median(bares));
    report.found("a tick, tasks a second", tasks as f64 / tick, "");
    report.found("its calls alone, tasks a second", tasks as f64 / bare, "");
    report.found("its speed, of that of its calls alone", bare / tick, "×");
    report.aimed("its time, of that of its calls alone", tick / bare, "×", OF_BARE);
    report.found("its processor time a task", median(own.0.iter().copied()), "ms");
    report.found("that of its calls alone", median(own.1.iter().copied()), "ms");
    Ok(())
}
