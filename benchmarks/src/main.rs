//! Taskway's benchmarks. They measure what a task costs: time, processor time, memory, write units and requests.

mod api;
mod bare;
mod bars;
mod billed_units;
mod cold_start;
mod command;
mod crowd;
mod deliveries;
mod dev;
mod drain;
mod endpoints;
mod function;
mod histogram;
mod instructions;
mod large_payload;
mod limits;
mod lone;
mod memory;
mod options;
mod order;
mod overhead;
mod page;
mod payload_units;
mod peers;
mod precision;
mod process;
mod promote;
mod rate;
mod report;
mod runtime_api;
mod submit_latency;
mod submitter;
mod throughput;
mod tls;

use clap::Parser;

/// That of the `taskway` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Installing fails only if the process has a TLS provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    command::Cli::parse().run().await
}
