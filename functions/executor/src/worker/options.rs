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
    /// How long running tasks may go on after the worker is told to stop. Then it gives them back.
    pub drain: Duration,
}

/// The drain of a worker that is not told another.
const DRAIN: Duration = Duration::from_secs(30);

/// The variable with another one.
const DRAIN_VARIABLE: &str = "TASKWAY_DRAIN_SECONDS";

/// The longest drain: as long as the longest attempt.
const LONGEST_DRAIN_SECONDS: u64 = 43_200;

/// Reads a number of seconds for [`WorkerOptions::drain`].
///
/// # Errors
/// The text is not a whole number from 0 to 43,200. The error says so, and does not name the variable or option.
pub fn drain(seconds: &str) -> Result<Duration, String> {
    let read = seconds.parse().ok().filter(|seconds| *seconds <= LONGEST_DRAIN_SECONDS);
    read.map(Duration::from_secs).ok_or_else(|| {
        format!("must be a whole number of seconds from 0 to {LONGEST_DRAIN_SECONDS}, and is {seconds:?}")
    })
}

/// The drain that `TASKWAY_DRAIN_SECONDS` says, or the default.
///
/// # Errors
/// [`Missing`] if the variable holds something else.
pub fn drain_from_env() -> Result<Duration, Missing> {
    let mut env = Env::new();
    let drain = env.parsed(DRAIN_VARIABLE, drain);
    env.finish()?;
    Ok(drain.unwrap_or(DRAIN))
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions { concurrency: 64, lanes: Priority::ALL.to_vec(), drain: DRAIN }
    }
}

impl WorkerOptions {
    /// The defaults, with the lanes that `TASKWAY_LANES` lists, separated by commas, and the drain that
    /// `TASKWAY_DRAIN_SECONDS` says.
    ///
    /// # Errors
    /// [`Missing`] if a variable holds something else.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let lanes = env.parsed("TASKWAY_LANES", |names| {
            let lanes: Option<Vec<Priority>> = names.split(',').map(|name| Priority::parse(name.trim())).collect();
            lanes.ok_or_else(|| format!("must list lanes like high,normal,low, and is {names:?}"))
        });
        let drain = env.parsed(DRAIN_VARIABLE, drain);
        env.finish()?;
        let WorkerOptions { concurrency, lanes: all, drain: default } = Self::default();
        Ok(WorkerOptions { concurrency, lanes: lanes.unwrap_or(all), drain: drain.unwrap_or(default) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_drain_is_a_whole_number_of_seconds_up_to_the_longest_attempt() {
        assert_eq!(drain("0").unwrap(), Duration::ZERO);
        assert_eq!(drain("43200").unwrap(), Duration::from_secs(43_200));
        for wrong in ["", "-1", "1.5", "43201", "30s", " 30", "18446744073709551616"] {
            let error = drain(wrong).unwrap_err();
            assert!(error.contains("from 0 to 43200") && error.contains(&format!("{wrong:?}")), "{error}");
        }
    }
}
