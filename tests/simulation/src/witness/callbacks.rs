//! The rules for callbacks: each end that has one gets exactly one, and no other end does.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use taskway_protocol::{End, Fence, Generation, State, Stored, Task, TaskId, Time};

use super::{LifeKey, Witness, Writer, life};

/// A record that owes a callback is kept for so long after its end.
const KEPT: Duration = Duration::from_secs(14 * 86_400);

/// The callbacks that are owed, and those that were made. A generation ends once.
#[derive(Debug, Default)]
pub(super) struct Callbacks {
    owed: BTreeSet<(LifeKey, Generation)>,
    made: BTreeMap<(LifeKey, Generation), TaskId>,
    /// The lives of callbacks.
    lives: BTreeSet<LifeKey>,
}

/// The task that a content names as the one before it.
fn parent_in(task: &Task) -> Option<TaskId> {
    // No callback of the simulation is so large that a part holds its content.
    let Stored::Inline(text) = &task.spec.body else { return None };
    let content: Value = text.contains("\"c\":\"").then(|| serde_json::from_str(text).ok()).flatten()?;
    TaskId::parse(content["c"].as_str()?)
}

/// Whether this end has a callback.
fn has_one(task: &Task, end: End) -> bool {
    match end {
        End::Succeeded => task.spec.callbacks.on_success,
        End::Failed | End::Expired => task.spec.callbacks.on_failure,
        End::Cancelled => false,
    }
}

/// Until when the record of a task that owes a callback must be kept at least.
pub(super) fn kept(at: Time) -> Time {
    at.after(KEPT)
}

/// Whether these are the same end. Once its callback is made, the record is not kept for as long.
pub(super) fn is_same_end(one: &State, other: &State) -> bool {
    match (one, other) {
        (State::Ended { end, at, .. }, State::Ended { end: other, at: then, .. }) => end == other && at == then,
        _ => false,
    }
}

impl Witness {
    /// Whether the task is a callback.
    pub(super) fn is_callback(&self, id: TaskId) -> bool {
        self.callbacks.lives.contains(&life(id))
    }

    /// Checks the first record of a life. Returns whether it is a callback.
    pub(super) fn is_new_callback(
        &mut self,
        before: Option<&Task>,
        after: &Task,
        listed: bool,
        writer: Writer,
    ) -> bool {
        let Some(parent) = parent_in(after) else { return false };
        let what = || format!("{after:?} by {writer:?}");
        self.must(before.is_none(), || format!("a callback overwrote a record: {before:?} with {}", what()));
        let fresh = after.generation == Generation::FIRST && after.fence == Fence::NONE && after.attempts == 0;
        let waits = matches!(after.state, State::Scheduled { .. } | State::Queued { .. });
        self.must(fresh && waits && listed, || format!("a new callback does not wait or is in no list: {}", what()));
        let record = self.records.get(&parent.key).filter(|task| task.id == parent).cloned();
        let owing = record.as_ref().filter(|task| matches!(task.state, State::Ended { owes: true, .. }));
        let Some(owing) = owing else {
            self.break_rule(format!("a callback of a task that owes none: {record:?}, {}", what()));
            return true;
        };
        let earlier = self.callbacks.made.insert((life(parent), owing.generation), after.id);
        self.must(earlier.is_none(), || format!("two callbacks of one end: {earlier:?} and {}", what()));
        self.callbacks.lives.insert(life(after.id));
        // Persons can ask about it.
        self.life(after.id).known = true;
        true
    }

    /// A task has ended.
    pub(super) fn owes(&mut self, after: &Task, end: End, owes: bool, writer: Writer) {
        self.must(owes == has_one(after, end), || {
            format!("an end owes a callback or not, against its task: {after:?} by {writer:?}")
        });
        if owes {
            self.callbacks.owed.insert((life(after.id), after.generation));
        }
    }

    /// The record of an ended task was changed: it must say that the callback is made, and nothing else.
    pub(super) fn called_back(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        let made = self.callbacks.made.get(&(life(before.id), before.generation)).copied();
        let mut expected = before.clone();
        if let State::Ended { at, retained_until, owes, .. } = &mut expected.state {
            self.must(*owes, || format!("an ended task was changed: {}", what()));
            (*owes, *retained_until) = (false, before.retained_until(*at));
        }
        expected.children.extend(made);
        self.must(made.is_some(), || format!("a callback is said to be made, and is not: {}", what()));
        self.must(expected == *after, || format!("a callback changed more than it may: {}", what()));
    }

    /// Checks that nothing is owed at the end of a world.
    pub(super) fn callbacks_are_made(&mut self) {
        let lost = self.callbacks.owed.iter().find(|end| !self.callbacks.made.contains_key(end)).copied();
        self.must(lost.is_none(), || format!("a callback was never made: {lost:?}"));
        let owing = self.records.values().find(|task| matches!(task.state, State::Ended { owes: true, .. })).cloned();
        self.must(owing.is_none(), || format!("a task still owes a callback: {owing:?}"));
    }

    /// Whether a task owes a callback, which a tick makes.
    pub(super) fn is_owing(task: &Task) -> bool {
        matches!(task.state, State::Ended { owes: true, .. })
    }
}
