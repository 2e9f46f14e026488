//! The `taskway` command: the embedded stack, the worker, and a client of the HTTP API, in one binary.

mod args;
mod auth;
mod client;
mod commands;
mod complete;
mod failure;
mod filters;
mod global;
mod handlers;
mod lane;
mod name_value;
mod output;
mod page;
mod payload;
mod queue;
mod queue_name;
mod refusal;
mod schedule;
mod schedule_name;
mod selection;
mod signer;
mod stats;
mod task;
mod task_id;
mod task_options;
mod time;
mod ui_server;

use std::{io, process::ExitCode};

use clap::{CommandFactory, Parser};

use crate::{args::Cli, failure::Failure, output::Output};

/// A task makes thousands of small allocations in the SDK and in the embedded database, and gives each back soon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A shell that completes a word runs this program with a variable set, and wants nothing else.
    clap_complete::CompleteEnv::with_factory(Cli::command).complete();
    let Cli { global, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return tell(&said),
    };
    let output = Output::new(global.format());
    // A thread that still computes when the stack or the worker has drained does not keep the command.
    match taskway_executor::worker::block_on(command.run(&global, &output)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => failure.report(&output),
        Err(error) => Failure::Other(error.into()).report(&output),
    }
}

/// Prints a usage error, the help or the version.
fn tell(said: &clap::Error) -> ExitCode {
    match said.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Ok(()) | Err(_) => u8::try_from(said.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}
