//! A schedule as the API answers it, read for people. Only `name` must be there: answers may grow and lists leave
//! things out.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    client::Answer,
    failure::Failure,
    output::{Cell, clipped, plain},
    task::Target,
};

/// What people are shown of a schedule. Times stay text, as the API wrote them.
#[derive(Debug, Deserialize)]
pub(crate) struct Schedule {
    name: String,
    cron: Option<String>,
    every_seconds: Option<u64>,
    time_zone: Option<String>,
    task: Option<Template>,
    overlap: Option<String>,
    misfire: Option<String>,
    start_at: Option<String>,
    end_at: Option<String>,
    jitter_seconds: Option<u64>,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    next_runs: Vec<String>,
    last_run: Option<Run>,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) schedules: Vec<Schedule>,
    /// Where the next one begins; a page may be empty while there is one.
    pub(crate) next_cursor: Option<String>,
}

/// What each firing submits.
#[derive(Debug, Deserialize)]
struct Template {
    target: Option<Target>,
    queue: Option<String>,
    payload: Option<Box<RawValue>>,
}

/// A firing.
#[derive(Debug, Deserialize)]
struct Run {
    at: String,
    task_id: Option<String>,
}

/// How many of the times to come are shown; --json has the others.
const NEXT_RUNS: usize = 5;
/// A value is cut in a row past so many characters: a URL may have thousands.
const CELL_MAX: usize = 40;

impl Schedule {
    /// The schedule that an answer holds.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        read(&answer.body, "the answer holds no schedule: is this URL a taskway api's?")
    }

    /// `nightly next run 2026-11-24T02:00:00.000Z`.
    pub(crate) fn line(&self) -> String {
        let name = plain(&self.name);
        match (self.paused, self.next_runs.first()) {
            (true, _) => format!("{name} paused"),
            (false, Some(next)) => format!("{name} next run {}", plain(next)),
            (false, None) => format!("{name} has no next run"),
        }
    }

    /// The names of a list's columns.
    pub(crate) const COLUMNS: [&str; 5] = ["NAME", "WHEN", "TARGET", "NEXT RUN", "PAUSED"];

    /// The schedule as a row of a list.
    pub(crate) fn row(&self) -> [Cell; 5] {
        let next = self.next_runs.first().map_or("-", String::as_str);
        let (when, target) = (self.when().unwrap_or_default(), self.target().unwrap_or_default());
        let [when, target] = [when, target].map(|text| Cell::of(&cut(&text)));
        [Cell::of(&self.name), when, target, Cell::of(next), Cell::of(self.paused())]
    }

    /// Everything, as keys and values in the order of reading.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.as_deref().map(plain);
        let task = self.task.as_ref();
        let payload = task.and_then(|task| task.payload.as_ref());
        let next: Vec<String> = self.next_runs.iter().take(NEXT_RUNS).map(|time| plain(time)).collect();
        let rows = [
            ("name", Some(plain(&self.name))),
            ("when", self.when()),
            ("target", self.target()),
            ("queue", task.and_then(|task| text(&task.queue))),
            ("payload", payload.map(|payload| clipped(payload.get()))),
            ("overlap", text(&self.overlap)),
            ("misfire", text(&self.misfire)),
            ("start", text(&self.start_at)),
            ("end", text(&self.end_at)),
            ("jitter", self.jitter_seconds.filter(|seconds| *seconds > 0).map(|seconds| format!("{seconds} s"))),
            ("paused", Some(self.paused().to_owned())),
            ("next runs", (!next.is_empty()).then(|| next.join("\n"))),
            ("last run", self.last_run.as_ref().map(Run::shown)),
        ];
        rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// `0 3 * * * in Europe/Berlin`, `every 30 s`.
    fn when(&self) -> Option<String> {
        let zone = self.time_zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
        let cron = self.cron.as_ref().map(|cron| plain(&format!("{cron}{zone}")));
        cron.or_else(|| self.every_seconds.map(|seconds| format!("every {seconds} s")))
    }

    fn target(&self) -> Option<String> {
        self.task.as_ref()?.target.as_ref()?.shown()
    }

    fn paused(&self) -> &'static str {
        if self.paused { "yes" } else { "no" }
    }
}

impl Page {
    /// The page that an answer holds.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        read(&answer.body, "the answer holds no schedules: is this URL a taskway api's?")
    }
}

impl Run {
    /// `2026-11-23T08:00:00.000Z, task tZg2…`.
    fn shown(&self) -> String {
        let task = self.task_id.as_ref().map(|id| format!(", task {id}")).unwrap_or_default();
        plain(&format!("{}{task}", self.at))
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a str, context: &'static str) -> Result<T, Failure> {
    serde_json::from_str(body).map_err(|error| Failure::Other(anyhow::Error::new(error).context(context)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
