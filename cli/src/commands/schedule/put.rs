//! `taskway schedule put`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Id, ValueEnum};
use serde::Serialize;

use crate::{
    client::Client,
    failure::Failure,
    output::Output,
    payload::{self, Origin},
    schedule_name::ScheduleName,
    submission::Submission,
    task_options::TaskOptions,
};

/// Make a schedule, or put another in its place
///
/// Prints its name and its next run. What is not given has its default, whatever the schedule of that name had: it is
/// replaced as a whole. A task that is due already stays, those that were to come are cancelled. The same one again changes
/// nothing.
#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = EXAMPLES)]
#[command(group = ArgGroup::new("target").args(["handler", "http", "file"]).required(true).multiple(true))]
#[command(group = ArgGroup::new("when").args(["cron", "every", "file"]).required(true))]
pub(crate) struct Put {
    /// The schedule's name
    name: ScheduleName,

    /// Fire by the calendar: five fields, six with seconds, or a name such as @daily
    #[arg(long, value_name = "EXPR")]
    cron: Option<String>,

    /// Time zone of the expression, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE", requires = "cron", conflicts_with = "every")]
    zone: Option<String>,

    /// Fire at this interval, from --start on or else from now on
    #[arg(long, value_name = "SECONDS")]
    every: Option<u64>,

    /// What happens at a time while the last task is still open [default: allow]
    #[arg(long)]
    overlap: Option<Overlap>,

    /// What happens to times that were missed: none fires, the latest for all, or all [default: once]
    #[arg(long)]
    misfire: Option<Misfire>,

    /// Not fired before this time
    #[arg(long, value_name = "RFC3339")]
    start: Option<String>,

    /// Not fired after this time
    #[arg(long, value_name = "RFC3339")]
    end: Option<String>,

    /// Start each task up to this many seconds after its time, up to 86400 [default: 0]
    #[arg(long, value_name = "SECONDS")]
    jitter: Option<u64>,

    /// Do not fire before `schedule resume`
    #[arg(long)]
    paused: bool,

    /// Read the whole definition, as JSON, from a file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = beside_file())]
    file: Option<PathBuf>,

    #[command(flatten)]
    task: TaskOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Overlap {
    Allow,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Misfire {
    Skip,
    Once,
    All,
}

/// The body, in the contract's words. What is not given is left out: the API knows the defaults.
#[derive(Debug, Serialize)]
struct Definition {
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every_seconds: Option<u64>,
    task: Submission,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap: Option<Overlap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    misfire: Option<Misfire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jitter_seconds: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    paused: bool,
}

const USAGE: &str = "\
taskway schedule put [OPTIONS] <NAME> <--cron <EXPR>|--every <SECONDS>> <HANDLER|--http <URL>> [PAYLOAD_JSON]
       taskway schedule put [OPTIONS] <NAME> --file <FILE>";

const EXAMPLES: &str = "\
Examples:
  taskway schedule put nightly --cron '0 3 * * *' --zone Europe/Berlin report '{\"days\": 1}' --overlap skip
  taskway schedule put poll --every 30 --http https://example.com/poll --method GET --queue polls
  taskway schedule put nightly --file nightly.json";

impl Put {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let (name, body) = self.body()?;
        super::print(&client.put_schedule(&name, &body).await?, output)
    }

    /// The name, and the definition that the file holds or the options describe.
    fn body(self) -> Result<(ScheduleName, String), Failure> {
        if let Some(path) = &self.file {
            let definition = payload::parse(&payload::read(path, Origin::Definition)?, Origin::Definition)?;
            return Ok((self.name, definition.get().to_owned()));
        }
        let definition = Definition {
            cron: self.cron,
            time_zone: self.zone,
            every_seconds: self.every,
            task: self.task.submission()?,
            overlap: self.overlap,
            misfire: self.misfire,
            start_at: self.start,
            end_at: self.end,
            jitter_seconds: self.jitter,
            paused: self.paused,
        };
        let body = serde_json::to_string(&definition).map_err(|error| Failure::Other(error.into()))?;
        Ok((self.name, body))
    }
}

/// What a definition in a file has in itself. (`cron` and `every` are in a group with it.)
fn beside_file() -> Vec<Id> {
    let own = ["zone", "overlap", "misfire", "start", "end", "jitter", "paused"].map(Id::from);
    own.into_iter().chain(TaskOptions::ids()).collect()
}
