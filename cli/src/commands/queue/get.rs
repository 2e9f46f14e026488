//! `taskway queue get`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::{client::Client, complete, failure::Failure, output::Output, queue::Queue, queue_name::QueueName};

/// Show a queue
///
/// Whether it is paused, how many tasks it holds back, and how many of its tasks failed. A queue that nobody has set up
/// has the default settings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The queue's name
    #[arg(add = ArgValueCandidates::new(complete::queues))]
    name: QueueName,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue get emails
  taskway queue get emails --json | jq .held";

impl Get {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let answer = client.queue(&self.name).await?;
        let queue = Queue::of(&answer)?;
        if output.json() {
            output.raw(&answer.body)?;
        } else {
            output.table(&queue.rows())?;
        }
        Ok(())
    }
}
