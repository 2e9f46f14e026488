//! `taskway handlers`.

use clap::Args;

use crate::{client::Client, failure::Failure, handlers, output::Output};

/// Show which handlers the programs of the stack have
///
/// A line for each handler: whether a program that has it runs, and when one was last and first seen. A program counts as running
/// for two minutes after its executors were last seen, and is forgotten after a week. A function is seen when it has work.
/// With --json, the answer of `taskway stats`, whose `programs` say which handlers go together.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {}

const EXAMPLES: &str = "\
Examples:
  taskway handlers
  taskway handlers --json | jq .programs";

impl Show {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let answer = client.stats().await?;
        let handlers = handlers::of(&answer)?;
        if output.json() {
            output.raw(&answer.body)?;
            return Ok(());
        }
        let rows: Vec<_> =
            output.heading(handlers::COLUMNS).into_iter().chain(handlers.iter().map(handlers::row)).collect();
        if handlers.is_empty() && !output.ids() {
            output.note("no program has announced handlers within the last week");
        } else {
            output.columns(&mut [0; 4], &rows)?;
        }
        Ok(())
    }
}
