//! The rules for each write of a schedule's record.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use taskway_cloud::dynamo::layout::{SCHEDULE_AGENDA, attr};
use taskway_protocol::{Fence, Task, TaskId, Time};

use super::{Kind, LifeKey, Witness, Writer, life, timetable::Timetable};
use crate::{coverage::Scheduled, table::Write};

/// The schedules, as the witness knows them.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    /// The current records, by name.
    now: BTreeMap<String, Record>,
    /// The versions of the tombstones that deletions left, by name.
    tombstones: BTreeMap<String, u64>,
    /// All definitions that ever were, by name and revision.
    pub(super) revisions: BTreeMap<RevisionKey, Revision>,
    /// Names of schedules that a request asked to put or delete.
    asked: BTreeSet<String>,
    /// The revision of each firing.
    pub(super) firings: BTreeMap<LifeKey, RevisionKey>,
    /// The schedule that a part of a task names, by the task's partition.
    pub(super) parts: BTreeMap<String, String>,
    pub(super) counts: Scheduled,
}

/// A schedule's name and its revision.
pub(super) type RevisionKey = (String, u64);

/// A schedule's record.
#[derive(Clone, Debug)]
struct Record {
    version: u64,
    revision: u64,
    definition: String,
    phase: Phase,
    /// Times that this revision does not fire, because an earlier one has started them.
    started: Vec<Time>,
    in_agenda: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The next time, which has not fired.
    Active(Time),
    Idle,
    /// A change, pause or deletion is under way since this time.
    Withdrawing(Time, Then),
}

/// What follows a withdrawal. Of two requests, the one that comes later in this list wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Then {
    Change,
    Pause,
    Remove,
}

/// The firings of a revision that may be withdrawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    Nothing,
    /// Those that were due after this time.
    After(Time),
    All,
}

impl Taken {
    pub(super) fn takes(self, at: Time) -> bool {
        match self {
            Taken::Nothing => false,
            Taken::After(since) => at > since,
            Taken::All => true,
        }
    }
}

/// A schedule from one change to the next.
#[derive(Debug)]
pub(super) struct Revision {
    pub(super) times: Option<Timetable>,
    /// Its first time, or `None` if it never fires.
    pub(super) first: Option<Time>,
    paused: bool,
    pub(super) skips: bool,
    pub(super) misfire: String,
    pub(super) jitter_ms: u64,
    /// The submission number in its payload.
    pub(super) submission: Option<u32>,
    /// The firings that are being withdrawn.
    pub(super) taken: Taken,
    /// Whether it was replaced or deleted. It creates no more firings then.
    pub(super) over: bool,
    /// The firings that were withdrawn. They must not start any more.
    pub(super) gone: Taken,
    /// Its number among the revisions of all schedules.
    number: usize,
    /// The number of its schedule's first revision. A schedule that is deleted and put again gets a new one.
    life: usize,
    /// Times that it does not fire, because they had started under an earlier revision.
    pub(super) started: Vec<Time>,
    /// Whether more of its firings waited at once than a change withdraws.
    pub(super) many: bool,
    /// The tasks of its times, including barred times.
    pub(super) made: BTreeMap<Time, TaskId>,
}

impl Record {
    fn of(item: &Value) -> Option<Self> {
        let number = |name: &str| item[name]["N"].as_str()?.parse().ok();
        let time = |text: &str| text.parse().ok().map(Time::from_millis);
        let words: Vec<&str> = item[attr::PHASE]["S"].as_str()?.split('/').collect();
        let phase = match words.as_slice() {
            ["active", next] => Phase::Active(time(next)?),
            ["idle"] => Phase::Idle,
            ["withdrawing", since, "change", _] => Phase::Withdrawing(time(since)?, Then::Change),
            ["withdrawing", since, "pause", _] => Phase::Withdrawing(time(since)?, Then::Pause),
            ["withdrawing", since, "remove", _] => Phase::Withdrawing(time(since)?, Then::Remove),
            _ => return None,
        };
        let in_agenda =
            item[attr::AGENDA]["S"].as_str() == Some(SCHEDULE_AGENDA) && item[attr::AGENDA_AT]["S"].is_string();
        let mut definition: Value = serde_json::from_str(item[attr::DEFINITION]["S"].as_str()?).ok()?;
        definition["template"] = item[attr::TEMPLATE].clone();
        definition["body"] = item[attr::TEXT]["S"].clone();
        let definition = definition.to_string();
        let started = item[attr::STARTED]["S"].as_str().unwrap_or_default();
        let started = started.split('/').filter(|text| !text.is_empty()).map(time).collect::<Option<_>>()?;
        Some(Record {
            version: number(attr::SCHEDULE_VERSION)?,
            revision: number(attr::REVISION)?,
            definition,
            phase,
            started,
            in_agenda,
        })
    }
}

