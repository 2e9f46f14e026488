//! The command line as a whole.

use clap::Parser;

use crate::{commands::Command, global::Global};

/// A serverless task queue: run the stack here, submit tasks, follow them.
#[derive(Debug, Parser)]
#[command(name = "taskway", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

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
