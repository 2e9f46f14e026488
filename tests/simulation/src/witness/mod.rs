//! The witness: it sees every write, message, attempt and answer, and reports the first broken rule. Its rules are
//! written without the code that they check.

mod callbacks;
mod carried;
mod end;
mod firings;
mod holds;
mod hooks;
mod permits;
mod programs;
mod rates;
mod replaced;
mod runs;
mod schedules;
mod timetable;
mod writes;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use taskway_local::sqs::MessageId;
use taskway_protocol::{Generation, State, StateName, Task, TaskId, TaskKey, Time};

use callbacks::Callbacks;
pub use carried::Carrier;
pub use end::Left;
use holds::Holds;
use hooks::Hooked;
use permits::Permits;
use programs::Programs;
use rates::Rates;
pub use runs::{Run, SLICE, Said};
use schedules::Schedules;

/// What the witness asks of a process whose handlers run.
pub trait Alive: std::fmt::Debug + Send + Sync {
    /// Its number, counted from the beginning of the world.
    fn number(&self) -> u32;

    /// Whether it still runs, and was not frozen within the last `within`.
    fn moves(&self, within: Duration) -> bool;
}

/// The function that a process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The submit function.
    Submit,
    /// The executor, as a function or as a worker.
    Executor,
    /// The scheduler function.
    Scheduler,
    /// No function: DynamoDB's time to live.
    World,
}

/// The process that makes a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writer {
    /// The function that it runs.
    pub kind: Kind,
    /// Its number, counted from the beginning of the world.
    pub process: u32,
    /// The time by its machine's clock.
    pub now: Time,
}

/// One life of a task.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// Its number in the story.
    pub(crate) number: usize,
    /// Whether a 2xx answer was given for it.
    pub(crate) accepted: bool,
    /// The submission for which it was the answer.
    pub(crate) submission: Option<u32>,
    /// The generation whose only message SQS lost. Only the audit can send it again.
    pub(crate) lost: Option<Generation>,
    /// The generation of which SQS lost a message while there was another, and an executor had the one or the other. It deletes
    /// the other as a copy, or because it has sent the lost one in its place. Then the only message is the one that is lost.
    pub(crate) lost_copy: Option<Generation>,
    /// Whether a message and the record of it existed at the same time. From then on something must carry it, accepted
    /// or not.
    pub(crate) carried: bool,
    /// Whether a person was shown its id.
    pub(crate) known: bool,
    /// The requests about it, answered or not.
    pub(crate) asked: Asked,
    /// Whether another submission has replaced it.
    pub(crate) replaced: bool,
}

/// The kinds of requests about a life.
#[derive(Debug, Default, Clone, Copy)]
pub struct Asked {
    /// Cancel it.
    pub cancel: bool,
    /// Retry it.
    pub retry: bool,
    /// Run it at another time, or change its deadline.
    pub change: bool,
}

/// The holder of a fence, and the end of its lease as the table has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) process: u32,
    pub(crate) lease_end: Time,
    /// The number of the submission that the record was, if that had a key.
    pub(crate) submission: Option<u32>,
    /// The start that the record had.
    pub(crate) run_at: Time,
}

/// A life as a sortable key.
pub(crate) type LifeKey = (TaskKey, Time);

pub(crate) fn life(id: TaskId) -> LifeKey {
    (id.key, id.born)
}

/// The state of a world as far as the rules need it.
#[derive(Debug, Default)]
pub struct Witness {
    /// Whether clocks differ by so much that attempts may overlap.
    wild: bool,
    pub(crate) records: BTreeMap<TaskKey, Task>,
    pub(crate) lives: BTreeMap<LifeKey, Life>,
    claims: BTreeMap<(LifeKey, u32), Claim>,
    runs: BTreeMap<(LifeKey, u32), Run>,
    /// The latest checkpoint that each attempt has left.
    checkpoints: BTreeMap<(LifeKey, u32), u64>,
    /// From when on a process may give its attempts back, by its own clock.
    stops: BTreeMap<u32, Time>,
    /// The processes that were held up. What they know of settings may be too old when they go on.
    held_up: BTreeSet<u32>,
    /// When a read of each process last met a mishap, by its own clock.
    unread: BTreeMap<u32, Time>,
    /// The handlers that run, each with its process.
    running: BTreeMap<(LifeKey, u32), Arc<dyn Alive>>,
    decoded: BTreeMap<MessageId, Option<(TaskId, Generation)>>,
    /// Ids of messages that no release of Taskway sent.
    pub(crate) foreign: BTreeSet<String>,
    /// Those of them that SQS did not lose.
    pub(crate) garbage: BTreeSet<String>,
    pub(crate) kept_aside: BTreeSet<String>,
    /// Ids of messages that a newer release sent.
    pub(crate) newer: BTreeSet<String>,
    /// Keys, and the submissions that may replace their tasks.
    replacements: BTreeMap<(String, u32), u32>,
    schedules: Schedules,
    hooked: Hooked,
    callbacks: Callbacks,
    holds: Holds,
    permits: Permits,
    rates: Rates,
    programs: Programs,
    broken: Option<String>,
}

