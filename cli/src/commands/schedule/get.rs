//! `taskway schedule get`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::{
    client::Client, complete, failure::Failure, output::Output, schedule::Schedule, schedule_name::ScheduleName,
};

/// Show a schedule
///
/// Among the rest: when it fires in plain words, its next five runs in UTC and in its own zone (--json has ten), and where
/// other crons would read its expression differently. The last example makes a file of it that `schedule put --file`
/// takes. Credentials of an HTTP target are masked in it; where the target is changed, or put under another name, they must
/// be given anew.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The schedule's name
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    name: ScheduleName,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule get nightly
  taskway schedule get nightly --json | jq -r '.next_runs[]'
  taskway schedule get nightly --json > nightly.json";

impl Get {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let answer = client.schedule(&self.name).await?;
        let schedule = Schedule::of(&answer)?;
        if output.json() {
            output.raw(&answer.body)?;
        } else {
            output.table(&schedule.rows())?;
        }
        Ok(())
    }
}
