//! `taskway worker`.

use std::{num::NonZeroUsize, time::Duration};

use clap::Args;
use taskway_executor::worker::{WorkerOptions, drain, drain_from_env};

use crate::{failure::Failure, lane::Lane};

/// Run the executor as a long-running process
///
/// Takes tasks from the queues that the environment names (TASKWAY_TABLE, TASKWAY_QUEUE_HIGH and so on), prints
/// `ready`, and runs the shipped handlers: echo, sleep, fail, hash.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Worker {
    /// Tasks that run at the same time
    #[arg(long, value_name = "N", default_value = "64")]
    concurrency: NonZeroUsize,

    /// Lanes to take tasks from, separated by commas
    #[arg(long, value_name = "LANES", value_delimiter = ',', default_value = "high,normal,low")]
    lanes: Vec<Lane>,

    /// How long running tasks may go on after SIGTERM or Ctrl-C, 0 to 43200; then they are given back to the queue
    /// [default: the variable TASKWAY_DRAIN_SECONDS, or 30]
    #[arg(long, value_name = "SECONDS", value_parser = drain, allow_negative_numbers = true)]
    drain: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  taskway worker
  taskway worker --lanes high --concurrency 8
  taskway worker --drain 100";

impl Worker {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let handlers = taskway_executor::handlers::shipped();
        taskway_executor::worker::run_from_env(handlers, self.options()?).await.map_err(Failure::Other)
    }

    fn options(self) -> Result<WorkerOptions, Failure> {
        let drain = match self.drain {
            Some(drain) => drain,
            None => drain_from_env().map_err(|error| Failure::Other(error.into()))?,
        };
        let lanes = self.lanes.into_iter().map(Lane::priority).collect();
        Ok(WorkerOptions { concurrency: self.concurrency.get(), lanes, drain })
    }
}