impl Witness {
    /// Makes a witness. In a wild world, clocks may differ by more than 10 s, so attempts may overlap.
    pub fn new(wild: bool) -> Self {
        Witness { wild, ..Witness::default() }
    }

    /// The first broken rule.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Reports a broken rule. Only the first is kept.
    pub fn break_rule(&mut self, what: impl Into<String>) {
        self.broken.get_or_insert_with(|| what.into());
    }

    pub(crate) fn must(&mut self, holds: bool, rule: impl FnOnce() -> String) {
        if !holds {
            self.break_rule(rule());
        }
    }

    /// The name of a task in the story.
    pub fn name(&mut self, id: TaskId) -> String {
        let next = self.lives.len() + 1;
        let life = self.lives.entry(life(id)).or_insert_with(|| Life { number: next, ..Life::default() });
        format!("task {}", life.number)
    }

    pub(crate) fn life(&mut self, id: TaskId) -> &mut Life {
        let next = self.lives.len() + 1;
        self.lives.entry(life(id)).or_insert_with(|| Life { number: next, ..Life::default() })
    }

    /// A process was told to stop, or must have stopped its attempts, at this time by its own clock.
    pub fn told_to_stop(&mut self, process: u32, at: Time) {
        self.stops.insert(process, at);
    }

    /// A process is held up.
    pub fn is_held_up(&mut self, process: u32) {
        self.held_up.insert(process);
    }

    /// A read of a process meets a mishap, at this time by its own clock.
    pub fn reads_badly(&mut self, process: u32, at: Time) {
        self.unread.insert(process, at);
    }

    /// A 2xx answer gave this task for this submission.
    pub fn accepted(&mut self, id: TaskId, submission: u32) {
        // The record exists, or another life of the key has replaced it. Clocks differ, so either life may have the
        // earlier birth.
        let there = self.lives.contains_key(&life(id)) && self.records.contains_key(&id.key);
        let life = self.life(id);
        life.accepted = true;
        let (before, replaced) = (life.submission.replace(submission), life.replaced);
        self.must(replaced || before.is_none_or(|before| before == submission), || {
            format!("two submissions got the same task: {before:?} and {submission}")
        });
        self.must(there, || format!("an accepted task has no record: {id}"));
    }

    /// A person sends a request about this life.
    pub fn asked(&mut self, id: TaskId, asked: Asked) {
        let of = &mut self.life(id).asked;
        *of = Asked {
            cancel: of.cancel || asked.cancel,
            retry: of.retry || asked.retry,
            change: of.change || asked.change,
        };
    }

    /// A 200 answer told a person that the task is cancelled.
    pub fn told_cancelled(&mut self, id: TaskId) {
        let cancelled = self.records.get(&id.key).is_some_and(|task| {
            let of = &self.lives[&life(id)];
            task.id != id || task.state.name() == StateName::Cancelled || of.asked.retry || of.replaced
        });
        self.must(cancelled, || "an answer says that a task is cancelled, and it is not".to_owned());
    }

    /// The tasks that clients and persons know, in the order of the story.
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

    /// A person was shown this task.
    pub fn shown(&mut self, id: TaskId) {
        self.life(id).known = true;
    }

    /// The number of lives.
    pub fn lives(&self) -> u64 {
        self.lives.len() as u64
    }

    /// Whether the agenda or a hold list has an entry for a tick.
    pub fn waits(&self) -> bool {
        let waits = |task: &Task| task.state.agenda().is_some() || self.is_listed(task) || self.is_permitted(task);
        self.records.values().any(|task| Self::is_owing(task) || !task.state.name().is_ended() && waits(task))
    }

    /// Whether any task has not ended.
    pub fn is_open(&self) -> bool {
        self.open() > 0
    }

    /// How many tasks have not ended.
    pub fn open(&self) -> usize {
        self.records.values().filter(|task| !task.state.name().is_ended()).count()
    }

    /// The times at which something becomes possible with an open task.
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
