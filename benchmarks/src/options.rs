//! What can be run, and with what.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    billed_units, cold_start, drain, endpoints, memory, overhead, precision, promote, report::Report, submit_latency,
    submitter, throughput,
};

/// Taskway's benchmarks
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    options: Options,
}

/// What all benchmarks are told.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// A few seconds each: whether they work, not what they measure
    #[arg(long, global = true)]
    pub(crate) quick: bool,
    /// DynamoDB to use instead of the embedded one; what is missing there is made from the template
    #[arg(long, global = true, requires = "sqs")]
    pub(crate) dynamodb: Option<String>,
    /// SQS to use instead of the embedded one
    #[arg(long, global = true, requires = "dynamodb")]
    pub(crate) sqs: Option<String>,
    /// The `taskway` binary [default: the one beside this]
    #[arg(long, global = true)]
    pub(crate) taskway: Option<PathBuf>,
    /// Where the functions' binaries are, as Lambda gets them [default: ../lambda, from this]
    #[arg(long, global = true)]
    pub(crate) functions: Option<PathBuf>,
    /// Where results are written
    #[arg(long, global = true, default_value = "benchmarks/results")]
    pub(crate) results: PathBuf,
    /// Writes the tables of this document anew; a quick run does not
    #[arg(long, global = true, value_name = "DOCUMENT")]
    pub(crate) write: Option<PathBuf>,
    /// Rounds that the medians are of
    #[arg(long, global = true, default_value_t = 3)]
    pub(crate) rounds: usize,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tasks a second, and processor time a task of client and worker
    Throughput,
    /// The executor's processor time against the same SDK calls alone
    Overhead,
    /// POST /v1/tasks against the two calls that it makes
    SubmitLatency,
    /// Write units and requests of every path, against the protocol's table
    BilledUnits,
    /// The functions' start, first answer, memory and size, against a function that does nothing
    ColdStart,
    /// Resident memory of `taskway dev` and `taskway worker`
    Memory,
    /// Sending what falls due, with more and more waiting, all at once, and against the SDK calls alone
    Promote(promote::Load),
    /// How long after its time a task starts
    Precision,
    /// All of them
    All,
    #[command(hide = true)]
    Endpoints,
    #[command(hide = true)]
    Submit(submitter::Submit),
    #[command(hide = true)]
    Drain(drain::Drain),
}

impl Cli {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let options = self.options;
        match self.command {
            Command::Throughput => throughput::run(&options).await?.finish(&options),
            Command::Overhead => overhead::run(&options).await?.finish(&options),
            Command::SubmitLatency => submit_latency::run(&options).await?.finish(&options),
            Command::BilledUnits => billed_units::run(&options).await?.finish(&options),
            Command::ColdStart => cold_start::run(&options).await?.finish(&options),
            Command::Memory => memory::run(&options).await?.finish(&options),
            Command::Promote(load) => promote::run(&options, load).await?.finish(&options),
            Command::Precision => precision::run(&options).await?.finish(&options),
            Command::All => all(&options).await,
            Command::Endpoints => endpoints::serve().await,
            Command::Submit(submit) => submitter::run(submit).await,
            Command::Drain(drain) => drain::run(drain).await,
        }
    }
}

async fn all(options: &Options) -> anyhow::Result<()> {
    let mut missed = Vec::new();
    let mut done = |report: Report| {
        let name = report.name;
        if let Err(error) = report.finish(options) {
            missed.push(format!("{name}: {error:#}"));
        }
    };
    done(billed_units::run(options).await?);
    done(submit_latency::run(options).await?);
    done(overhead::run(options).await?);
    done(throughput::run(options).await?);
    done(promote::run(options, promote::Load::default()).await?);
    done(precision::run(options).await?);
    done(cold_start::run(options).await?);
    done(memory::run(options).await?);
    anyhow::ensure!(missed.is_empty(), "{}", missed.join("; "));
    Ok(())
}
