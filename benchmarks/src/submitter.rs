//! The submitting client, in a process of its own: the submit function's whole path, from a request's bytes to its
//! answer, without the server around it.

use std::time::Instant;

use clap::{Args, ValueEnum};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use taskway_submit::Config;

use crate::{
    api::{Api, NO_OP},
    process::Usage,
};

/// Submit no-op tasks where the environment says, and say what that took.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Submit {
    /// By which request
    pub(crate) by: By,
    /// How many tasks
    pub(crate) tasks: usize,
}

/// Which request tasks are submitted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// One request a task.
    Single,
    /// A hundred tasks a request.
    Batch,
}

/// What submitting took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Submitted {
    pub(crate) cpu_ms: f64,
    pub(crate) seconds: f64,
}

/// Requests that are open at a time.
const OPEN: usize = 32;

/// Tasks of a batch.
const BATCH: usize = 100;

/// The hidden subcommand.
pub(crate) async fn run(submit: Submit) -> anyhow::Result<()> {
    let api = Api::new(Config::from_env()?.submit().await);
    println!("{}", serde_json::to_string(&all(&api, submit).await?)?);
    Ok(())
}

/// Submits, in this process.
pub(crate) async fn all(api: &Api, submit: Submit) -> anyhow::Result<Submitted> {
    let (before, began) = (Usage::own()?, Instant::now());
    match submit.by {
        By::Single => {
            let requests = stream::iter(0..submit.tasks).map(|_| {
                let api = api.clone();
                // A task of the runtime each, as a server has it.
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
    /// As the command line has it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            By::Single => "single",
            By::Batch => "batch",
        }
    }
}
