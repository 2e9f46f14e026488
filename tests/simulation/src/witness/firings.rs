//! What schedules make: each time one task, when it is to be, and none of what was taken back.

use std::time::Duration;

use serde_json::Value;
use taskway_protocol::{Digest, End, Fence, Generation, State, Stored, Task, TaskId, TaskKey, Time};

use super::{Kind, Witness, Writer, life, schedules::RevisionKey};
use crate::table::Write;

/// Firings are made so long ahead at most.
const AHEAD: Duration = Duration::from_secs(75);

/// What passed so long ago at most is not missed.
const GRACE: Duration = Duration::from_secs(60);

/// So many firings are caught up with.
const CAUGHT_UP: usize = 1_000;

/// So many waiting firings are taken back.
const TAKEN_BACK: usize = 500;

/// The task of a schedule's time: a hash of its name, its revision and the time.
fn key_of(of: &RevisionKey, at: Time) -> Option<TaskKey> {
    let (name, revision) = of;
    let numbers = [revision.to_be_bytes(), at.as_millis().to_be_bytes()].concat();
    let text = [b"taskway schedule\0", name.as_bytes(), &[0], &numbers].concat();
    TaskKey::parse(&Digest::of(&text).to_string())
}

/// The time that a firing is of: it is born at the first moment at which it may be made.
fn time_of(firing: TaskId) -> Time {
    firing.born.after(AHEAD)
}

fn schedule_in(text: &str) -> Option<String> {
    // Most bodies are of no schedule.
    let content: Value = text.contains("\"s\":\"").then(|| serde_json::from_str(text).ok()).flatten()?;
    content["s"].as_str().map(str::to_owned)
}

impl Witness {
    /// A part was written: perhaps a firing's body.
    pub(super) fn part_of_firing(&mut self, write: &Write) {
        let text = write.after.as_ref().and_then(|item| item["text"]["S"].as_str());
        if let Some(schedule) = text.filter(|_| write.key.1.starts_with("part#")).and_then(schedule_in) {
            self.schedules.parts.insert(write.key.0.clone(), schedule);
        }
    }

    /// Whether a schedule has made it, at one of its times.
    pub(super) fn is_firing(&self, id: TaskId) -> bool {
        self.schedules.firings.contains_key(&life(id))
    }

    /// What the payload of a schedule says whose firing it is.
    pub(super) fn submission_of_firing(&self, id: TaskId) -> Option<u32> {
        let of = self.schedules.firings.get(&life(id))?;
        self.schedules.revisions.get(of)?.submission
    }

    /// Whether it waits and was never claimed.
    pub(super) fn waits_unstarted(&self, id: TaskId) -> bool {
        let record = self.records.get(&id.key).filter(|task| task.id == id);
        record.is_some_and(|task| task.fence == Fence::NONE && !task.state.name().is_ended())
    }

    fn revision_of(&self, task: &Task) -> Option<RevisionKey> {
        let name = match &task.spec.body {
            Stored::Inline(text) => schedule_in(text)?,
            Stored::TextPart(_) => self.schedules.parts.get(&format!("task#{}", task.id.key))?.clone(),
        };
        let all = (name.clone(), u64::MIN)..=(name, u64::MAX);
        let mut of = self.schedules.revisions.range(all).map(|(of, _)| of);
        of.find(|of| key_of(of, time_of(task.id)) == Some(task.id.key)).cloned()
    }

    /// The first record of a life was written: whether it is a firing's, or stands in the place of one.
    pub(super) fn fired(&mut self, after: &Task, listed: bool, writer: Writer) -> bool {
        let Some(of) = self.revision_of(after) else { return false };
        let what = || format!("{after:?} of {of:?} by {writer:?}");
        self.schedules.firings.insert(life(after.id), of.clone());
        let may = matches!(writer.kind, Kind::Submit | Kind::Scheduler);
        self.must(may, || format!("fired by neither submit nor scheduler: {}", what()));
        let fresh = after.generation == Generation::FIRST && after.fence == Fence::NONE && after.attempts == 0;
        self.must(fresh, || format!("a firing does not begin afresh: {}", what()));
        let at = time_of(after.id);
        let Some(revision) = self.schedules.revisions.get_mut(&of) else { return true };
        let barred = match &after.state {
            State::Ended { end: End::Cancelled, .. } => true,
            State::Ended { .. } | State::Running { .. } | State::Scheduled { .. } | State::Queued { .. } => false,
        };
        let again = revision.made.insert(at, after.id).is_some();
        let (taken, over, skips, jitter) =
            (revision.taken.takes(at), revision.over, revision.skips, revision.jitter_ms);
        let its_own = revision.times.as_ref().is_some_and(|times| times.has(at));
        let early = revision.first.is_none_or(|first| at < first);
        let others: Vec<TaskId> = revision.made.values().copied().filter(|other| *other != after.id).collect();
        self.must(!again, || format!("a time fires twice: {}", what()));
        self.must(its_own && !early, || format!("fired at another time than its schedule's: {}", what()));
        let on_time = after.spec.run_at >= at && after.spec.run_at <= at.after(Duration::from_millis(jitter));
        self.must(on_time, || format!("a firing is to start at another time: {}", what()));
        if barred {
            self.schedules.counts.barred += 1;
            // What was missed is barred too, so that no other tick fires it.
            let passed = at <= writer.now;
            self.must(taken || skips || passed, || format!("barred though it is to fire: {}", what()));
            self.must(!listed, || format!("what is not to be is in a list: {}", what()));
            return true;
        }
        self.schedules.counts.fired += 1;
        let waits = matches!(after.state, State::Scheduled { .. } | State::Queued { .. });
        self.must(waits && listed, || format!("a firing begins as it should not: {}", what()));
        self.must(at <= writer.now.after(AHEAD), || format!("fired too far ahead: {}", what()));
        let asked_again = |task: &Task| self.lives.get(&life(task.id)).is_some_and(|life| life.asked.retry);
        let again = self.before(&of, at).any(|task| task.fence > Fence::NONE && !asked_again(task));
        self.must(!again, || format!("made again, though it had started by what its schedule was: {}", what()));
        self.must(!over, || format!("fired though its schedule is not what it was: {}", what()));
        if skips {
            let open = others.iter().copied().find(|other| self.is_open_by_itself(*other));
            self.must(open.is_none(), || format!("fired while {open:?} is open: {}", what()));
        }
        let waiting = others.iter().filter(|other| self.waits_unstarted(**other)).count();
        if waiting >= TAKEN_BACK
            && let Some(revision) = self.schedules.revisions.get_mut(&of)
        {
            revision.many = true;
        }
        true
    }

