//! `taskway queue purge`.

use std::io::{self, IsTerminal};

use clap::Args;
use clap_complete::ArgValueCandidates;
use taskway_api::BulkRequest;

use crate::{
    client::{BulkAction, Client},
    commands::change::{change_all, tell},
    complete,
    failure::Failure,
    output::Output,
    queue_name::QueueName,
};

/// Cancel everything that waits in a queue
///
/// Tasks that a paused or limited queue holds back are cancelled too. Tasks that run go on, and so do those that start or are
/// submitted meanwhile. At a terminal it asks first; with --json, each of the API's answers is on a line.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Purge {
    /// The queue's name
    #[arg(add = ArgValueCandidates::new(complete::queues))]
    name: QueueName,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue purge emails
  taskway queue pause emails && taskway queue purge emails --yes";

impl Purge {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let is_sure = self.yes || !is_asked() || is_confirmed(self.name.as_str(), output)?;
        if !is_sure {
            output.note("nothing was cancelled");
            return Err(Failure::Undone);
        }
        let tally = change_all(BulkAction::Purge(&self.name), BulkRequest::default(), client, output).await?;
        tell("cancelled", &tally, output)
    }
}

/// A program has nobody to answer.
fn is_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn is_confirmed(queue: &str, output: &Output) -> Result<bool, Failure> {
    output.note(&format!("cancel all tasks that wait in the queue {queue}? [y/N]"));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|error| {
        Failure::Other(anyhow::Error::new(error).context("cannot read the answer; with --yes nothing is asked"))
    })?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(["y\n", "Yes\r\n", " YES "].into_iter().all(is_yes));
        assert!(!["", "\n", "n\n", "yesterday\n", "emails\n"].into_iter().any(is_yes));
    }
}
