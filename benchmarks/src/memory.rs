//! Resident memory of the embedded stack, idle and with many tasks, and of an idle worker.

use std::time::Duration;

use crate::{api::batch, dev::Dev, options::Options, process::Process, report::Report};

/// Goals in MB.
const IDLE_GOAL: f64 = 64.0;
const FULL_GOAL: f64 = 400.0;
const WORKER_GOAL: f64 = 40.0;

/// A task that is due in 15 minutes. It has a message, and no worker runs it while this benchmark runs.
const WAITING: &str = r#"{"target":{"handler":"echo"},"delay_seconds":900}"#;

/// The most tasks in a request.
const BATCH: usize = 500;

/// After this time a process has finished its start.
const SETTLED: Duration = Duration::from_secs(2);

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let tasks = if options.quick { 1_000 } else { 100_000 };
    let mut report = Report::new("memory", options);
    let taskway = options.taskway()?;
    let dev = Dev::start(&taskway, &[])?;
    let api = dev.api()?;
    tokio::time::sleep(SETTLED).await;
    report.limited("taskway dev, idle", dev.process.usage()?.memory_mb, "MB", IDLE_GOAL);

    let mut worker = Process::start(&taskway, &["worker"], &dev.settings())?;
    worker.line(|line| (line == "ready").then_some(()))?;
    tokio::time::sleep(SETTLED).await;
    report.limited("taskway worker, idle", worker.usage()?.memory_mb, "MB", WORKER_GOAL);
    drop(worker);

    report.progress(format!("submitting {tasks} tasks"));
    let http = reqwest::Client::builder().no_proxy().build()?;
    let body = batch(WAITING, BATCH);
    for _ in 0..tasks / BATCH {
        let request = http.post(format!("{api}/v1/tasks/batch")).header("content-type", "application/json");
        let answer = request.body(body.clone()).send().await?.error_for_status()?.text().await?;
        let accepted = answer.matches(r#""status":202"#).count();
        anyhow::ensure!(accepted == BATCH, "the API accepted {accepted} of the {BATCH} tasks of a batch");
    }
    tokio::time::sleep(SETTLED).await;
    let used = dev.process.usage()?;
    report.limited(format!("taskway dev, {tasks} tasks queued"), used.memory_mb, "MB", FULL_GOAL);
    report.found("taskway dev, its peak", used.peak_mb, "MB");
    Ok(report)
}
