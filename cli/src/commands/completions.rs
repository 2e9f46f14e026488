//! `taskway completions`.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::{failure::Failure, output::Output};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell to complete in
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  source <(taskway completions bash)
  taskway completions fish > ~/.config/fish/completions/taskway.fish";

impl Completions {
    pub(crate) fn run(self, mut cli: Command, output: &Output) -> Result<(), Failure> {
        // Into memory first: clap_complete panics where a pipe breaks.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut cli, "taskway", &mut script);
        Ok(output.raw(&String::from_utf8_lossy(&script))?)
    }
}
