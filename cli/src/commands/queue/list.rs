//! `taskway queue list`.

use clap::{Args, value_parser};

use crate::{
    client::Client,
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

/// Queues of one page at most.
const PAGE: u32 = 100;

impl List {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let (mut left, mut cursor) = (self.limit, None);
        let mut widths = [0; Queue::COLUMNS.len()];
        let mut heading = output.heading(Queue::COLUMNS);
        loop {
            let mut query = vec![("limit".to_owned(), left.unwrap_or(PAGE).min(PAGE).to_string())];
            query.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
            let answer = client.queues(&query).await?;
            let page = page(&answer)?;
            if output.json() {
                output.raw_line(&answer.body)?;
            } else if !page.queues.is_empty() {
                let rows = heading.take().into_iter().chain(page.queues.iter().map(row));
                output.columns(&mut widths, &rows.collect::<Vec<_>>())?;
            }
            left = left.map(|left| left.saturating_sub(page.queues.len() as u32));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(());
            }
            if left == Some(0) {
                if !output.json() {
                    output.note("there may be more: without --limit all are listed");
                }
                return Ok(());
            }
        }
    }
}
