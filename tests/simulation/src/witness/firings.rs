//! The rules for firings: each time of a schedule gets one task, at that time, and no task of a withdrawn firing
//! starts.

use std::time::Duration;

use serde_json::Value;
use taskway_cloud::dynamo::{
    layout::{PART_PREFIX, task_partition},
    text_in,
};
use taskway_protocol::{Digest, End, Fence, Generation, State, Stored, Task, TaskId, TaskKey, Time};

use super::{Kind, Witness, Writer, life, schedules::RevisionKey};
use crate::table::Write;

/// The longest time from the creation of a firing to its time.
const AHEAD: Duration = Duration::from_secs(75);

/// A time that passed longer ago than this is missed.
const GRACE: Duration = Duration::from_secs(60);

/// The largest number of missed times that fire with `misfire: all`.
const CAUGHT_UP: usize = 1_000;

/// The largest number of waiting firings that a change or deletion withdraws.
const TAKEN_BACK: usize = 500;

/// The key of the task for a time: a hash of the schedule's name, its revision and the time.
fn key_of(of: &RevisionKey, at: Time) -> Option<TaskKey> {
    let (name, revision) = of;
    let numbers = [revision.to_be_bytes(), at.as_millis().to_be_bytes()].concat();
    let text = [b"taskway schedule\0", name.as_bytes(), &[0], &numbers].concat();
    TaskKey::parse(&Digest::of(&text).to_string())
}

/// The time of a firing. Its birth is the earliest moment at which it may be created.
fn time_of(firing: TaskId) -> Time {
    firing.born.after(AHEAD)
}

fn schedule_in(text: &str) -> Option<String> {
    // Parsing only texts that may name a schedule saves time.
    let content: Value = text.contains("\"s\":\"").then(|| serde_json::from_str(text).ok()).flatten()?;
    content["s"].as_str().map(str::to_owned)
}

impl Witness {
    /// Remembers the schedule of a written part, if the part is a firing's body.
    pub(super) fn part_of_firing(&mut self, write: &Write) {
        let part = write.after.as_ref().filter(|_| write.key.1.starts_with(PART_PREFIX));
        if let Some(schedule) = part.and_then(text_in).as_deref().and_then(schedule_in) {
            self.schedules.parts.insert(write.key.0.clone(), schedule);
        }
    }

    /// Whether the task is a firing.
    pub(super) fn is_firing(&self, id: TaskId) -> bool {
        self.schedules.firings.contains_key(&life(id))
    }

    /// The submission number in the payload of the firing's schedule.
    pub(super) fn submission_of_firing(&self, id: TaskId) -> Option<u32> {
        let of = self.schedules.firings.get(&life(id))?;
        self.schedules.revisions.get(of)?.submission
    }

    /// Whether the task waits and was never claimed.
    pub(super) fn waits_unstarted(&self, id: TaskId) -> bool {
        let record = self.records.get(&id.key).filter(|task| task.id == id);
        record.is_some_and(|task| task.fence == Fence::NONE && !task.state.name().is_ended())
    }

    fn revision_of(&self, task: &Task) -> Option<RevisionKey> {
        let name = match &task.spec.body {
            Stored::Inline(text) => schedule_in(text)?,
            Stored::TextPart(_) | Stored::Object(_) => self.schedules.parts.get(&task_partition(&task.id.key))?.clone(),
        };
        let all = (name.clone(), u64::MIN)..=(name, u64::MAX);
        let mut of = self.schedules.revisions.range(all).map(|(of, _)| of);
        of.find(|of| key_of(of, time_of(task.id)) == Some(task.id.key)).cloned()
    }

