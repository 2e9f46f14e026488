//! How a worker works.

use std::time::Duration;

use taskway_protocol::Priority;
use taskway_runtime::env::{Env, Missing};

/// How a worker works.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// How many tasks run at once, of all lanes together. At least 1.
    pub concurrency: usize,
    /// The lanes to poll.
    pub lanes: Vec<Priority>,
    /// How long running tasks may go on after the worker is told to stop.
    pub drain: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions { concurrency: 64, lanes: Priority::ALL.to_vec(), drain: Duration::from_secs(30) }
    }
}

impl WorkerOptions {
    /// The defaults, with the lanes that `TASKWAY_LANES` lists, separated by commas.
    ///
    /// # Errors
    /// [`Missing`] if the variable lists something else.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let lanes = env.parsed("TASKWAY_LANES", |names| {
            let lanes: Option<Vec<Priority>> = names.split(',').map(|name| Priority::parse(name.trim())).collect();
            lanes.ok_or_else(|| format!("must list lanes like high,normal,low, and is {names:?}"))
        });
        env.finish()?;
        Ok(lanes.map_or_else(Self::default, |lanes| WorkerOptions { lanes, ..Self::default() }))
    }
}
