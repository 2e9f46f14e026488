//! `taskway retry`.

use clap::Args;

use super::change;
use crate::{
    client::{Action, Client},
    failure::Failure,
    output::Output,
    task_id::TaskId,
};

/// Start an ended task again
///
/// Its attempts are counted from 0, and a deadline that has passed is dropped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Retry {
    /// The task's id
    id: TaskId,
}

const EXAMPLES: &str = "\
Examples:
  taskway retry tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway retry tZg2DDmNS0dhVZx_yerXKHAGiA08lDg && taskway watch tZg2DDmNS0dhVZx_yerXKHAGiA08lDg";

impl Retry {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        change::act(&self.id, Action::Retry, client, output).await
    }
}