impl Revision {
    fn of(record: &Record, number: usize, life: usize) -> Self {
        let definition: Value = serde_json::from_str(&record.definition).unwrap_or_default();
        let body: Value = serde_json::from_str(definition["body"].as_str().unwrap_or_default()).unwrap_or_default();
        Revision {
            times: Timetable::of(&definition),
            first: match record.phase {
                Phase::Active(next) => Some(next),
                Phase::Idle | Phase::Withdrawing(..) => None,
            },
            paused: definition["paused"] == true,
            skips: definition["overlap"] == "skip",
            misfire: definition["misfire"].as_str().unwrap_or_default().to_owned(),
            jitter_ms: definition["jitter"].as_u64().unwrap_or_default() * 1000,
            submission: body["p"]["submission"].as_u64().and_then(|number| number.try_into().ok()),
            taken: Taken::Nothing,
            over: false,
            gone: Taken::Nothing,
            number,
            life,
            started: record.started.clone(),
            many: false,
            made: BTreeMap::new(),
        }
    }
}

/// Whether a schedule resumes with its old definition, paused if a pause was under way.
fn is_resumed(before: &Record, after: &Record, then: Then) -> bool {
    let read = |record: &Record| serde_json::from_str::<Value>(&record.definition).unwrap_or_default();
    let (mut before, after) = (read(before), read(after));
    if then == Then::Pause {
        before["paused"] = true.into();
    }
    before == after && then != Then::Remove
}

impl Witness {
    /// A request asks to put or delete a schedule. Returns the current revision, if the schedule exists.
    pub fn asked_of_schedule(&mut self, name: &str) -> Option<u64> {
        self.schedules.asked.insert(name.to_owned());
        self.schedules.now.get(name).map(|record| record.revision)
    }

    /// A 204 answer says that a schedule is deleted. It had this revision when the request began.
    pub fn told_deleted(&mut self, name: &str, revision: Option<u64>) {
        if let Some(revision) = revision {
            self.is_over(&(name.to_owned(), revision));
        }
    }

    /// The names of the schedules that exist.
    pub fn schedules(&self) -> Vec<String> {
        self.schedules.now.keys().cloned().collect()
    }

    /// What happened to schedules.
    pub fn scheduled(&self) -> Scheduled {
        self.schedules.counts
    }

    pub(super) fn schedule_wrote(&mut self, name: &str, write: &Write, writer: Writer) -> Option<String> {
        let before = self.schedules.now.remove(name);
        let tombstone = self.schedules.tombstones.remove(name);
        let Some(item) = &write.after else {
            self.must(before.is_none() && writer.kind == Kind::World, || format!("schedule {name} left no tombstone"));
            return None;
        };
        if item[attr::TTL]["N"].is_string() {
            let version = item[attr::SCHEDULE_VERSION]["N"].as_str().and_then(|digits| digits.parse().ok());
            let follows = version.is_some() && version == before.as_ref().map(|before| before.version + 1);
            self.must(follows, || format!("a tombstone over another version: {name}: {before:?}, {version:?}"));
            self.deleted(name, &before?, writer);
            self.schedules.tombstones.insert(name.to_owned(), version?);
            return Some(format!("schedule {name} is deleted"));
        }
        let Some(after) = Record::of(item) else {
            self.break_rule(format!("a schedule's record cannot be read: {item}"));
            return None;
        };
        let said = format!("schedule {name}, revision {:04x}, is {:?}", after.revision & 0xffff, after.phase);
        self.schedule_in_agenda(name, &after);
        match &before {
            Some(before) => self.moved(name, before, &after, writer),
            None => self.put(name, &after, tombstone, writer),
        }
        self.schedules.now.insert(name.to_owned(), after);
        Some(said)
    }

