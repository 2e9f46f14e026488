//! `taskway queue set`.

use std::{num::NonZeroU32, str::FromStr};

use clap::Args;
use taskway_api::QueueRequest;

use super::resume::print;
use crate::{client::Client, failure::Failure, output::Output, queue_name::QueueName};

/// Limit how much of a queue runs at once
///
/// The limit counts the attempts of all executors together. What is over waits in order, and nothing is lost. A change takes
/// effect within five seconds, and what runs then goes on to its end.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Set {
    /// The queue's name
    name: QueueName,

    /// How many attempts run at once: 1 to 1000, or `none`
    #[arg(long, value_name = "N")]
    concurrency: Limit,
}

const EXAMPLES: &str = "\
Examples:
  taskway queue set emails --concurrency 5
  taskway queue set emails --concurrency none";

/// A limit, or none.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<NonZeroU32>);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Limit(None)),
            // The API knows the greatest.
            number => number.parse().map(|limit| Limit(Some(limit))).map_err(|_| "must be a number from 1, or `none`"),
        }
    }
}

impl Set {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let request = QueueRequest { concurrency: Some(self.concurrency.0), ..QueueRequest::default() };
        print(&client.set_queue(&self.name, &request).await?, output)
    }
}
