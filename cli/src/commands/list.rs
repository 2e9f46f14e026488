//! `taskway list`, and the paging that `dead list` shares with it.

use clap::{Args, value_parser};
use clap_complete::ArgValueCandidates;
use taskway_client::Filter;

use crate::{
    client::{Client, Listing},
    complete,
    failure::Failure,
    filters::Filters,
    output::Output,
    page::Page,
    task::Task,
};

/// List tasks, the newest first
///
/// Prints a line for each task; with --json, each of the API's pages on a line; with --output ids, an id a line.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    filters: Filters,

    /// Only tasks in this state
    #[arg(long, value_name = "STATE", add = ArgValueCandidates::new(complete::states))]
    state: Option<String>,

    #[command(flatten)]
    extent: Extent,
}

/// How much of a list.
#[derive(Debug, Args)]
pub(super) struct Extent {
    /// As many tasks at most
    #[arg(long, value_name = "N", default_value = "50", value_parser = value_parser!(u32).range(1..))]
    limit: u32,

    /// All tasks
    #[arg(long, conflicts_with = "limit")]
    all: bool,

    /// Go on where an earlier list ended
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  taskway list --queue emails --state running
  taskway list --label team=growth --all --output ids";

/// Tasks of one page at most.
const PAGE: u32 = 500;

impl List {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let filter = self.filters.filter()?;
        let filter = self.state.iter().fold(filter, |filter, state| filter.state(state));
        print(Listing::Tasks, &filter, self.extent, client, output).await
    }
}

/// Prints a list, page by page.
pub(super) async fn print(
    listing: Listing,
    filter: &Filter,
    extent: Extent,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let (mut left, mut cursor) = ((!extent.all).then_some(extent.limit), extent.cursor);
    let mut widths = [0; Task::COLUMNS.len()];
    let mut heading = output.heading(Task::COLUMNS);
    loop {
        let limit = left.unwrap_or(PAGE).min(PAGE);
        let answer = client.list(listing, filter, limit, cursor.take()).await?;
        let Page(page) = Page::of(&answer)?;
        if output.json() {
            output.raw_line(&answer.body)?;
        } else if !page.tasks.is_empty() {
            let rows = heading.take().into_iter().chain(page.tasks.iter().map(Task::row));
            output.columns(&mut widths, &rows.collect::<Vec<_>>())?;
        }
        left = left.map(|left| left.saturating_sub(page.tasks.len() as u32));
        cursor = page.next_cursor;
        match &cursor {
            None => return Ok(()),
            Some(next) if left == Some(0) => {
                if !output.json() {
                    output.note(&format!("there may be more: --all, or --cursor {next}"));
                }
                return Ok(());
            }
            Some(_) => {}
        }
    }
}
