//! `taskway schedule pause`, and the putting back that `schedule resume` shares with it.

use std::collections::BTreeMap;

use clap::Args;
use clap_complete::ArgValueCandidates;
use serde_json::value::RawValue;

use super::put;
use crate::{
    client::{Answer, Client},
    complete,
    failure::Failure,
    output::Output,
    schedule_name::ScheduleName,
};

/// Let a schedule rest
///
/// It does not fire before it is resumed, and its tasks that have not started are cancelled. It is read and put back:
/// a change that somebody else makes at the same moment is lost.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Pause {
    /// The schedule's name
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    name: ScheduleName,
}

const EXAMPLES: &str = "\
Examples:
  taskway schedule pause nightly
  taskway schedule pause nightly && taskway schedule get nightly";

/// An object whose values stay as the API wrote them, so that no number of a payload loses a digit on its way.
type Object<'a> = BTreeMap<&'a str, &'a RawValue>;

/// What the API says of a schedule and nobody puts. Whatever else an answer has is put back, known here or not: left
/// out, it would fall back to its default.
const SAID: [&str; 7] = ["name", "description", "created_at", "next_runs", "next_runs_local", "notes", "last_run"];

impl Pause {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        put_back(&self.name, true, client, output).await
    }
}

/// Reads a schedule and puts it back, paused or not.
pub(super) async fn put_back(
    name: &ScheduleName,
    paused: bool,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let found = client.schedule(name).await?;
    let body = definition(&found, paused).map_err(|error| {
        let context = "the answer holds no schedule: is this URL a taskway api's?";
        Failure::Other(anyhow::Error::new(error).context(context))
    })?;
    put::print(&client.put_schedule(name, body).await?, output)
}

/// The definition that the answer shows, but for `paused`.
fn definition(found: &Answer, paused: bool) -> serde_json::Result<String> {
    let (task, paused) = (text_of_task(&found.body)?, serde_json::value::to_raw_value(&paused)?);
    let mut fields = given(&found.body)?;
    fields.retain(|name, _| !SAID.contains(name));
    fields.insert("task", &task);
    fields.insert("paused", &paused);
    serde_json::to_string(&fields)
}

/// The task without the nulls that it shows for what was not given. Those within a payload are the payload's.
fn text_of_task(schedule: &str) -> serde_json::Result<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Shown<'a> {
        #[serde(borrow)]
        task: &'a RawValue,
    }
    let Shown { task } = serde_json::from_str(schedule)?;
    serde_json::value::to_raw_value(&given(task.get())?)
}

/// The fields of an object that are not null.
fn given(object: &str) -> serde_json::Result<Object<'_>> {
    let mut fields: Object<'_> = serde_json::from_str(object)?;
    fields.retain(|_, value| value.get() != "null");
    Ok(fields)
}
