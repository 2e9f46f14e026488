//! The command line.

use clap::{Parser, Subcommand};

use crate::{
    billed_units, cold_start, deliveries, drain, endpoints, instructions, large_payload, limits, lone, memory,
    options::Options, order, overhead, payload_units, peers, precision, promote, rate, report::Report, submit_latency,
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

#[derive(Debug, Subcommand)]
enum Command {
    /// Tasks per second, and the processor time of client and worker for each task
    Throughput,
    /// The time of a task that is alone, with batches of writes and without them
    LoneTask,
    /// Instructions that client and worker execute for each task; needs valgrind
    Instructions,
    /// The executor's processor time, compared with its SDK calls alone
    Overhead,
    /// POST /v1/tasks, compared with its two SDK calls
    SubmitLatency,
    /// Write units, read units and requests of every path, compared with the table in docs/architecture.md
    BilledUnits,
    /// Start, first answer, memory and size of the functions, compared with a function that does nothing
    ColdStart,
    /// Deliveries to a URL, compared with a loop that makes the same requests and nothing else
    Deliveries,
    /// Memory of a worker that sends a payload of 100 MiB to a URL
    LargePayload,
    /// Resident memory of `taskway dev` and `taskway worker`
    Memory,
    /// Cost and speed of promotion: with more and more waiting tasks, with all tasks due at once, and compared with its SDK
    /// calls alone
    Promote(promote::Load),
    /// How long after its time a task starts
    Precision,
    /// What a limit of a queue costs, and how well one that binds is used
    Limits,
    /// How exactly a rate of a queue is kept by three executors, and how much of it is used
    Rate,
    /// Who starts first: beside another tenant's backlog, beside long tasks, and beside a flood in a lower lane
    Order,
    /// Rate and processor time beside machinery, a task queue in Go over the same two services
    Peers(peers::Peers),
    /// Write units of submits with the payloads of a file, against what they would cost if they were not packed
    PayloadUnits(payload_units::Payloads),
    /// All benchmarks but `peers`, `instructions` and `payload-units`, which need other programs or a file
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
            Command::LoneTask => lone::run(&options).await?.finish(&options),
            Command::Instructions => instructions::run(&options).await?.finish(&options),
            Command::Overhead => overhead::run(&options).await?.finish(&options),
            Command::SubmitLatency => submit_latency::run(&options).await?.finish(&options),
            Command::BilledUnits => billed_units::run(&options).await?.finish(&options),
            Command::ColdStart => cold_start::run(&options).await?.finish(&options),
            Command::Deliveries => deliveries::run(&options).await?.finish(&options),
            Command::LargePayload => large_payload::run(&options).await?.finish(&options),
            Command::Memory => memory::run(&options).await?.finish(&options),
            Command::Promote(load) => promote::run(&options, load).await?.finish(&options),
            Command::Precision => precision::run(&options).await?.finish(&options),
            Command::Limits => limits::run(&options).await?.finish(&options),
            Command::Rate => rate::run(&options).await?.finish(&options),
            Command::Order => order::run(&options).await?.finish(&options),
            Command::Peers(peers) => peers::run(&options, &peers).await?.finish(&options),
            Command::PayloadUnits(payloads) => payload_units::run(&options, &payloads).await?.finish(&options),
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
    done(lone::run(options).await?);
    done(overhead::run(options).await?);
    done(throughput::run(options).await?);
    done(promote::run(options, promote::Load::default()).await?);
    done(precision::run(options).await?);
    done(limits::run(options).await?);
    done(rate::run(options).await?);
    done(order::run(options).await?);
    done(deliveries::run(options).await?);
    done(large_payload::run(options).await?);
    done(cold_start::run(options).await?);
    done(memory::run(options).await?);
    anyhow::ensure!(missed.is_empty(), "{}", missed.join("; "));
    Ok(())
}
