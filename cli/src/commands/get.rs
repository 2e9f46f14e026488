//! `taskway get`.

use clap::Args;

use crate::{client::Client, failure::Failure, output::Output, task_id::TaskId};

/// Show a task
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The task's id
    id: TaskId,
}

const EXAMPLES: &str = "\
Examples:
  taskway get tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway get tZg2DDmNS0dhVZx_yerXKHAGiA08lDg --json | jq .result";

impl Get {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let answer = client.get(&self.id).await?;
        let task = answer.task()?;
        if output.json() {
            output.raw(&answer.body)?;
        } else {
            output.table(&task.rows(output.state(&task.0.state)))?;
        }
        Ok(())
    }
}
