//! Many tasks that are due in the same second.

use std::time::Duration;

use super::world::{HERD_SHARDS, LOOK_AHEAD, WRITES, World};
use crate::{options::Options, report::Report};

/// The tasks of the fullest shard, divided by the mean.
const HOTTEST: f64 = 1.1;

/// Measures one tick over all tasks, and how evenly the shards share them.
pub(super) async fn run(options: &Options, tasks: usize, report: &mut Report) -> anyhow::Result<()> {
    let world = World::start(options, HERD_SHARDS).await?;
    report.progress(format!("{tasks} tasks that are due in one second, over {HERD_SHARDS} shards"));
    let soon = world.now().after(Duration::from_secs(1_200));
    let at = |number: usize| soon.after(Duration::from_millis(number as u64 % 1000));
    world.put(tasks, at).await?;
    world.clock.advance(Duration::from_secs(1_000));
    let mut hottest = 0;
    for shard in 0..HERD_SHARDS {
        let (mut count, mut from) = (0, None);
        loop {
            let page = world.store.agenda(shard, soon.after(LOOK_AHEAD), from).await?;
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
    // A quick run has too few tasks for an even spread.
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
