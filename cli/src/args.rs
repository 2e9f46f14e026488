//! The command line as a whole: the options that every command takes, and the commands.

use clap::{Args, Parser};

use crate::commands::Command;

/// A serverless task queue: run the stack here, submit tasks, follow them.
#[derive(Debug, Parser)]
#[command(name = "taskway", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    // A plain string: `dev`, `worker` and `completions` must not stop at a URL that they never use.
    /// Where the API answers
    #[arg(long, global = true, env = "TASKWAY_URL", default_value = DEFAULT_URL, hide_env_values = true)]
    pub(crate) url: String,

    /// Print the API's own JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Where `taskway dev` serves the API unless told otherwise.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

const EXAMPLES: &str = "\
Exit codes: 0 done, 1 refused or failed, 2 wrong usage

Examples:
  taskway dev
  taskway submit echo '{\"user\": 42}' --watch";
