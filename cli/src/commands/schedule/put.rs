//! `taskway schedule put`.

use std::{num::NonZeroU32, path::PathBuf};

use clap::{ArgGroup, Args, Id, ValueEnum};
use clap_complete::ArgValueCandidates;
use taskway_api::{Instant, ScheduleRequest, ScheduleSettings};
use taskway_protocol::schedule;

use crate::{
    client::{Answer, Client},
    complete,
    failure::Failure,
    output::Output,
    payload::{self, Origin},
    schedule::Schedule,
    schedule_name::ScheduleName,
    task_options::TaskOptions,
    time::time,
};

/// Make a schedule, or put another in its place
///
/// Prints its name, its next run and when it fires in plain words; on standard error, where other crons would read the
/// expression differently. What is not given has its default, whatever the schedule of that name had: it is
/// replaced as a whole. A task that is due already stays, those that were to come are cancelled. The same one again changes
/// nothing.
#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = EXAMPLES)]
#[command(group = ArgGroup::new("target").args(["handler", "http", "lambda", "file"]).required(true).multiple(true))]
#[command(group = ArgGroup::new("when").args(["cron", "every", "file"]).required(true))]
pub(crate) struct Put {
    /// The schedule's name
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    name: ScheduleName,

    /// Fire by the calendar: five fields, six with seconds, or a name such as @daily
    #[arg(long, value_name = "EXPR")]
    cron: Option<String>,

    /// Time zone of the expression, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE", requires = "cron", conflicts_with = "every")]
    zone: Option<String>,

    /// Fire at this interval, from --start on or else from now on
    #[arg(long, value_name = "SECONDS")]
    every: Option<NonZeroU32>,

    /// What happens at a time while the last task is still open [default: allow]
    #[arg(long)]
    overlap: Option<Overlap>,

    /// What happens to times that were missed: none fires, the latest for all, or all [default: once]
    #[arg(long)]
    misfire: Option<Misfire>,

    /// Not fired before this time
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    start: Option<Instant>,

    /// Not fired after this time
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    end: Option<Instant>,

    /// Start each task up to this many seconds after its time, up to 86400 [default: 0]
    #[arg(long, value_name = "SECONDS")]
    jitter: Option<u32>,

    /// Do not fire before `schedule resume`
    #[arg(long)]
    paused: bool,

    /// Read the whole definition, as JSON, from a file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = beside_file())]
    file: Option<PathBuf>,

    #[command(flatten)]
    task: TaskOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Overlap {
    Allow,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Misfire {
    Skip,
    Once,
    All,
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
        print(&client.put_schedule(&name, body).await?, output)
    }

    /// The name, and the definition that the file holds or the options describe.
    fn body(self) -> Result<(ScheduleName, String), Failure> {
        if let Some(path) = &self.file {
            let definition = payload::parse(&payload::read(path, Origin::Definition)?, Origin::Definition)?;
            return Ok((self.name, definition.get().to_owned()));
        }
        let settings = ScheduleSettings {
            cron: self.cron.map(Into::into),
            time_zone: self.zone.map(Into::into),
            every_seconds: self.every,
            overlap: self.overlap.map(Into::into).unwrap_or_default(),
            misfire: self.misfire.map(Into::into).unwrap_or_default(),
            start_at: self.start,
            end_at: self.end,
            jitter_seconds: self.jitter.unwrap_or_default(),
            paused: self.paused,
        };
        let callbacks = self.task.callbacks()?;
        let request = ScheduleRequest { settings, task: self.task.submission()? };
        Ok((self.name, callbacks.beside(&request.to_json().map_err(|error| Failure::Other(error.into()))?)))
    }
}

impl From<Overlap> for schedule::Overlap {
    fn from(overlap: Overlap) -> Self {
        match overlap {
            Overlap::Allow => schedule::Overlap::Allow,
            Overlap::Skip => schedule::Overlap::Skip,
        }
    }
}

impl From<Misfire> for schedule::Misfire {
    fn from(misfire: Misfire) -> Self {
        match misfire {
            Misfire::Skip => schedule::Misfire::Skip,
            Misfire::Once => schedule::Misfire::Once,
            Misfire::All => schedule::Misfire::All,
        }
    }
}

/// What a definition in a file has in itself. (`cron` and `every` are in a group with it.)
fn beside_file() -> Vec<Id> {
    let own = ["zone", "overlap", "misfire", "start", "end", "jitter", "paused"].map(Id::from);
    own.into_iter().chain(TaskOptions::ids()).collect()
}

/// Prints what a put has made, or the API's answer: the name and the next run, when it fires in plain words, and on
/// standard error the notes.
pub(super) fn print(answer: &Answer, output: &Output) -> Result<(), Failure> {
    let schedule = Schedule::of(answer)?;
    if output.json() {
        output.raw(&answer.body)?;
    } else {
        let new = if answer.created { " (new)" } else { "" };
        output.about(&schedule.name(), &format!("{}{new}", schedule.line()))?;
        if let Some(description) = schedule.description().filter(|_| !output.ids()) {
            output.line(&format!("  {description}"))?;
        }
        schedule.notes().for_each(|note| output.note(&format!("note: {note}")));
    }
    Ok(())
}
