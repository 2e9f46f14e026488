//! `taskway queue`: its commands, one a file.

mod get;
mod list;
mod pause;
mod purge;
mod resume;
mod set;

use clap::{Args, Subcommand};

use crate::{client::Client, failure::Failure, output::Output};

/// Pause, limit and purge queues, and look at them
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Queue {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Get(get::Get),
    List(list::List),
    Pause(pause::Pause),
    Purge(purge::Purge),
    Resume(resume::Resume),
    Set(set::Set),
}

const EXAMPLES: &str = "\
Examples:
  taskway queue set emails --concurrency 5
  taskway queue pause emails
  taskway queue get emails
  taskway queue resume emails
  taskway queue purge emails";

impl Queue {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        match self.command {
            Command::Get(get) => get.run(client, output).await,
            Command::List(list) => list.run(client, output).await,
            Command::Pause(pause) => pause.run(client, output).await,
            Command::Purge(purge) => purge.run(client, output).await,
            Command::Resume(resume) => resume.run(client, output).await,
            Command::Set(set) => set.run(client, output).await,
        }
    }
}