    /// Checks the first record of a life. Returns whether it belongs to a time of a schedule, as a firing or as a
    /// barred time.
    pub(super) fn fired(&mut self, after: &Task, listed: bool, writer: Writer) -> bool {
        let Some(of) = self.revision_of(after) else { return false };
        let what = || format!("{after:?} of {of:?} by {writer:?}");
        self.schedules.firings.insert(life(after.id), of.clone());
        let may = matches!(writer.kind, Kind::Submit | Kind::Scheduler);
        self.must(may, || format!("a process that is neither submit nor scheduler fired: {}", what()));
        let fresh = after.generation == Generation::FIRST && after.fence == Fence::NONE && after.attempts == 0;
        self.must(fresh, || format!("a new firing has been claimed or rescheduled before: {}", what()));
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
        self.must(its_own && !early, || format!("a firing at a time that its schedule does not have: {}", what()));
        let on_time = after.spec.run_at >= at && after.spec.run_at <= at.after(Duration::from_millis(jitter));
        self.must(on_time, || format!("a firing is not due at its time plus jitter: {}", what()));
        if barred {
            self.schedules.counts.barred += 1;
            // A tick also bars missed times, so that no other tick fires them.
            let passed = at <= writer.now;
            self.must(taken || skips || passed, || format!("a time was barred without a reason: {}", what()));
            self.must(!listed, || format!("a barred time is in a list of tasks: {}", what()));
            return true;
        }
        self.schedules.counts.fired += 1;
        let waits = matches!(after.state, State::Scheduled { .. } | State::Queued { .. });
        self.must(waits && listed, || format!("a new firing does not wait or is in no list: {}", what()));
        self.must(at <= writer.now.after(AHEAD), || format!("a firing was created too far ahead: {}", what()));
        let asked_again = |task: &Task| self.lives.get(&life(task.id)).is_some_and(|life| life.asked.retry);
        let again = self.before(&of, at).any(|task| task.fence > Fence::NONE && !asked_again(task));
        self.must(!again, || format!("a time fires again that had started under an earlier definition: {}", what()));
        self.must(!over, || format!("a definition fires after it was replaced or deleted: {}", what()));
        if skips {
            let open = others.iter().copied().find(|other| self.is_open_by_itself(*other));
            self.must(open.is_none(), || {
                format!("two firings of a schedule with overlap skip are open: {open:?} and {}", what())
            });
        }
        let waiting = others.iter().filter(|other| self.waits_unstarted(**other)).count();
        if waiting >= TAKEN_BACK
            && let Some(revision) = self.schedules.revisions.get_mut(&of)
        {
            revision.many = true;
        }
        true
    }

    /// Whether the task has not ended, and no person retried it.
    fn is_open_by_itself(&self, id: TaskId) -> bool {
        let record = self.records.get(&id.key).filter(|task| task.id == id);
        let again = self.lives.get(&life(id)).is_some_and(|life| life.asked.retry);
        !again && record.is_some_and(|task| !task.state.name().is_ended())
    }

    /// Checks a schedule that moved its next time: the times between fired or passed as the misfire and overlap
    /// policies say.
    pub(super) fn passed(&mut self, of: &RevisionKey, from: Time, to: Option<Time>, writer: Writer) {
        let Some(revision) = self.schedules.revisions.get(of) else { return };
        let Some(times) = &revision.times else {
            return self.break_rule(format!("the witness does not know the times of a schedule: {of:?}"));
        };
        let what = || format!("{of:?} from {from:?} to {to:?} by {writer:?}");
        let its_own = times.has(from) && to.is_none_or(|to| to > from && times.has(to));
        let end = to.unwrap_or(writer.now.after(AHEAD * 2));
        let passed: Vec<Time> = times.between(from, end).collect();
        let made: Vec<TaskId> = passed.iter().filter_map(|at| revision.made.get(at)).copied().collect();
        let missing = |at: &&Time| !revision.made.contains_key(at) && !revision.started.contains(at);
        let recent = |at: &&Time| **at >= writer.now.before(GRACE);
        let forgotten = match (revision.skips, revision.misfire.as_str()) {
            // A time that passes without a firing is barred, so every time has a record. Of missed times, one or none
            // may fire.
            (_, "all") if passed.len() <= CAUGHT_UP => passed.iter().find(missing),
            (_, "once") if made.is_empty() && !passed.iter().any(|at| revision.started.contains(at)) => passed.first(),
            // If the first time was missed, the latest time fires for all of them.
            (_, "once") if from < writer.now.before(GRACE) => None,
            (..) => passed.iter().filter(recent).find(missing),
        };
        let forgotten = forgotten.copied();
        self.must(its_own, || format!("a schedule moves to a time that it does not have: {}", what()));
        self.must(forgotten.is_none(), || format!("a schedule forgets a time: {forgotten:?}: {}", what()));
        // From here on something must carry these tasks, as if a client had submitted them.
        for id in made {
            self.life(id).carried = true;
        }
    }

    /// Checks that an executor may claim this firing.
    pub(super) fn starts(&mut self, before: &Task) {
        let Some(of) = self.schedules.firings.get(&life(before.id)) else { return };
        let revision = self.schedules.revisions.get(of);
        let gone = revision.is_some_and(|revision| !revision.many && revision.gone.takes(time_of(before.id)));
        let first =
            before.fence == Fence::NONE && !self.lives.get(&life(before.id)).is_some_and(|life| life.asked.retry);
        let (of, name) = (of.clone(), self.name(before.id));
        self.must(!gone || !first, || format!("a withdrawn firing starts: {name}: {before:?} of {of:?}"));
    }

    /// Whether this write may cancel the firing because its schedule is changed, paused or deleted.
    pub(super) fn is_withdrawn(&self, before: &Task, writer: Writer) -> bool {
        let of = self.schedules.firings.get(&life(before.id));
        let of = of.and_then(|of| self.schedules.revisions.get(of));
        let withdrawn = of.is_some_and(|revision| revision.taken.takes(time_of(before.id)));
        let may = matches!(writer.kind, Kind::Submit | Kind::Scheduler);
        withdrawn && may && before.fence == Fence::NONE
    }
}
