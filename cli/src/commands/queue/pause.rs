//! `taskway queue pause`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::resume::steer;
use crate::{client::Client, complete, failure::Failure, output::Output, queue_name::QueueName};

/// Let no task of a queue start
///
/// Five seconds after the answer no task of it starts anywhere. What runs ends as usual. New tasks are accepted and wait, and
/// nothing is lost.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Pause {
    /// The queue's name
    #[arg(add = ArgValueCandidates::new(complete::queues))]
    name: QueueName,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue pause emails
  taskway queue pause emails && taskway queue get emails";

impl Pause {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        steer(&self.name, true, client, output).await
    }
}
