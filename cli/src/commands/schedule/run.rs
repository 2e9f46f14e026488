//! `taskway schedule run`.

use clap::Args;

use crate::{
    client::Client,
    failure::Failure,
    output::{Output, plain},
    schedule_name::ScheduleName,
};

/// Submit a schedule's task now
///
/// Beside its own times, and though it is paused or its last task is open. Prints the task's id and state.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Run {
    /// The schedule's name
    name: ScheduleName,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule run nightly
  taskway watch $(taskway schedule run nightly | cut -d ' ' -f 1)";

impl Run {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let answer = client.run_schedule(&self.name).await?;
        let task = answer.task()?;
        if output.json() {
            output.raw(&answer.body)?;
        } else {
            output.line(&format!("{} {}", plain(&task.0.id), output.state(&task.0.state)))?;
        }
        Ok(())
    }
}
