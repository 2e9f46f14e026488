//! `taskway schedule resume`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::pause;
use crate::{client::Client, complete, failure::Failure, output::Output, schedule_name::ScheduleName};

/// Let a paused schedule fire again
///
/// From now on: what it would have fired meanwhile is not made up for, and an interval without a start counts anew. It
/// is read and put back: a change that somebody else makes at the same moment is lost.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Resume {
    /// The schedule's name
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    name: ScheduleName,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule resume nightly
  taskway schedule resume nightly --json | jq -r '.next_runs[0]'";

impl Resume {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        pause::put_back(&self.name, false, client, output).await
    }
}
