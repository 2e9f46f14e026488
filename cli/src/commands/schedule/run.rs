//! `taskway schedule run`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::{
    client::Client,
    complete,
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
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    name: ScheduleName,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule run nightly
  taskway watch $(taskway schedule run nightly --output ids)";

impl Run {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let answer = client.run_schedule(&self.name).await?;
        let task = answer.task()?;
        if output.json() {
            output.raw(&answer.body)?;
        } else {
            let id = plain(&task.0.id);
            output.about(&id, &format!("{id} {}", output.state(&task.0.state)))?;
        }
        Ok(())
    }
}
