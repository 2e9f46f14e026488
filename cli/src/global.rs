//! The options that every command takes.

use clap::Args;

use crate::{auth::Sign, client::DEFAULT_URL, output::Format};

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

    /// How to print: for people, as the API's own JSON, or only the ids of tasks and the names of queues and schedules
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) output: Format,

    /// The same as --output json
    #[arg(long, global = true, conflicts_with = "output")]
    pub(crate) json: bool,
}

impl Global {
    /// How to print.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }
}
