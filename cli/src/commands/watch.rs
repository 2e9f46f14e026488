//! `taskway watch`, and the following that `submit --watch` shares with it.

use std::time::{Duration, Instant};

use clap::Args;
use time::{OffsetDateTime, UtcDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    client::{Answer, Client},
    failure::Failure,
    output::{Output, plain_line},
    task::Task,
    task_id::TaskId,
};

/// Follow a task until it ends
///
/// Prints a line for each change of state, attempt or progress that is seen, with the time in UTC (with --json, the
/// task on one line; with --output ids nothing). On a terminal a bar shows the progress that the task has told. Exits 0 when the task succeeded, 1 when it ended otherwise.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Watch {
    /// The task's id
    id: TaskId,

    /// Longest pause between two looks, in seconds; after a change it starts again at 0.1
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = interval)]
    interval: Duration,
}

const EXAMPLES: &str = "\
Examples:
  taskway watch tZg2DDmNS0dhVZx_yerXKHAGiA08lDg
  taskway watch tZg2DDmNS0dhVZx_yerXKHAGiA08lDg --interval 10 --json | jq -c .progress";

/// The pause after a change, when the next one may be near.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause unless told otherwise: a person's patience, and a read a second costs next to nothing.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long the API may be away in the middle of a watch: a deployment, a laptop that changes networks.
const PATIENCE: Duration = Duration::from_secs(30);

const CLOCK: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Watch {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let first = client.get(&self.id).await?;
        follow(&self.id, first, self.interval, client, output).await
    }
}

/// Prints every change from `first` on until the task has ended; fails if it ended without success.
pub(super) async fn follow(
    id: &TaskId,
    first: Answer,
    longest: Duration,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let mut answer = first;
    let mut seen: Option<Seen> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let task = answer.task()?;
        let now = Seen::of(&task);
        if seen.as_ref() != Some(&now) {
            let only_progress = seen.is_some_and(|seen| (&seen.state, &seen.attempt) == (&now.state, &now.attempt));
            print(&answer, &task, only_progress, output)?;
            seen = Some(now);
            pause = FIRST_PAUSE;
        }
        if task.has_ended() {
            return if task.has_succeeded() { Ok(()) } else { Err(Failure::TaskFailed) };
        }
        tokio::time::sleep(pause.min(longest)).await;
        pause = pause.saturating_mul(2).min(longest);
        answer = look(id, longest, client).await?;
    }
}

/// What a watch tells a change by.
#[derive(PartialEq)]
struct Seen {
    state: String,
    attempt: Option<String>,
    progress: Option<(u64, u64)>,
}

impl Seen {
    fn of(task: &Task) -> Self {
        Seen { state: task.0.state.to_string(), attempt: task.attempt(), progress: task.progress() }
    }
}

/// Reads the task, and bears with an API that is away for a while.
async fn look(id: &TaskId, longest: Duration, client: &Client) -> Result<Answer, Failure> {
    let since = Instant::now();
    loop {
        match client.get(id).await {
            Err(failure) if failure.is_passing() && since.elapsed() < PATIENCE => {
                tokio::time::sleep(longest.min(LONGEST_PAUSE)).await;
            }
            answer => return answer,
        }
    }
}

/// Prints a change. One of the progress alone replaces the line before on a terminal, so that its bar grows.
fn print(answer: &Answer, task: &Task, only_progress: bool, output: &Output) -> Result<(), Failure> {
    if output.json() {
        return Ok(output.raw_line(&answer.body)?);
    }
    if output.ids() {
        return Ok(());
    }
    let now = UtcDateTime::from(OffsetDateTime::now_utc());
    let now = now.format(CLOCK).map_err(|error| Failure::Other(error.into()))?;
    let line = format!("{now}  {}{}", output.state(&task.0.state), particulars(task, output));
    if only_progress {
        output.line_again(&line)?
    } else {
        output.line(&line)?
    }
    Ok(())
}

/// What there is to say of the state: the attempt, the progress, until when it waits, and why or with what it ended.
fn particulars(task: &Task, output: &Output) -> String {
    let ended = task.has_ended();
    let parts = [
        task.attempt(),
        task.progress().filter(|_| !ended).map(|(done, total)| output.bar(done, total)),
        task.waits_until().map(|time| format!("until {time}")),
        task.error().filter(|_| !task.has_succeeded()).map(|error| plain_line(&error)),
        task.result().filter(|_| ended).map(|result| plain_line(&result)),
    ];
    parts.into_iter().flatten().map(|part| format!("  {part}")).collect()
}

/// Parses a pause in seconds, fractions allowed.
fn interval(text: &str) -> Result<Duration, &'static str> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.05..=3600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        Ok(_) | Err(_) => Err("expected 0.05 to 3600 seconds"),
    }
}
