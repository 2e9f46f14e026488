//! `taskway cancel`.

use clap::Args;

use crate::{
    client::{Action, Client},
    failure::Failure,
    output::Output,
    task_id::TaskId,
};

/// Stop a task
///
/// One that waits never starts; one that runs is told, and its outcome is no longer recorded. Cancelling a cancelled
/// task changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Cancel {
    /// The task's id
    id: TaskId,
}

const EXAMPLES: &str = "\
Examples:
  taskway cancel tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway cancel tZg2DDmNS0dhVZx_yerXKHAGiA08lDg --json";

impl Cancel {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        super::act(&self.id, Action::Cancel, client, output).await
    }
}
