//! The speed of a tick, compared with its SDK calls alone.

use std::time::Instant;

use super::world::{HERD_SHARDS, LOOK_AHEAD, World};
use crate::{
    bare::tick::BareTick,
    options::Options,
    process::Usage,
    report::{Report, median},
};

/// A tick's time, divided by the time of its calls. The tick must be at least 0.85 times as fast.
const OF_BARE: f64 = 1.0 / 0.85;

/// Runs a tick and its calls alone alternately, with equally many tasks.
pub(super) async fn run(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let world = World::start(options, HERD_SHARDS).await?;
    let bare = BareTick::at(&world.endpoints.place).await;
    let (tasks, rounds) = if options.quick { (500, 1) } else { (5_000, options.rounds.max(1) + 2) };
    let (mut ticks, mut bares, mut own) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    for round in 1..=rounds {
        let until = world.now().after(LOOK_AHEAD);
        world.put(tasks, |_| until).await?;
        let took = world.tick().await?;
        anyhow::ensure!(took.ticked.promoted == tasks, "{} of {tasks} promoted", took.ticked.promoted);
        world.put(tasks, |_| until).await?;
        let (before, began) = (Usage::own()?, Instant::now());
        let done = bare.run(HERD_SHARDS, world.now(), until).await?;
        let (seconds, cpu_ms) = (began.elapsed().as_secs_f64(), Usage::own()?.cpu_ms - before.cpu_ms);
        anyhow::ensure!(done == tasks, "{done} of {tasks} promoted by the SDK calls alone");
        report.progress(format!(
            "round {round} of {rounds}: {:.0} tasks/s, SDK calls alone {:.0} tasks/s",
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
    report.found("SDK calls alone, tasks a second", tasks as f64 / bare, "");
    report.found("speed of the tick / SDK calls", bare / tick, "×");
    report.aimed("time of the tick / SDK calls", tick / bare, "×", OF_BARE);
    report.found("a tick, processor time a task", median(own.0.iter().copied()), "ms");
    report.found("SDK calls alone, processor time a task", median(own.1.iter().copied()), "ms");
    Ok(())
}
