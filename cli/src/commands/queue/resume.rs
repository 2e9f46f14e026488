//! `taskway queue resume`, and what it shares with `queue pause`.

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::{
    client::{Answer, Client},
    complete,
    failure::Failure,
    output::Output,
    queue::Queue,
    queue_name::QueueName,
};

/// Let a paused queue go on
///
/// What it has held is sent in order: first what was due first, in a higher lane, or is expected to take less time. It
/// starts some six seconds later. Of a long list the first 500 or so are sent at once, and the others minute by minute.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Resume {
    /// The queue's name
    #[arg(add = ArgValueCandidates::new(complete::queues))]
    name: QueueName,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue resume emails
  taskway queue resume emails --json | jq .held";

impl Resume {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        steer(&self.name, false, client, output).await
    }
}

/// Pauses a queue or lets it go on, and prints what it is then.
pub(super) async fn steer(name: &QueueName, paused: bool, client: &Client, output: &Output) -> Result<(), Failure> {
    print(&client.steer(name, paused).await?, output)
}

/// Prints what a queue is, in a line.
pub(super) fn print(answer: &Answer, output: &Output) -> Result<(), Failure> {
    let queue = Queue::of(answer)?;
    if output.json() {
        output.raw(&answer.body)?;
    } else {
        output.about(&queue.name(), &queue.line())?;
    }
    Ok(())
}
