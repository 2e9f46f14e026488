//! What may become of a schedule's record in one write.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use taskway_protocol::{Fence, Task, TaskId, Time};

use super::{Kind, LifeKey, Witness, Writer, life, timetable::Timetable};
use crate::{coverage::Scheduled, table::Write};

/// What the witness knows of schedules.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    /// As they stand.
    now: BTreeMap<String, Record>,
    /// All that they ever were, by name and revision.
    pub(super) revisions: BTreeMap<RevisionKey, Revision>,
    /// Those that somebody has asked to change or to delete.
    asked: BTreeSet<String>,
    /// Which revision has made a task.
    pub(super) firings: BTreeMap<LifeKey, RevisionKey>,
    /// Parts that name a schedule, by their partition.
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
    /// Times that it does not fire.
    started: Vec<Time>,
    in_agenda: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The first time that is not fired.
    Active(Time),
    Idle,
    /// A change is under way, a pause or a deletion: since then.
    Withdrawing(Time, Then),
}

/// What follows a withdrawal; of two that are asked for, the latter of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Then {
    Change,
    Pause,
    Remove,
}

/// Which of a revision's firings may be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    Nothing,
    /// Those that were not due by then.
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

/// A schedule as it was from one change to the next.
#[derive(Debug)]
pub(super) struct Revision {
    pub(super) times: Option<Timetable>,
    /// Its first time; none of one that never fires.
    pub(super) first: Option<Time>,
    paused: bool,
    pub(super) skips: bool,
    pub(super) misfire: String,
    pub(super) jitter_ms: u64,
    /// What the payload says.
    pub(super) submission: Option<u32>,
    /// Which of its firings are being taken back.
    pub(super) taken: Taken,
    /// It is over: nothing of it is made any more.
    pub(super) over: bool,
    /// Which of its firings have been taken back: those do not start any more.
    pub(super) gone: Taken,
    /// How many there were before, of all schedules.
    number: usize,
    /// The first that its schedule was, which may have been deleted and put again.
    life: usize,
    /// Times that it does not fire, because they had started by what it was before.
    pub(super) started: Vec<Time>,
    /// More of its firings waited at once than are taken back.
    pub(super) many: bool,
    /// The tasks of its times, also those that are there so that none comes.
    pub(super) made: BTreeMap<Time, TaskId>,
}

