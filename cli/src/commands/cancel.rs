//! `taskway cancel`.

use clap::{ArgGroup, Args};
use clap_complete::ArgValueCandidates;
use taskway_api::BulkRequest;

use super::change::{self, change_all, tell};
use crate::{
    client::{Action, BulkAction, Client},
    complete,
    failure::Failure,
    filters::Filters,
    output::Output,
    selection::selection,
    task_id::TaskId,
};

/// Stop a task, or all that match
///
/// One that waits never starts; one that runs is told, and its outcome is no longer recorded. Cancelling a cancelled
/// task changes nothing. Of many, those that ended meanwhile are left as they are; with --json, each of the API's answers
/// is on a line.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("which").args(["id", "queue", "labels", "state", "all"]).required(true).multiple(true))]
pub(crate) struct Cancel {
    /// The task's id
    #[arg(conflicts_with_all = ["queue", "labels", "state", "all"])]
    id: Option<TaskId>,

    #[command(flatten)]
    filters: Filters,

    /// Only tasks in this state: scheduled, queued or running
    #[arg(long, value_name = "STATE", add = ArgValueCandidates::new(complete::open_states))]
    state: Option<String>,

    /// All tasks that have not ended
    #[arg(long, conflicts_with_all = ["queue", "labels", "state"])]
    all: bool,
}

const EXAMPLES: &str = "\
Examples:
  taskway cancel tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway cancel tZg2DDmNS0dhVZx_yerXKHAGiA08lDg --json
  taskway cancel --queue emails --state scheduled --label team=growth";

impl Cancel {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        if let Some(id) = &self.id {
            return change::act(id, Action::Cancel, client, output).await;
        }
        let selection = BulkRequest { state: self.state.map(Into::into), ..selection(self.filters, self.all)? };
        let tally = change_all(BulkAction::Cancel, selection, client, output).await?;
        tell("cancelled", &tally, output)
    }
}
