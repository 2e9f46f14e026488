//! `taskway schedule list`.

use clap::{Args, value_parser};

use crate::{
    client::Client,
    commands::pages,
    failure::Failure,
    output::Output,
    schedule::{Page, Schedule},
};

/// List the schedules
///
/// Prints a line for each; with --json, each of the API's pages on a line.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// As many schedules at most [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule list
  taskway schedule list --json | jq -r '.schedules[] | select(.paused) | .name'";

impl List {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        pages::print(
            self.limit,
            Schedule::COLUMNS,
            output,
            async |limit, cursor| client.schedules(limit, cursor).await,
            |answer| {
                Page::of(answer).map(|page| (page.schedules.iter().map(Schedule::row).collect(), page.next_cursor))
            },
        )
        .await
    }
}