impl Record {
    fn of(item: &Value) -> Option<Self> {
        let number = |name: &str| item[name]["N"].as_str()?.parse().ok();
        let time = |text: &str| text.parse().ok().map(Time::from_millis);
        let words: Vec<&str> = item["ph"]["S"].as_str()?.split('/').collect();
        let phase = match words.as_slice() {
            ["active", next] => Phase::Active(time(next)?),
            ["idle"] => Phase::Idle,
            ["withdrawing", since, "change", _] => Phase::Withdrawing(time(since)?, Then::Change),
            ["withdrawing", since, "pause", _] => Phase::Withdrawing(time(since)?, Then::Pause),
            ["withdrawing", since, "remove", _] => Phase::Withdrawing(time(since)?, Then::Remove),
            _ => return None,
        };
        let in_agenda = item["ap"]["S"].as_str() == Some("agenda#cron") && item["as"]["S"].is_string();
        let mut definition: Value = serde_json::from_str(item["def"]["S"].as_str()?).ok()?;
        definition["template"] = item["tpl"].clone();
        definition["body"] = item["text"]["S"].clone();
        let definition = definition.to_string();
        let started = item["ran"]["S"].as_str().unwrap_or_default();
        let started = started.split('/').filter(|text| !text.is_empty()).map(time).collect::<Option<_>>()?;
        Some(Record { version: number("ver")?, revision: number("rev")?, definition, phase, started, in_agenda })
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

/// Whether a schedule goes on as it was, or paused if that was under way.
fn is_resumed(before: &Record, after: &Record, then: Then) -> bool {
    let read = |record: &Record| serde_json::from_str::<Value>(&record.definition).unwrap_or_default();
    let (mut before, after) = (read(before), read(after));
    if then == Then::Pause {
        before["paused"] = true.into();
    }
    before == after && then != Then::Remove
}

impl Witness {
    /// Somebody asks to change or to delete a schedule. Its revision, if there is one of that name.
    pub fn asked_of_schedule(&mut self, name: &str) -> Option<u64> {
        self.schedules.asked.insert(name.to_owned());
        self.schedules.now.get(name).map(|record| record.revision)
    }

    /// Somebody was told that a schedule is deleted, which had this revision when they asked.
    pub fn told_deleted(&mut self, name: &str, revision: Option<u64>) {
        if let Some(revision) = revision {
            self.is_over(&(name.to_owned(), revision));
        }
    }

    /// The schedules that there are.
    pub fn schedules(&self) -> Vec<String> {
        self.schedules.now.keys().cloned().collect()
    }

    /// What came of schedules.
    pub fn scheduled(&self) -> Scheduled {
        self.schedules.counts
    }

    pub(super) fn schedule_wrote(&mut self, name: &str, write: &Write, writer: Writer) -> Option<String> {
        let before = self.schedules.now.remove(name);
        let Some(item) = &write.after else {
            let before = before?;
            self.deleted(name, &before, writer);
            return Some(format!("schedule {name} is deleted"));
        };
        let Some(after) = Record::of(item) else {
            self.break_rule(format!("a schedule was written that cannot be read: {item}"));
            return None;
        };
        let said = format!("schedule {name}, revision {:04x}, is {:?}", after.revision & 0xffff, after.phase);
        self.schedule_in_agenda(name, &after);
        match &before {
            Some(before) => self.moved(name, before, &after, writer),
            None => self.put(name, &after, writer),
        }
        self.schedules.now.insert(name.to_owned(), after);
        Some(said)
    }

    fn schedule_in_agenda(&mut self, name: &str, record: &Record) {
        let should = match record.phase {
            Phase::Active(_) | Phase::Withdrawing(..) => true,
            Phase::Idle => false,
        };
        self.must(record.in_agenda == should, || format!("schedule {name} is not where ticks look: {record:?}"));
    }

    /// A schedule begins, by nobody but who was asked for it.
    fn put(&mut self, name: &str, after: &Record, writer: Writer) {
        let what = || format!("{name}: {after:?} by {writer:?}");
        self.must(after.version == 1, || format!("a schedule does not begin afresh: {}", what()));
        let asked = writer.kind == Kind::Submit && self.schedules.asked.contains(name);
        self.must(asked, || format!("nobody asked for a schedule: {}", what()));
        self.begins_revision(name, after, self.schedules.revisions.len(), writer);
    }

    fn begins_revision(&mut self, name: &str, after: &Record, life: usize, writer: Writer) {
        let what = || format!("{name}: {after:?} by {writer:?}");
        let revision = Revision::of(after, self.schedules.revisions.len(), life);
        let first = revision.first;
        let fits = first.is_none_or(|at| revision.times.as_ref().is_some_and(|times| times.has(at)));
        self.must(fits, || format!("a schedule begins at another time than its own: {}", what()));
        let before = self.schedules.revisions.insert((name.to_owned(), after.revision), revision);
        self.must(before.is_none(), || format!("a schedule is back: {}", what()));
        self.schedules.counts.put += u64::from(writer.kind == Kind::Submit);
    }

    fn moved(&mut self, name: &str, before: &Record, after: &Record, writer: Writer) {
        let what = || format!("{name}: from {before:?}\nto {after:?}\nby {writer:?}");
        self.must(after.version == before.version + 1, || format!("a write over another version: {}", what()));
        let may = matches!(writer.kind, Kind::Submit | Kind::Scheduler);
        self.must(may, || format!("a schedule was written by neither submit nor scheduler: {}", what()));
        let asked = writer.kind == Kind::Submit && self.schedules.asked.contains(name);
        let of = (name.to_owned(), before.revision);
        if before.revision != after.revision {
            let Phase::Withdrawing(since, then) = before.phase else {
                return self.break_rule(format!("changed before its firings were withdrawn: {}", what()));
            };
            let undone = writer.kind == Kind::Scheduler;
            let may = if undone { is_resumed(before, after, then) } else { asked };
            self.must(may, || format!("nobody asked for that change: {}", what()));
            self.schedules.counts.undone += u64::from(undone);
            self.is_over(&of);
            let life = self.schedules.revisions.get(&of).map_or(0, |revision| revision.life);
            self.begins_revision(name, after, life, writer);
            self.follows(name, after, since);
            self.have_started(name, after);
            return;
        }
        self.must(before.definition == after.definition, || format!("changed under one revision: {}", what()));
        match (before.phase, after.phase) {
            (Phase::Active(from), Phase::Active(to)) => self.passed(&of, from, Some(to), writer),
            (Phase::Active(from), Phase::Idle) => self.passed(&of, from, None, writer),
            (before, Phase::Withdrawing(since, then)) => {
                self.must(asked, || format!("nobody asked to withdraw: {}", what()));
                let goes_on = match before {
                    // It begins anew then.
                    Phase::Withdrawing(_, Then::Remove) => then == Then::Remove,
                    Phase::Withdrawing(begun, before) => then >= before && (since == begun || then == Then::Remove),
                    Phase::Active(next) => next > since || then != Then::Change,
                    Phase::Idle => true,
                };
                self.must(goes_on, || format!("withdrawn otherwise than it was begun: {}", what()));
                self.takes(&of, since, then);
            }
            (Phase::Idle | Phase::Withdrawing(..), Phase::Active(_) | Phase::Idle) => {
                self.break_rule(format!("it goes on under the same revision: {}", what()));
            }
        }
    }

    fn deleted(&mut self, name: &str, before: &Record, writer: Writer) {
        let what = || format!("{name}: {before:?} by {writer:?}");
        let asked = matches!(before.phase, Phase::Withdrawing(_, Then::Remove));
        self.must(asked, || format!("deleted though nobody asked: {}", what()));
        self.schedules.counts.deleted += 1;
        self.is_over(&(name.to_owned(), before.revision));
    }

    /// Firings of it are to be taken back: of a pause and a deletion all that the schedule ever made.
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

    /// All that a schedule ever was.
    fn revisions_of_name(&self, (name, _): &RevisionKey) -> Vec<RevisionKey> {
        let all = (name.clone(), u64::MIN)..=(name.clone(), u64::MAX);
        self.schedules.revisions.range(all).map(|(of, _)| of.clone()).collect()
    }

    /// What a schedule leaves out has started by what it was before.
    fn have_started(&mut self, name: &str, after: &Record) {
        for at in &after.started {
            let started = self.before(&(name.to_owned(), after.revision), *at).any(|task| task.fence > Fence::NONE);
            self.must(started, || format!("schedule {name} leaves {at:?} out, which nobody has started: {after:?}"));
        }
    }

    /// The tasks of that time that there are by what a schedule was before.
    pub(super) fn before(&self, of: &RevisionKey, at: Time) -> impl Iterator<Item = &Task> {
        let own = self.schedules.revisions.get(of).map(|revision| (revision.number, revision.life));
        let others = self.schedules.revisions.iter().filter(move |((name, _), revision)| {
            *name == of.0 && own.is_some_and(|(number, life)| revision.number < number && revision.life == life)
        });
        let ids = others.filter_map(move |(_, revision)| revision.made.get(&at));
        ids.filter_map(|id| self.records.get(&id.key).filter(|task| task.id == *id))
    }

    /// Another definition begins where the one before stopped: each time is of one of them.
    fn follows(&mut self, name: &str, after: &Record, since: Time) {
        let Some(revision) = self.schedules.revisions.get(&(name.to_owned(), after.revision)) else { return };
        let expected = revision.times.as_ref().filter(|_| !revision.paused).and_then(|times| times.first_after(since));
        // Of one that begins in hours the witness does not know it.
        let fits = expected.is_none() || revision.first == expected;
        let first = revision.first;
        self.must(fits, || format!("a change begins at {first:?}, not {expected:?}: {name}, {after:?}"));
    }

    /// A schedule is not what it was any more: what was to be taken back of it, and of what it was before, has started or
    /// never will.
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
                    self.break_rule(format!(
                        "{name} still waits, and its schedule is not what made it: {id} of {of:?}"
                    ));
                }
            }
        }
    }
}
