//! Who sees everything and says when a rule is broken: told of each write, each message, each attempt and each answer,
//! it knows nothing of the code that made them.

mod carried;
mod end;
mod firings;
mod runs;
mod schedules;
mod timetable;
mod writes;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use taskway_local::sqs::MessageId;
use taskway_protocol::{Generation, State, StateName, Task, TaskId, TaskKey, Time};

pub use carried::Carrier;
pub use end::Left;
pub use runs::{Run, Said};
use schedules::Schedules;

use crate::process::Control;

/// What a process is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The submit function.
    Submit,
    /// The executor, as a function or as a worker.
    Executor,
    /// The scheduler function.
    Scheduler,
    /// The world itself: DynamoDB's clean-up.
    World,
}

/// Who makes a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writer {
    /// What it is.
    pub kind: Kind,
    /// Which process, counted from the world's beginning.
    pub process: u32,
    /// The time on its machine.
    pub now: Time,
}

/// One life of a task.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// What the story calls it.
    pub(crate) number: usize,
    /// A client was answered with 2xx.
    pub(crate) accepted: bool,
    /// Which submission the client made that was answered with it.
    pub(crate) submission: Option<u32>,
    /// SQS lost the one message that carried this generation: only the audit helps.
    pub(crate) lost: Option<Generation>,
    /// A message of it was there beside its record: from then on it is carried, accepted or not.
    pub(crate) carried: bool,
    /// Somebody was shown it.
    pub(crate) known: bool,
    /// What people have asked for, whether it was answered or not.
    pub(crate) asked: Asked,
}

/// What people have asked of a life.
#[derive(Debug, Default, Clone, Copy)]
pub struct Asked {
    /// To stop it.
    pub cancel: bool,
    /// To run it again.
    pub retry: bool,
    /// To run it at another time.
    pub change: bool,
}

/// Who holds a fence, and until when as far as the table knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) process: u32,
    pub(crate) lease_end: Time,
}

/// A life as a key that sorts.
pub(crate) type LifeKey = (TaskKey, Time);

pub(crate) fn life(id: TaskId) -> LifeKey {
    (id.key, id.born)
}

/// Everything that must hold, and what it needs to know.
#[derive(Debug, Default)]
pub struct Witness {
    /// Clocks differ by so much that attempts may overlap.
    wild: bool,
    pub(crate) records: BTreeMap<TaskKey, Task>,
    pub(crate) lives: BTreeMap<LifeKey, Life>,
    claims: BTreeMap<(LifeKey, u32), Claim>,
    runs: BTreeMap<(LifeKey, u32), Run>,
    /// Handlers that are at it, and whose process.
    running: BTreeMap<(LifeKey, u32), Arc<Control>>,
    decoded: BTreeMap<MessageId, Option<(TaskId, Generation)>>,
    /// Messages that no release has sent.
    pub(crate) foreign: BTreeSet<String>,
    /// Messages that no release has sent, and that were not lost on purpose.
    pub(crate) garbage: BTreeSet<String>,
    pub(crate) kept_aside: BTreeSet<String>,
    /// Messages of a newer release.
    pub(crate) newer: BTreeSet<String>,
    schedules: Schedules,
    broken: Option<String>,
}

impl Witness {
    /// A witness of a world whose clocks differ by more than the protocol allows for, or not.
    pub fn new(wild: bool) -> Self {
        Witness { wild, ..Witness::default() }
    }

    /// The first rule that was broken.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Says that a rule is broken. The first counts.
    pub fn break_rule(&mut self, what: impl Into<String>) {
        self.broken.get_or_insert_with(|| what.into());
    }

    pub(crate) fn must(&mut self, holds: bool, rule: impl FnOnce() -> String) {
        if !holds {
            self.break_rule(rule());
        }
    }

    /// What the story calls a task.
    pub fn name(&mut self, id: TaskId) -> String {
        let next = self.lives.len() + 1;
        let life = self.lives.entry(life(id)).or_insert_with(|| Life { number: next, ..Life::default() });
        format!("task {}", life.number)
    }

    pub(crate) fn life(&mut self, id: TaskId) -> &mut Life {
        let next = self.lives.len() + 1;
        self.lives.entry(life(id)).or_insert_with(|| Life { number: next, ..Life::default() })
    }

    /// A client was answered that this is its task, for its submission of that number.
    pub fn accepted(&mut self, id: TaskId, submission: u32) {
        // Its record was written, and is there or has given way to another life's: whichever of the two was born first, for
        // clocks differ.
        let there = self.lives.contains_key(&life(id)) && self.records.contains_key(&id.key);
        let life = self.life(id);
        life.accepted = true;
        let before = life.submission.replace(submission);
        self.must(before.is_none_or(|before| before == submission), || {
            format!("submissions {before:?} and {submission} were answered with the same task")
        });
        self.must(there, || format!("a task was accepted whose record is not there: {id}"));
    }

    /// Somebody asks for something of this life.
    pub fn asked(&mut self, id: TaskId, asked: Asked) {
        let of = &mut self.life(id).asked;
        *of = Asked {
            cancel: of.cancel || asked.cancel,
            retry: of.retry || asked.retry,
            change: of.change || asked.change,
        };
    }

    /// A person was told that the task is cancelled.
    pub fn told_cancelled(&mut self, id: TaskId) {
        let cancelled = self.records.get(&id.key).is_some_and(|task| {
            task.id != id || task.state.name() == StateName::Cancelled || self.lives[&life(id)].asked.retry
        });
        self.must(cancelled, || "a person was told that a task is cancelled which is not".to_owned());
    }

    /// The tasks that clients know of, in the order of the story.
    pub fn known(&self) -> Vec<TaskId> {
        let mut known: Vec<(usize, TaskId)> = Vec::new();
        for ((key, born), life) in &self.lives {
            if life.accepted || life.known {
                known.push((life.number, TaskId { key: *key, born: *born }));
            }
        }
        known.sort_by_key(|(number, _)| *number);
        known.into_iter().map(|(_, id)| id).collect()
    }

    /// Somebody was shown this task.
    pub fn shown(&mut self, id: TaskId) {
        self.life(id).known = true;
    }

    /// How many lives there were.
    pub fn lives(&self) -> u64 {
        self.lives.len() as u64
    }

    /// Whether the agenda has somebody that ticks look after.
    pub fn waits(&self) -> bool {
        self.records.values().any(|task| !task.state.name().is_ended() && task.state.agenda().is_some())
    }

    /// Whether a task has not ended.
    pub fn is_open(&self) -> bool {
        self.records.values().any(|task| !task.state.name().is_ended())
    }

    /// The records that are open, and when something will be possible with each.
    pub fn next_times(&self) -> impl Iterator<Item = Time> {
        self.records.values().flat_map(|task| match &task.state {
            State::Scheduled { due, .. } => vec![due.before(std::time::Duration::from_secs(300)), *due],
            State::Queued { due } => vec![*due],
            State::Running { lease_end, hard_end, .. } => {
                let over = |at: Time| at.after(taskway_protocol::SKEW);
                [Some(over(*lease_end)), hard_end.map(over)].into_iter().flatten().collect()
            }
            State::Ended { .. } => vec![],
        })
    }
}
