//! The commands, one a file.

mod cancel;
mod completions;
mod dead;
mod dev;
mod get;
mod list;
mod retry;
mod run;
mod schedule;
mod submit;
mod watch;
mod worker;

use clap::Subcommand;
use taskway_api::{BulkRequest, BulkResult};

use crate::{
    args::Global,
    client::{Action, BulkAction, Client},
    failure::Failure,
    output::Output,
    page::Tally,
    task_id::TaskId,
};

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
    Dead(dead::Dead),
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
            Self::Dead(dead) => dead.run(&client()?, output).await,
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

/// Changes all tasks that a selection means, call by call, and counts them.
async fn change_all(
    action: BulkAction,
    mut selection: BulkRequest,
    client: &Client,
    output: &Output,
) -> Result<BulkResult, Failure> {
    let mut all = BulkResult::default();
    loop {
        let body = serde_json::to_string(&selection).map_err(|error| Failure::Other(error.into()))?;
        let answer = client.change(action, &body).await?;
        let Tally(tally) = Tally::of(&answer)?;
        if output.json() {
            output.raw_line(&answer.body)?;
        }
        all.matched += tally.matched;
        all.done += tally.done;
        match tally.next_cursor {
            Some(cursor) => selection.cursor = Some(cursor.into()),
            None => return Ok(all),
        }
    }
}

/// `cancelled 510 of 512 tasks`.
fn tell(done: &str, tally: &BulkResult, output: &Output) -> Result<(), Failure> {
    if !output.json() {
        let tasks = if tally.matched == 1 { "task" } else { "tasks" };
        let rest = if tally.done < tally.matched { "; the others moved on meanwhile" } else { "" };
        output.line(&format!("{done} {} of {} {tasks}{rest}", tally.done, tally.matched))?;
    }
    Ok(())
}
