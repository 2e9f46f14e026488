//! `taskway stats`.

use clap::Args;

use crate::{client::Client, failure::Failure, output::Output, stats::Stats};

/// Show how much is in the stack
///
/// How many messages each lane and the dead-letter queue have, how many tasks are late, and how many messages cannot be read.
/// The numbers of messages are approximate.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {}

const EXAMPLES: &str = "\
Examples:
  taskway stats
  taskway stats --json | jq .lanes.normal.waiting";

impl Show {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        if output.ids() {
            return Err(Failure::Usage("--output ids: the statistics name nothing; choose table or json".to_owned()));
        }
        let answer = client.stats().await?;
        let stats = Stats::of(&answer)?;
        if output.json() {
            output.raw(&answer.body)?;
        } else {
            output.table(&stats.rows())?;
        }
        Ok(())
    }
}
