//! `taskway dev`.

use std::{net::IpAddr, num::NonZeroUsize, path::PathBuf};

use clap::Args;

use crate::{failure::Failure, lane::Lane};

/// Run the whole stack here, in one process: API, table, queues, executor, scheduler
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dev {
    /// Keep tasks in this directory; without it they are gone at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Address to listen on; one that others can reach gives them every task, without a password
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    bind: IpAddr,

    /// Another name by which requests reach the stack, such as that of a container; may be repeated [default: localhost]
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    allow_host: Vec<String>,

    /// Port of the API
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,

    /// Port of the DynamoDB endpoint
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    dynamodb_port: u16,

    /// Port of the SQS endpoint
    #[arg(long, value_name = "PORT", default_value_t = 9324)]
    sqs_port: u16,

    /// Port of the S3 endpoint [default: 9325, or any free one]
    #[arg(long, value_name = "PORT")]
    s3_port: Option<u16>,

    /// Hand requests, batches and ticks to the functions of Taskway that `cargo lambda watch` serves at this URL
    #[arg(long, value_name = "URL")]
    functions: Option<String>,

    /// Let tasks call the Lambda functions that are served at this URL, as `cargo lambda watch` does [default: the URL of
    /// --functions]
    #[arg(long, value_name = "URL")]
    lambda: Option<String>,

    /// SAM template to take tables and queues from [default: the one in this binary]
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,

    /// Let HTTP targets reach these addresses, plain http included; may be repeated [default: public https only]
    #[arg(long, value_name = "CIDR", env = "TASKWAY_HTTP_ALLOW", value_delimiter = ',')]
    allow_http: Vec<String>,

    /// Tasks that run at the same time
    #[arg(long, value_name = "N", default_value = "64")]
    concurrency: NonZeroUsize,

    /// Lanes that this process runs tasks of, separated by commas; the others are left to workers of your own
    #[arg(long, value_name = "LANES", value_delimiter = ',', default_value = "high,normal,low")]
    lanes: Vec<Lane>,
}

const EXAMPLES: &str = "\
Examples:
  taskway dev --data ./taskway-data
  taskway dev --port 9000 --allow-http 127.0.0.0/8
  taskway dev --lambda http://127.0.0.1:9000
  taskway dev --bind 0.0.0.0 --allow-host taskway";

impl Dev {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        taskway_local::dev::run(self.into()).await.map_err(Failure::Other)
    }
}

impl From<Dev> for taskway_local::dev::Options {
    fn from(dev: Dev) -> Self {
        Self {
            data: dev.data,
            bind: dev.bind,
            allow_hosts: dev.allow_host,
            port: dev.port,
            dynamodb_port: dev.dynamodb_port,
            sqs_port: dev.sqs_port,
            s3_port: dev.s3_port,
            functions: dev.functions,
            lambda: dev.lambda,
            template: dev.template,
            allow_http: dev.allow_http,
            concurrency: dev.concurrency.get(),
            lanes: dev.lanes.into_iter().map(Lane::priority).collect(),
        }
    }
}

/// A name alone: without scheme and port, and no pattern that would let others in.
pub(super) fn host_name(text: &str) -> Result<String, &'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.is_empty() || !text.chars().all(fits) {
        return Err("expected a host name such as taskway or host.docker.internal, without a port");
    }
    Ok(text.to_owned())
}
