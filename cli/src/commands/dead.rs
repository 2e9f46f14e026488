//! `taskway dead`: the tasks that failed for good.

use clap::{ArgGroup, Args, Subcommand};
use taskway_api::{BulkRequest, MOST_TASKS};

use super::{
    change::{change_all, tell},
    list,
};
use crate::{
    client::{BulkAction, Client, Listing},
    failure::Failure,
    filters::Filters,
    output::Output,
    selection::selection,
    task_id::TaskId,
};

/// List failed tasks, or start them again
#[derive(Debug, Args)]
pub(crate) struct Dead {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(List),
    Redrive(Redrive),
}

/// List the tasks that failed, the latest failure first
///
/// Prints a line for each task; with --json, each of the API's pages on a line.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
struct List {
    #[command(flatten)]
    filters: Filters,

    #[command(flatten)]
    extent: list::Extent,
}

const LIST_EXAMPLES: &str = "\
Examples:
  taskway dead list --queue emails
  taskway dead list --all --json | jq -r '.tasks[] | [.id, .error.message] | @tsv'";

/// Start failed tasks again
///
/// Their attempts are counted from 0. Of tasks that are named, exits 1 unless all were started; with --json, each of the
/// API's answers on a line.
#[derive(Debug, Args)]
#[command(after_help = REDRIVE_EXAMPLES)]
#[command(group = ArgGroup::new("which").args(["ids", "queue", "labels", "all"]).required(true).multiple(true))]
struct Redrive {
    /// The tasks' ids
    #[arg(value_name = "ID", conflicts_with_all = ["queue", "labels", "all"])]
    ids: Vec<TaskId>,

    #[command(flatten)]
    filters: Filters,

    /// All that failed
    #[arg(long, conflicts_with_all = ["queue", "labels"])]
    all: bool,
}

const REDRIVE_EXAMPLES: &str = "\
Examples:
  taskway dead redrive tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway dead redrive --queue emails --label team=growth";

impl Dead {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        match self.command {
            Command::List(of) => list::print(Listing::Dead, &of.filters.filter()?, of.extent, client, output).await,
            Command::Redrive(redrive) => redrive.run(client, output).await,
        }
    }
}

impl Redrive {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        if self.ids.is_empty() {
            let selection = selection(self.filters, self.all)?;
            let tally = change_all(BulkAction::Redrive, selection, client, output).await?;
            return tell("redriven", &tally, output);
        }
        let mut ids: Vec<String> = self.ids.iter().map(TaskId::to_string).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut done = 0;
        for some in ids.chunks(MOST_TASKS as usize) {
            let selection =
                BulkRequest { ids: some.iter().map(|id| id.as_str().into()).collect(), ..BulkRequest::default() };
            done += change_all(BulkAction::Redrive, selection, client, output).await?.done;
        }
        let named = ids.len();
        if !output.json() && !output.ids() {
            let rest = if done < named { "; the others are no failed tasks" } else { "" };
            let tasks = if named == 1 { "task" } else { "tasks" };
            output.line(&format!("redriven {done} of {named} {tasks}{rest}"))?;
        }
        if done < named { Err(Failure::Undone) } else { Ok(()) }
    }
}
