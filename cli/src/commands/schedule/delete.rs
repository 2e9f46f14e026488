//! `taskway schedule delete`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::{client::Client, complete, failure::Failure, output::Output, schedule_name::ScheduleName};

/// Delete a schedule
///
/// Its tasks that have not started are cancelled; one that runs goes on. With --json nothing is printed, as the API
/// answers with nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Delete {
    /// The schedule's name
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    name: ScheduleName,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule delete nightly
  taskway schedule delete nightly --url https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";

impl Delete {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        client.delete_schedule(&self.name).await?;
        if !output.json() {
            output.about(self.name.as_str(), &format!("{} deleted", self.name))?;
        }
        Ok(())
    }
}
