//! `taskway queue list`.

use clap::{Args, value_parser};

use crate::{
    client::Client,
    commands::pages,
    failure::Failure,
    output::Output,
    queue::{Queue, page, row},
};

/// List the queues that have tasks or settings
///
/// Prints a line for each; with --json, each of the API's pages on a line.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// As many queues at most [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue list
  taskway queue list --json | jq -r '.queues[] | select(.paused) | .name'";

impl List {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        pages::print(
            self.limit,
            Queue::COLUMNS,
            output,
            async |limit, cursor| client.queues(limit, cursor).await,
            |answer| page(answer).map(|page| (page.queues.iter().map(row).collect(), page.next_cursor)),
        )
        .await
    }
}
