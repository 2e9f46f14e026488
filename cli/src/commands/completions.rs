//! `taskway completions`.

use std::env;

use clap::Args;
use clap_complete::{Shell, env::Shells};

use crate::{failure::Failure, output::Output};

/// Print a completion script for a shell
///
/// It completes commands and options, states of tasks, and the names of the queues and schedules that the API has which
/// TASKWAY_URL names.
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
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let shells = Shells::builtins();
        let shell = self.shell.to_string();
        let writer = shells.completer(&shell).ok_or_else(|| Failure::Usage(format!("no script for {shell}")))?;
        // The script runs this very program, wherever the shell finds `taskway`.
        let program = env::current_exe().ok().and_then(|path| path.to_str().map(str::to_owned));
        let program = program.unwrap_or_else(|| "taskway".to_owned());
        let mut script = Vec::new();
        let written = writer.write_registration("COMPLETE", "taskway", "taskway", &program, &mut script);
        written.map_err(|error| Failure::Other(error.into()))?;
        Ok(output.raw(&String::from_utf8_lossy(&script))?)
    }
}
