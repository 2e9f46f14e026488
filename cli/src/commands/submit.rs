//! `taskway submit`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Id, value_parser};
use taskway_api::{Instant, TaskRequest};

use super::{submit_file, watch};
use crate::{
    client::{Answer, Client},
    failure::Failure,
    output::{Output, plain},
    task::Task,
    task_id::TaskId,
    task_options::TaskOptions,
    time::time,
};

/// Submit a task
///
/// Prints its id and state. With --file, submits thousands: a line of output for each that was accepted, on standard error how far
/// it is and what was refused, and exits 0 if all were accepted. Otherwise exits 0 once the task is accepted; with --watch, or when it ends within --wait, 1 if it
/// did not succeed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(override_usage = USAGE, group = ArgGroup::new("target").args(["handler", "http", "lambda", "file"]).required(true).multiple(true))]
pub(crate) struct Submit {
    #[command(flatten)]
    task: TaskOptions,

    /// Start after this many seconds, up to 366 days
    #[arg(long, value_name = "SECONDS", conflicts_with = "run_at")]
    delay: Option<u32>,

    /// Start at this time; one in the past means now
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    run_at: Option<Instant>,

    /// Not started after this time, and cut at it
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    deadline: Option<Instant>,

    /// Idempotency key: submitting again with it finds the first task. With --file, each line has this key, `-` and its number
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// Take the place of the task that the key has
    #[arg(long, requires = "key")]
    replace: bool,

    /// Wait up to this many seconds, 1 to 25, for the task to end
    #[arg(long, value_name = "SECONDS", value_parser = value_parser!(u8).range(1..=25), conflicts_with = "watch")]
    wait: Option<u8>,

    /// Follow the task until it ends
    #[arg(long)]
    watch: bool,

    /// Submit each line of a file, a task as the API takes it; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = beside_file())]
    file: Option<PathBuf>,
}

/// What the lines of a file have in themselves.
fn beside_file() -> Vec<Id> {
    let own = ["delay", "run_at", "deadline", "replace", "wait", "watch"].map(Id::from);
    own.into_iter().chain(TaskOptions::ids()).collect()
}

const USAGE: &str = "\
taskway submit [OPTIONS] <HANDLER|--http <URL>|--lambda <FUNCTION>> [PAYLOAD_JSON]
       taskway submit [--key <KEY>] --file <FILE>";

const EXAMPLES: &str = "\
Examples:
  taskway submit echo '{\"user\": 42}' --watch
  taskway submit --http https://example.com/hook --payload-file event.json --delay 90 --key event-7
  taskway submit --lambda report:live '{\"month\": 11}' --invocation event
  taskway submit resize '{\"image\": 7}' --on-success '{\"target\": {\"handler\": \"publish\"}}'
  taskway submit index '{\"document\": 42}' --delay 30 --key index-42 --replace
  taskway submit --file tasks.ndjson --key import-7";

impl Submit {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        if let Some(path) = &self.file {
            return submit_file::run(path, self.key.as_deref(), client, output).await;
        }
        let (wait, watch) = (self.wait, self.watch);
        let callbacks = self.task.callbacks()?;
        let submission = client.uploaded(self.submission()?).await?;
        let body = callbacks.beside(&submission.to_json().map_err(|error| Failure::Other(error.into()))?);
        let answer = client.submit(body, submission.idempotency_key.is_some(), wait).await?;
        let task = print(&answer, watch, output)?;
        if watch {
            let id: TaskId = task.0.id.parse().map_err(|error| Failure::Other(anyhow::Error::msg(error)))?;
            return watch::follow(&id, answer, watch::LONGEST_PAUSE, client, output).await;
        }
        if wait.is_some() && task.has_ended() && !task.has_succeeded() { Err(Failure::TaskFailed) } else { Ok(()) }
    }

    /// The request that the options describe, or what is wrong with them.
    fn submission(self) -> Result<TaskRequest, Failure> {
        let task = self.task.submission()?;
        let (run_at, deadline, replace) = (self.run_at, self.deadline, self.replace);
        let idempotency_key = self.key.map(Into::into);
        Ok(TaskRequest { delay_seconds: self.delay, run_at, deadline, idempotency_key, replace, ..task })
    }
}

/// Prints the id and the state first, so that a script can cut them off; a watch goes on from there.
fn print(answer: &Answer, watch: bool, output: &Output) -> Result<Task, Failure> {
    let task = answer.task()?;
    if output.json() {
        // The watch prints the first answer as well, as its first line.
        if !watch {
            output.raw(&answer.body)?;
        }
        return Ok(task);
    }
    let id = plain(&task.0.id);
    let until = task.waits_until().map(|time| format!(" until {time}")).unwrap_or_default();
    let replayed = if answer.replayed { " (submitted before, with this key)" } else { "" };
    output.about(&id, &format!("{id} {}{until}{replayed}", output.state(&task.0.state)))?;
    if !watch && task.has_ended() && !output.ids() {
        let rows = [("error", task.error()), ("result", task.result()), ("result at", task.result_at())];
        let rows: Vec<_> = rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        output.table(&rows)?;
    }
    Ok(task)
}
