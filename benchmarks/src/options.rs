//! The options of all benchmarks.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Run each benchmark for a few seconds only. This shows that it works; the times mean nothing
    #[arg(long, global = true)]
    pub(crate) quick: bool,
    /// DynamoDB to use instead of the embedded one; a missing table is created from the template
    #[arg(long, global = true, requires = "sqs")]
    pub(crate) dynamodb: Option<String>,
    /// SQS to use instead of the embedded one; missing queues are created from the template
    #[arg(long, global = true, requires = "dynamodb")]
    pub(crate) sqs: Option<String>,
    /// The `taskway` binary [default: the one in this program's directory]
    #[arg(long, global = true)]
    pub(crate) taskway: Option<PathBuf>,
    /// The directory of the functions' binaries, built for Lambda [default: ../lambda, from this program's directory]
    #[arg(long, global = true)]
    pub(crate) functions: Option<PathBuf>,
    /// The directory for the results
    #[arg(long, global = true, default_value = "benchmarks/results")]
    pub(crate) results: PathBuf,
    /// Write the tables in this document anew; a quick run does not
    #[arg(long, global = true, value_name = "DOCUMENT")]
    pub(crate) write: Option<PathBuf>,
    /// The number of rounds; results are medians of the rounds
    #[arg(long, global = true, default_value_t = 3)]
    pub(crate) rounds: usize,
}

impl Options {
    /// The `taskway` binary.
    ///
    /// # Errors
    /// If the file does not exist.
    pub(crate) fn taskway(&self) -> anyhow::Result<PathBuf> {
        let beside = || Ok(std::env::current_exe()?.with_file_name("taskway"));
        let path = self.taskway.clone().map_or_else(beside, anyhow::Ok)?;
        anyhow::ensure!(
            path.exists(),
            "{} does not exist: build taskway-cli with the same profile, or pass --taskway",
            path.display()
        );
        Ok(path)
    }
}
