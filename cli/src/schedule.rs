//! A schedule as the API answers it, read for people. Only `name` must be there: answers may grow and lists leave
//! things out.

use serde::Deserialize;
use taskway_api::{ScheduledRun, instant};

use crate::{
    client::Answer,
    failure::Failure,
    output::{Cell, clipped, plain},
    task::{shown, target},
};

/// A schedule in an answer.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Schedule(taskway_api::Schedule);

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) schedules: Vec<Schedule>,
    /// Where the next one begins; a page may be empty while there is one.
    pub(crate) next_cursor: Option<String>,
}

impl Page {
    /// The names of its schedules.
    pub(crate) fn names(self) -> Vec<String> {
        self.schedules.into_iter().map(|schedule| schedule.0.name.into()).collect()
    }
}

/// How many of the times to come are shown; --json has the others.
const NEXT_RUNS: usize = 5;
/// A value is cut in a row past so many characters: a URL may have thousands.
const CELL_MAX: usize = 40;

impl Schedule {
    /// The schedule that an answer holds.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        answer.read("the answer holds no schedule: is this URL a taskway api's?")
    }

    pub(crate) fn name(&self) -> String {
        plain(&self.0.name)
    }

    /// `nightly next run 2026-11-24T02:00:00.000Z`.
    pub(crate) fn line(&self) -> String {
        let name = plain(&self.0.name);
        match (self.0.settings.paused, self.next().next()) {
            (true, _) => format!("{name} paused"),
            (false, Some(next)) => format!("{name} next run {next}"),
            (false, None) => format!("{name} has no next run"),
        }
    }

    /// The names of a list's columns.
    pub(crate) const COLUMNS: [&str; 5] = ["NAME", "WHEN", "TARGET", "NEXT RUN", "PAUSED"];

    /// The schedule as a row of a list.
    pub(crate) fn row(&self) -> [Cell; 5] {
        let next = self.next().next().unwrap_or_else(|| "-".to_owned());
        let (when, target) = (self.when().unwrap_or_default(), self.target().unwrap_or_default());
        let [when, target] = [when, target].map(|text| Cell::of(&cut(&text)));
        [Cell::of(&self.0.name), when, target, Cell::of(&next), Cell::of(self.paused())]
    }

    /// Everything, as keys and values in the order of reading.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let (settings, task) = (&self.0.settings, self.0.task.as_ref());
        let payload = task.and_then(|task| task.payload.as_ref());
        let next: Vec<String> = self.next_in_both_clocks().take(NEXT_RUNS).collect();
        let rows = [
            ("name", Some(plain(&self.0.name))),
            ("when", self.when()),
            ("fires", self.description()),
            ("target", self.target()),
            ("queue", task.map(|task| plain(&task.options.queue))),
            ("payload", payload.map(|payload| clipped(payload.get()))),
            ("overlap", Some(settings.overlap.as_str().to_owned())),
            ("misfire", Some(settings.misfire.as_str().to_owned())),
            ("start", shown(settings.start_at)),
            ("end", shown(settings.end_at)),
            ("jitter", Some(settings.jitter_seconds).filter(|s| *s > 0).map(|seconds| format!("{seconds} s"))),
            ("paused", Some(self.paused().to_owned())),
            ("next runs", (!next.is_empty()).then(|| next.join("\n"))),
            ("last run", self.0.last_run.as_ref().map(last_run)),
            ("notes", Some(self.notes().collect::<Vec<_>>().join("\n")).filter(|notes| !notes.is_empty())),
        ];
        rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// When it fires, in plain words.
    pub(crate) fn description(&self) -> Option<String> {
        self.0.description.as_deref().map(plain)
    }

    /// Where other crons differ for this expression, and what happens when the clock changes.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.0.notes.iter().map(|note| plain(note))
    }

    /// The times to come in UTC, each with the same time in the schedule's zone unless that is UTC.
    fn next_in_both_clocks(&self) -> impl Iterator<Item = String> {
        let is_utc = self.0.settings.time_zone.as_deref().is_none_or(|zone| zone == "UTC");
        let local = self.0.next_runs_local.iter().map(move |local| Some(local).filter(|_| !is_utc));
        self.next().zip(local.chain(std::iter::repeat(None))).map(|(next, local)| match local {
            Some(local) => format!("{next}  {}", plain(local)),
            None => next,
        })
    }

    fn next(&self) -> impl Iterator<Item = String> {
        self.0.next_runs.iter().filter_map(|at| shown(Some(*at)))
    }

    /// `0 3 * * * in Europe/Berlin`, `every 30 s`.
    fn when(&self) -> Option<String> {
        let settings = &self.0.settings;
        let zone = settings.time_zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
        let cron = settings.cron.as_ref().map(|cron| plain(&format!("{cron}{zone}")));
        cron.or_else(|| settings.every_seconds.map(|seconds| format!("every {seconds} s")))
    }

    fn target(&self) -> Option<String> {
        Some(target(self.0.task.as_ref()?.target.as_ref()?))
    }

    fn paused(&self) -> &'static str {
        if self.0.settings.paused { "yes" } else { "no" }
    }
}

impl Page {
    /// The page that an answer holds.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        answer.read("the answer holds no schedules: is this URL a taskway api's?")
    }
}

/// `2026-11-23T08:00:00.000Z, task tZg2…`.
fn last_run(run: &ScheduledRun) -> String {
    let task = run.task_id.as_ref().map(|id| format!(", task {id}")).unwrap_or_default();
    plain(&format!("{}{task}", instant::text(run.at.0)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
