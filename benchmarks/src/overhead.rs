//! Processor time of the executor, compared with its SDK calls alone. Both run equal tasks, alternately, each in a process
//! of its own.

use taskway_engine::Services;
use taskway_submit::{Submit, validate::Limits};

use crate::{
    api::Api,
    drain::{By, Drained},
    endpoints::Endpoints,
    options::Options,
    process::Process,
    report::{Report, median},
    submitter,
};

/// The executor's processor time, divided by that of its calls.
const GOAL: f64 = 1.15;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let tasks = if options.quick { 200 } else { 5_000 };
    let rounds = if options.quick { 1 } else { options.rounds.max(1) + 2 };
    let mut report = Report::new("overhead", options);
    let (mut executor, mut bare) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        for (by, found) in [(By::Executor, &mut executor), (By::Bare, &mut bare)] {
            let drained = once(options, by, tasks).await?;
            let per_task = drained.cpu_ms / tasks as f64;
            let rate = tasks as f64 / drained.seconds;
            report.progress(format!(
                "round {round} of {rounds}, {}: {per_task:.3} ms a task at {rate:.0}/s",
                by.as_str()
            ));
            found.push(per_task);
        }
    }
    let (executor, bare) = (median(executor), median(bare));
    report.found("executor, processor time a task", executor, "ms");
    report.found("SDK calls alone, processor time a task", bare, "ms");
    report.limited("executor / SDK calls", executor / bare, "", GOAL);
    Ok(report)
}

async fn once(options: &Options, by: By, tasks: usize) -> anyhow::Result<Drained> {
    let endpoints = Endpoints::open(options).await?;
    let (store, lanes) = endpoints.place.adapters(None).await;
    let api = Api::new(Submit::new(Services::new(store, lanes), Limits::default()));
    submitter::all(&api, submitter::Submit { by: submitter::By::Batch, tasks }).await?;
    Process::start_self(&["drain", by.as_str(), &tasks.to_string()], &endpoints.place.settings())?.json()
}