    fn schedule_in_agenda(&mut self, name: &str, record: &Record) {
        let should = match record.phase {
            Phase::Active(_) | Phase::Withdrawing(..) => true,
            Phase::Idle => false,
        };
        self.must(record.in_agenda == should, || {
            format!("a schedule is in the agenda or not, against its phase: {name}: {record:?}")
        });
    }

    /// Checks the first record of a schedule: only a submit function that was asked for it may write it.
    fn put(&mut self, name: &str, after: &Record, tombstone: Option<u64>, writer: Writer) {
        let what = || format!("{name}: {after:?} by {writer:?}");
        let first = tombstone.map_or(1, |version| version + 1);
        self.must(after.version == first, || format!("a new schedule does not have version {first}: {}", what()));
        let asked = writer.kind == Kind::Submit && self.schedules.asked.contains(name);
        self.must(asked, || format!("nobody asked for a schedule: {}", what()));
        self.begins_revision(name, after, self.schedules.revisions.len(), writer);
    }

    fn begins_revision(&mut self, name: &str, after: &Record, life: usize, writer: Writer) {
        let what = || format!("{name}: {after:?} by {writer:?}");
        let revision = Revision::of(after, self.schedules.revisions.len(), life);
        let first = revision.first;
        let fits = first.is_none_or(|at| revision.times.as_ref().is_some_and(|times| times.has(at)));
        self.must(fits, || format!("a schedule begins at a time that it does not have: {}", what()));
        let before = self.schedules.revisions.insert((name.to_owned(), after.revision), revision);
        self.must(before.is_none(), || format!("a revision of a schedule is written again: {}", what()));
        self.schedules.counts.put += u64::from(writer.kind == Kind::Submit);
    }

    fn moved(&mut self, name: &str, before: &Record, after: &Record, writer: Writer) {
        let what = || format!("{name}: from {before:?}\nto {after:?}\nby {writer:?}");
        self.must(after.version == before.version + 1, || format!("a write over another version: {}", what()));
        let may = matches!(writer.kind, Kind::Submit | Kind::Scheduler);
        self.must(may, || format!("a process that is neither submit nor scheduler wrote a schedule: {}", what()));
        let asked = writer.kind == Kind::Submit && self.schedules.asked.contains(name);
        let of = (name.to_owned(), before.revision);
        if before.revision != after.revision {
            let Phase::Withdrawing(since, then) = before.phase else {
                return self
                    .break_rule(format!("a schedule was changed before its firings were withdrawn: {}", what()));
            };
            let undone = writer.kind == Kind::Scheduler;
            let may = if undone { is_resumed(before, after, then) } else { asked };
            self.must(may, || format!("nobody asked for a change of a schedule: {}", what()));
            self.schedules.counts.undone += u64::from(undone);
            self.is_over(&of);
            let life = self.schedules.revisions.get(&of).map_or(0, |revision| revision.life);
            self.begins_revision(name, after, life, writer);
            self.follows(name, after, since);
            self.have_started(name, after);
            return;
        }
        self.must(before.definition == after.definition, || {
            format!("a definition changed without a new revision: {}", what())
        });
        match (before.phase, after.phase) {
            (Phase::Active(from), Phase::Active(to)) => self.passed(&of, from, Some(to), writer),
            (Phase::Active(from), Phase::Idle) => self.passed(&of, from, None, writer),
            (before, Phase::Withdrawing(since, then)) => {
                self.must(asked, || format!("nobody asked to change or delete a schedule: {}", what()));
                let goes_on = match before {
                    // A repeated deletion begins again, so `since` may differ.
                    Phase::Withdrawing(_, Then::Remove) => then == Then::Remove,
                    Phase::Withdrawing(begun, before) => then >= before && (since == begun || then == Then::Remove),
                    Phase::Active(next) => next > since || then != Then::Change,
                    Phase::Idle => true,
                };
                self.must(goes_on, || format!("a withdrawal does not continue the one that was begun: {}", what()));
                self.takes(&of, since, then);
            }
            (Phase::Idle | Phase::Withdrawing(..), Phase::Active(_) | Phase::Idle) => {
                self.break_rule(format!("a schedule goes on without a new revision: {}", what()));
            }
        }
    }

