//! The client, in a process of its own. It runs the submit function's whole path, from a request's bytes to its answer,
//! without a server around it.

use std::time::Instant;

use clap::{Args, ValueEnum};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use taskway_submit::Config;

use crate::{
    api::{Api, NO_OP},
    process::Usage,
};

/// Submit no-op tasks to the endpoints in the environment, and print time and processor time.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Submit {
    /// The kind of request
    pub(crate) by: By,
    /// The number of tasks
    pub(crate) tasks: usize,
}

/// The kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// One task in each request.
    Single,
    /// A hundred tasks in each request.
    Batch,
}

/// The cost of submitting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Submitted {
    pub(crate) cpu_ms: f64,
    pub(crate) seconds: f64,
}

/// The number of requests in parallel.
const OPEN: usize = 32;

/// The number of tasks in a batch.
const BATCH: usize = 100;

/// The hidden subcommand `submit`.
pub(crate) async fn run(submit: Submit) -> anyhow::Result<()> {
    let api = Api::new(Config::from_env()?.submit().await?);
    println!("{}", serde_json::to_string(&all(&api, submit).await?)?);
    Ok(())
}

/// Submits the tasks in this process.
pub(crate) async fn all(api: &Api, submit: Submit) -> anyhow::Result<Submitted> {
    let (before, began) = (Usage::own()?, Instant::now());
    match submit.by {
        By::Single => {
            let requests = stream::iter(0..submit.tasks).map(|_| {
                let api = api.clone();
                // Each request has a task of the runtime, as in a server.
                async move { tokio::spawn(async move { api.submit(NO_OP).await }).await? }
            });
            requests.buffer_unordered(OPEN).try_collect::<()>().await?;
        }
        By::Batch => {
            for first in (0..submit.tasks).step_by(BATCH) {
                api.submit_batch(NO_OP, BATCH.min(submit.tasks - first)).await?;
            }
        }
    }
    Ok(Submitted { cpu_ms: Usage::own()?.cpu_ms - before.cpu_ms, seconds: began.elapsed().as_secs_f64() })
}

impl By {
    /// The name on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            By::Single => "single",
            By::Batch => "batch",
        }
    }
}
