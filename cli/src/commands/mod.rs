//! The commands, one a file.

mod cancel;
mod completions;
mod dev;
mod get;
mod retry;
mod run;
mod schedule;
mod submit;
mod watch;
mod worker;

use clap::Subcommand;

use crate::{
    args::Global,
    client::{Action, Client},
    failure::Failure,
    output::Output,
    task_id::TaskId,
};

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Dev(dev::Dev),
    Worker(worker::Worker),
    Submit(Box<submit::Submit>),
    Get(get::Get),
    Watch(watch::Watch),
    Cancel(cancel::Cancel),
    Run(run::Run),
    Retry(retry::Retry),
    Schedule(schedule::Schedule),
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
            Self::Watch(watch) => watch.run(&client()?, output).await,
            Self::Cancel(cancel) => cancel.run(&client()?, output).await,
            Self::Run(run) => run.run(&client()?, output).await,
            Self::Retry(retry) => retry.run(&client()?, output).await,
            Self::Schedule(schedule) => schedule.run(&client()?, output).await,
            Self::Completions(completions) => completions.run(output),
        }
    }
}

/// Acts on a task and prints what became of it: the id and the state, or the API's answer.
async fn act(id: &TaskId, action: Action, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.act(id, action).await?;
    let task = answer.task()?;
    if output.json() {
        output.raw(&answer.body)?;
    } else {
        output.line(&format!("{id} {}", output.state(&task)))?;
    }
    Ok(())
}
