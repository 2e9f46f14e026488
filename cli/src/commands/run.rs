//! `taskway run`.

use clap::Args;

use super::change;
use crate::{
    client::{Action, Client},
    failure::Failure,
    output::Output,
    task_id::TaskId,
};

/// Start a waiting task now
///
/// Its time or its backoff is skipped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Run {
    /// The task's id
    id: TaskId,
}

const EXAMPLES: &str = "\
Examples:
  taskway run tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway run tZg2DDmNS0dhVZx_yerXKHAGiA08lDg && taskway watch tZg2DDmNS0dhVZx_yerXKHAGiA08lDg";

impl Run {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        change::act(&self.id, Action::Run, client, output).await
    }
}
