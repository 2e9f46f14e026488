//! The cost and speed of promotion, which sends the messages of due tasks. Measures units and processor time for each task,
//! however many other tasks wait, and compares the speed with the SDK calls alone.
//!
//! The scheduler runs in this process, with a clock that the benchmark moves. The endpoints run in a process of their own.

mod against_bare;
mod herd;
mod waiting;
mod world;

use clap::Args;

use crate::{options::Options, page::Page, report::Report};

/// The number of tasks.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Load {
    /// Tasks that wait, spread over an hour. As many tasks, but at most 100,000, are due in one second
    #[arg(long, default_value_t = 100_000)]
    pub(crate) tasks: usize,
}

impl Default for Load {
    fn default() -> Self {
        Load { tasks: 100_000 }
    }
}

pub(crate) async fn run(options: &Options, load: Load) -> anyhow::Result<Report> {
    let mut report = Report::new("promote", options);
    let mut page = Page::new(["", "10⁴ wait", "10⁵ wait", "10⁶ wait"]);
    let tasks = if options.quick { 2_000 } else { load.tasks };
    waiting::run(options, tasks, &mut report, &mut page).await?;
    herd::run(options, tasks.min(100_000), &mut report).await?;
    against_bare::run(options, &mut report).await?;
    report.page("promote", page);
    Ok(report)
}
