//! `taskway worker`.

use std::num::NonZeroUsize;

use clap::Args;
use taskway_executor::worker::WorkerOptions;

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
}

const EXAMPLES: &str = "\
Examples:
  taskway worker
  taskway worker --lanes high --concurrency 8";

impl Worker {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let handlers = taskway_executor::handlers::shipped();
        taskway_executor::worker::run_from_env(handlers, self.into()).await.map_err(Failure::Other)
    }
}

impl From<Worker> for WorkerOptions {
    fn from(worker: Worker) -> Self {
        Self {
            concurrency: worker.concurrency.get(),
            lanes: worker.lanes.into_iter().map(Lane::priority).collect(),
            ..Self::default()
        }
    }
}