    /// Whether it has not ended, and nobody had it run again.
    fn is_open_by_itself(&self, id: TaskId) -> bool {
        let record = self.records.get(&id.key).filter(|task| task.id == id);
        let again = self.lives.get(&life(id)).is_some_and(|life| life.asked.retry);
        !again && record.is_some_and(|task| !task.state.name().is_ended())
    }

    /// A schedule has moved on from one time to another, or to none: what is between has fired as was asked.
    pub(super) fn passed(&mut self, of: &RevisionKey, from: Time, to: Option<Time>, writer: Writer) {
        let Some(revision) = self.schedules.revisions.get(of) else { return };
        let Some(times) = &revision.times else {
            return self.break_rule(format!("the witness cannot reckon the times of {of:?}"));
        };
        let what = || format!("{of:?} from {from:?} to {to:?} by {writer:?}");
        let its_own = times.has(from) && to.is_none_or(|to| to > from && times.has(to));
        let end = to.unwrap_or(writer.now.after(AHEAD * 2));
        let passed: Vec<Time> = times.between(from, end).collect();
        let made: Vec<TaskId> = passed.iter().filter_map(|at| revision.made.get(at)).copied().collect();
        let missing = |at: &&Time| !revision.made.contains_key(at) && !revision.started.contains(at);
        let recent = |at: &&Time| **at >= writer.now.before(GRACE);
        let forgotten = match (revision.skips, revision.misfire.as_str()) {
            // What is let pass is barred in its place; what was missed is one for all, or none.
            (_, "all") if passed.len() <= CAUGHT_UP => passed.iter().find(missing),
            (_, "once") if made.is_empty() && !passed.iter().any(|at| revision.started.contains(at)) => passed.first(),
            // The latest is fired for all that passed, where the first of them was missed.
            (_, "once") if from < writer.now.before(GRACE) => None,
            (..) => passed.iter().filter(recent).find(missing),
        };
        let forgotten = forgotten.copied();
        self.must(its_own, || format!("a schedule moves to another time than its own: {}", what()));
        self.must(forgotten.is_none(), || format!("a schedule forgets a time: {forgotten:?}: {}", what()));
        // From here on it is like any task that was accepted.
        for id in made {
            self.life(id).carried = true;
        }
    }

    /// An executor is about to begin an attempt of it.
    pub(super) fn starts(&mut self, before: &Task) {
        let Some(of) = self.schedules.firings.get(&life(before.id)) else { return };
        let revision = self.schedules.revisions.get(of);
        let gone = revision.is_some_and(|revision| !revision.many && revision.gone.takes(time_of(before.id)));
        let first =
            before.fence == Fence::NONE && !self.lives.get(&life(before.id)).is_some_and(|life| life.asked.retry);
        let (of, name) = (of.clone(), self.name(before.id));
        self.must(!gone || !first, || {
            format!("{name} started though its schedule is not what made it: {before:?} of {of:?}")
        });
    }

    /// Whether it may be cancelled because its schedule is changed or deleted.
    pub(super) fn is_withdrawn(&self, before: &Task, writer: Writer) -> bool {
        let of = self.schedules.firings.get(&life(before.id));
        let of = of.and_then(|of| self.schedules.revisions.get(of));
        let withdrawn = of.is_some_and(|revision| revision.taken.takes(time_of(before.id)));
        let may = matches!(writer.kind, Kind::Submit | Kind::Scheduler);
        withdrawn && may && before.fence == Fence::NONE
    }
}
