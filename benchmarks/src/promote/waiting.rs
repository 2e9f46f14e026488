//! The cost of a due task, while more and more tasks wait.

use std::time::Duration;

use super::world::{LOOK_AHEAD, WRITES, World};
use taskway_cloud::meter::Bill;

use crate::{
    options::Options,
    page::Page,
    report::{Report, median},
};

/// The read units of an idle tick: half a unit for the shard, and half a unit for the due schedules.
const IDLE_READS: f64 = 1.0;

/// The cost with the most waiting tasks, divided by the cost with the fewest.
const FLAT: f64 = 1.1;

/// The measurements with one number of waiting tasks: the units of a due task, the processor times of scheduler and
/// endpoints for it, and the read units of an idle tick.
type Found = (Bill, f64, f64, f64);

/// A row of the table: its name, and its cell for the measurements.
type Cell = (&'static str, fn(&Found) -> String);

/// Measures ticks with equally many due tasks and more and more waiting tasks. Then promotes all tasks, minute by minute.
pub(super) async fn run(options: &Options, tasks: usize, report: &mut Report, page: &mut Page) -> anyhow::Result<()> {
    let world = World::start(options, 1).await?;
    let (due, rounds) = if options.quick { (200, 1) } else { (2_000, options.rounds.max(1) + 2) };
    let levels: Vec<usize> = match options.quick {
        true => vec![tasks / 4, tasks],
        false => [10_000, 100_000, 1_000_000].into_iter().filter(|level| *level <= tasks).collect(),
    };
    // So far ahead that the ticks before do not see these tasks.
    let hour = world.now().after(Duration::from_secs(7_200));
    let (mut there, mut found) = (0, Vec::new());
    for level in levels {
        report.progress(format!("{level} tasks wait; {rounds} ticks with {due} due tasks each"));
        let more = level - there;
        world.put(more, |number| hour.after(Duration::from_millis(3_600_000 * number as u64 / more as u64))).await?;
        there = level;
        report.progress("the waiting tasks are written");
        let (mut cpu, mut engine, mut bill) = (Vec::new(), Vec::new(), Bill::default());
        for _ in 0..rounds {
            let soon = world.now().after(Duration::from_secs(60));
            world.put(due, |number| soon.after(Duration::from_millis(number as u64 % 1000))).await?;
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
