//! The rule for executors that know different handlers: a task does not fail as unknown while a program that runs knows its
//! handler, nor before it has waited.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use taskway_cloud::dynamo::layout::{PROGRAMS_PARTITION, attr};
use taskway_protocol::{ErrorKind, PROGRAM_COUNTS, SKEW, Task, Time, UNKNOWN_HANDLER_WAIT};

use super::Witness;
use crate::table::Write;

/// What a process has read of programs may be so old when the task fails: it keeps that for 5 s, and may be held up or wait for
/// the table as long as it trusts its lease.
const DECIDES_WITHIN: Duration = Duration::from_secs(85);

/// What executors have announced.
#[derive(Debug, Default)]
pub(super) struct Programs {
    several: bool,
    /// The announcements of each handler: the true time of the write, and the time that it says.
    announced: BTreeMap<String, BTreeSet<(Time, Time)>>,
}

impl Witness {
    /// Executors know different handlers.
    pub fn has_several_programs(&mut self) {
        self.programs.several = true;
    }

    pub(super) fn are_several_programs(&self) -> bool {
        self.programs.several
    }

    /// An executor has announced its handlers. Returns the description of the write for the story.
    pub(crate) fn announced(&mut self, write: &Write, now: Time) -> Option<String> {
        if write.key.0 != PROGRAMS_PARTITION {
            return None;
        }
        let item = write.after.as_ref()?;
        let said = item[attr::LAST_SEEN]["N"].as_str().and_then(|digits| digits.parse().ok()).map(Time::from_millis);
        let names = item[attr::HANDLERS]["L"].as_array().into_iter().flatten();
        let names: Vec<String> = names.filter_map(|name| name["S"].as_str().map(str::to_owned)).collect();
        self.must(said.is_some() && !names.is_empty(), || format!("an announcement says nothing: {item}"));
        for name in &names {
            self.programs.announced.entry(name.clone()).or_default().insert((now, said.unwrap_or_default()));
        }
        Some(format!("a program announces {}", names.join(", ")))
    }

    /// Whether this task may have failed because no program knows its handler.
    pub(super) fn may_be_unknown(&self, task: &Task) -> bool {
        let Some(error) = task.error.as_ref().filter(|error| error.kind == ErrorKind::UnknownHandler) else {
            return false;
        };
        let Some(handler) = task.spec.route.handler() else { return false };
        // By wild clocks nobody knows what is young.
        if self.wild {
            return self.programs.several;
        }
        let waited = task.id.born.after(UNKNOWN_HANDLER_WAIT).before(2 * SKEW) <= error.at;
        // The process may have decided a while before, and by what it had read before that.
        let was_there = |(wrote, said): &(Time, Time)| {
            let read = wrote.after(DECIDES_WITHIN) < error.at;
            read && error.at < said.after(PROGRAM_COUNTS).before(2 * SKEW)
        };
        let known = self.programs.announced.get(handler).into_iter().flatten().any(was_there);
        self.programs.several && waited && !known
    }
}
