//! The commands, one a file.

mod cancel;
mod change;
mod completions;
mod dead;
mod dev;
mod get;
mod handlers;
mod list;
mod pages;
mod queue;
mod retry;
mod run;
mod schedule;
mod stats;
mod submit;
mod submit_file;
mod ui;
mod watch;
mod worker;

use clap::Subcommand;

use crate::{client::Client, failure::Failure, global::Global, output::Output};

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Dev(dev::Dev),
    Worker(worker::Worker),
    Submit(Box<submit::Submit>),
    Get(get::Get),
    List(list::List),
    Watch(watch::Watch),
    Cancel(cancel::Cancel),
    Run(run::Run),
    Retry(retry::Retry),
    Schedule(schedule::Schedule),
    Queue(queue::Queue),
    Dead(dead::Dead),
    Stats(stats::Show),
    Handlers(handlers::Show),
    Ui(ui::Ui),
    Completions(completions::Completions),
}

impl Command {
    /// Does what was asked.
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        let client = || Client::new(&global.url, global.sign);
        match self {
            Self::Dev(dev) => dev.run().await,
            Self::Worker(worker) => worker.run().await,
            Self::Submit(submit) => submit.run(&client()?, output).await,
            Self::Get(get) => get.run(&client()?, output).await,
            Self::List(list) => list.run(&client()?, output).await,
            Self::Watch(watch) => watch.run(&client()?, output).await,
            Self::Cancel(cancel) => cancel.run(&client()?, output).await,
            Self::Run(run) => run.run(&client()?, output).await,
            Self::Retry(retry) => retry.run(&client()?, output).await,
            Self::Schedule(schedule) => schedule.run(&client()?, output).await,
            Self::Queue(queue) => queue.run(&client()?, output).await,
            Self::Dead(dead) => dead.run(&client()?, output).await,
            Self::Stats(stats) => stats.run(&client()?, output).await,
            Self::Handlers(handlers) => handlers.run(&client()?, output).await,
            Self::Ui(ui) => ui.run(client()?, output).await,
            Self::Completions(completions) => completions.run(output),
        }
    }
}
