//! `taskway schedule`: its commands, one a file.

mod delete;
mod get;
mod list;
mod pause;
mod put;
mod resume;
mod run;

use clap::{Args, Subcommand};

use crate::{client::Client, failure::Failure, output::Output};

/// Submit tasks by the calendar or at intervals
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Schedule {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Put(Box<put::Put>),
    Get(get::Get),
    List(list::List),
    Delete(delete::Delete),
    Run(run::Run),
    Pause(pause::Pause),
    Resume(resume::Resume),
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule put nightly --cron '0 3 * * *' --zone Europe/Berlin report '{\"days\": 1}'
  taskway schedule list";

impl Schedule {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        match self.command {
            Command::Put(put) => put.run(client, output).await,
            Command::Get(get) => get.run(client, output).await,
            Command::List(list) => list.run(client, output).await,
            Command::Delete(delete) => delete.run(client, output).await,
            Command::Run(run) => run.run(client, output).await,
            Command::Pause(pause) => pause.run(client, output).await,
            Command::Resume(resume) => resume.run(client, output).await,
        }
    }
}
