//! Taskway's benchmarks: what a task costs in time, processor, memory, write units and requests.

mod api;
mod bare;
mod bare_tick;
mod billed_units;
mod cold_start;
mod crowd;
mod drain;
mod endpoints;
mod function;
mod histogram;
mod memory;
mod meter;
mod options;
mod overhead;
mod page;
mod precision;
mod process;
mod promote;
mod report;
mod runtime_api;
mod submit_latency;
mod submitter;
mod throughput;
mod tls;

use clap::Parser;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Refused only when there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    options::Cli::parse().run().await
}