    fn deleted(&mut self, name: &str, before: &Record, writer: Writer) {
        let what = || format!("{name}: {before:?} by {writer:?}");
        let asked = matches!(before.phase, Phase::Withdrawing(_, Then::Remove));
        self.must(asked, || format!("nobody asked to delete a schedule: {}", what()));
        self.schedules.counts.deleted += 1;
        self.is_over(&(name.to_owned(), before.revision));
    }

    /// A withdrawal begins. A change withdraws the firings of this revision that were not due; a pause and a deletion
    /// withdraw the firings of all revisions.
    fn takes(&mut self, of: &RevisionKey, since: Time, then: Then) {
        if then == Then::Change {
            if let Some(revision) = self.schedules.revisions.get_mut(of) {
                revision.taken = Taken::After(since);
            }
            return;
        }
        for revision in self.revisions_of_name(of) {
            if let Some(revision) = self.schedules.revisions.get_mut(&revision) {
                revision.taken = Taken::All;
            }
        }
    }

    /// All revisions of a schedule.
    fn revisions_of_name(&self, (name, _): &RevisionKey) -> Vec<RevisionKey> {
        let all = (name.clone(), u64::MIN)..=(name.clone(), u64::MAX);
        self.schedules.revisions.range(all).map(|(of, _)| of.clone()).collect()
    }

    /// Checks that the times that a revision does not fire have started under an earlier revision.
    fn have_started(&mut self, name: &str, after: &Record) {
        for at in &after.started {
            let started = self.before(&(name.to_owned(), after.revision), *at).any(|task| task.fence > Fence::NONE);
            self.must(started, || {
                format!("a schedule leaves out a time that has not started: {name}, {at:?}: {after:?}")
            });
        }
    }

    /// The tasks for this time that earlier revisions of the schedule created.
    pub(super) fn before(&self, of: &RevisionKey, at: Time) -> impl Iterator<Item = &Task> {
        let own = self.schedules.revisions.get(of).map(|revision| (revision.number, revision.life));
        let others = self.schedules.revisions.iter().filter(move |((name, _), revision)| {
            *name == of.0 && own.is_some_and(|(number, life)| revision.number < number && revision.life == life)
        });
        let ids = others.filter_map(move |(_, revision)| revision.made.get(&at));
        ids.filter_map(|id| self.records.get(&id.key).filter(|task| task.id == *id))
    }

    /// Checks that a revision begins where the previous one stopped, so that each time belongs to one of them.
    fn follows(&mut self, name: &str, after: &Record, since: Time) {
        let Some(revision) = self.schedules.revisions.get(&(name.to_owned(), after.revision)) else { return };
        let expected = revision.times.as_ref().filter(|_| !revision.paused).and_then(|times| times.first_after(since));
        // The witness does not know the first time of a schedule that begins hours later.
        let fits = expected.is_none() || revision.first == expected;
        let first = revision.first;
        self.must(fits, || {
            format!("a changed schedule begins at a wrong time: {first:?}, not {expected:?}: {name}, {after:?}")
        });
    }

    /// A revision was replaced or deleted: each firing that was to be withdrawn, of it and of earlier revisions, has
    /// started or was cancelled.
    fn is_over(&mut self, of: &RevisionKey) {
        let Some(revision) = self.schedules.revisions.get_mut(of) else { return };
        revision.over = true;
        let last = revision.number;
        for of in self.revisions_of_name(of) {
            let Some(revision) = self.schedules.revisions.get_mut(&of).filter(|revision| revision.number <= last)
            else {
                continue;
            };
            revision.gone = revision.taken;
            let (many, gone) = (revision.many, revision.gone);
            let made = revision.made.iter().filter(|(at, _)| !many && gone.takes(**at)).map(|(_, id)| *id);
            for id in made.collect::<Vec<TaskId>>() {
                if self.waits_unstarted(id) && !self.lives.get(&life(id)).is_some_and(|life| life.asked.retry) {
                    let name = self.name(id);
                    self.break_rule(format!("a firing still waits after its withdrawal: {name}: {id} of {of:?}"));
                }
            }
        }
    }
}
