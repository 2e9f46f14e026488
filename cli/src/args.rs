//! The command line as a whole: the options that every command takes, and the commands.

use clap::{Args, Parser};

use crate::{auth::Sign, commands::Command};

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

    /// Sign requests by your AWS credentials: auto (where the URL is https), always, or never
    #[arg(
        long,
        global = true,
        env = "TASKWAY_SIGN",
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_value = "auto",
        default_missing_value = "always",
        hide_env_values = true,
        value_parser = Sign::parse
    )]
    pub(crate) sign: Sign,

    /// Print the API's own JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Where `taskway dev` serves the API unless told otherwise.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

const EXAMPLES: &str = "\
Environment:
  TASKWAY_URL    where the API answers
  TASKWAY_TOKEN  the token to send, for an API that takes JWTs; nothing is signed then
  TASKWAY_SIGN   when to sign, as --sign has it: 1 is always, 0 is never
  AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID and so on: what to sign by, as with the AWS CLI
  NO_COLOR       set, it keeps colours away

Exit codes: 0 done, 1 refused or failed, 2 wrong usage

Examples:
  taskway dev
  taskway submit echo '{\"user\": 42}' --watch";
