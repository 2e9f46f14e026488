//! The options that every command takes.

use clap::Args;

use crate::{auth::Sign, client::DEFAULT_URL};

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
