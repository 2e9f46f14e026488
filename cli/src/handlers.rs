//! Which handlers the programs of a stack have, as the API answers it, read for people.

use std::collections::BTreeMap;

use taskway_api::{Instant, Program, Stats, instant};

use crate::{client::Answer, failure::Failure, output::Cell};

/// The names of the columns.
pub(crate) const COLUMNS: [&str; 4] = ["HANDLER", "RUNNING", "LAST SEEN", "FIRST SEEN"];

/// What the programs that have a handler tell of it.
pub(crate) struct Handler {
    name: Box<str>,
    running: bool,
    last_seen: Instant,
    first_seen: Instant,
}

/// The handlers in an answer, by name. Several programs may have one.
pub(crate) fn of(answer: &Answer) -> Result<Vec<Handler>, Failure> {
    let stats: Stats = answer.read("the answer holds no programs: is this URL a taskway api's?")?;
    Ok(by_name(stats.programs))
}

fn by_name(programs: Vec<Program>) -> Vec<Handler> {
    let mut handlers: BTreeMap<Box<str>, Handler> = BTreeMap::new();
    for Program { handlers: names, running, first_seen_at: first_seen, last_seen_at: last_seen } in programs {
        for name in names {
            let fresh = || Handler { name: name.clone(), running, last_seen, first_seen };
            let known = handlers.entry(name.clone()).or_insert_with(fresh);
            known.running |= running;
            known.last_seen = known.last_seen.max(last_seen);
            known.first_seen = known.first_seen.min(first_seen);
        }
    }
    handlers.into_values().collect()
}

/// A handler as a row.
pub(crate) fn row(handler: &Handler) -> [Cell; 4] {
    let running = if handler.running { "yes" } else { "no" };
    [
        Cell::of(&handler.name),
        Cell::of(running),
        Cell::of(&instant::text(handler.last_seen.0)),
        Cell::of(&instant::text(handler.first_seen.0)),
    ]
}
