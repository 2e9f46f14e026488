//! The record, reduced to what decisions depend on, so that situations that behave alike are equal.

use taskway_protocol::{
    End, Fence, Generation, Nonce, RetryPolicy, Spec, State, Task, TaskId, TaskKey, TaskOptions, Time,
};

use crate::{
    children::{Followed, KEPT_WHILE_OWED, Set},
    instant::{Tick, later, tick, time},
};

/// The attempts that a task of the model has.
pub(crate) const MAX_ATTEMPTS: u32 = 2;

/// How long an attempt may take, in seconds. Its lease is five seconds longer.
pub(crate) const TIMEOUT_SECONDS: u32 = 10;

/// How long a record is kept after its end, in seconds.
pub(crate) const RETAIN_SECONDS: u32 = 10;

/// The same in steps.
pub(crate) const RETAIN: Tick = 2;

/// A time before this is past for every actor: a decision may be one step old, and the slowest clock is one step behind.
const OLD_LEASE: Tick = -3;
const OLD_DEADLINE: Tick = -2;
const OLD_DUE: Tick = -1;
/// From this time on the table may delete the record.
const OLD_RETENTION: Tick = -2;

/// What the record says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Record {
    /// The number of the life under the key, from 1.
    pub life: u8,
    /// The state.
    pub standing: Standing,
    /// The generation.
    pub generation: u8,
    /// The fence.
    pub fence: u8,
    /// The attempts that count.
    pub attempts: u8,
    /// How often it was given back in a row.
    pub given_back: u8,
    /// The deadline.
    pub deadline: Option<Tick>,
    /// Whether it was submitted so recently that a replay waits for the first request.
    pub young: bool,
    /// Which of its ends have a callback.
    pub followed: Followed,
    /// The callbacks that it lists.
    pub children: Set,
}

/// [`State`], with relative times.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Standing {
    /// In the agenda or in the hold list.
    Scheduled {
        /// When it is due.
        due: Tick,
        /// Whether it is in the hold list instead of the agenda.
        held: bool,
    },
    /// A message carries it.
    Queued {
        /// When it is due.
        due: Tick,
    },
    /// An attempt holds it.
    Running {
        /// The executor that made the claim, as long as it does not know so; then 0.
        owner: u8,
        /// When the lease ends.
        lease_end: Tick,
        /// When the agenda looks after it, after its first heartbeat.
        hard_end: Option<Tick>,
    },
    /// It ended.
    Ended {
        /// 0 succeeded, 1 failed, 2 cancelled, 3 expired.
        end: u8,
        /// Until when the record is kept if it owes no callback.
        kept_until: Tick,
        /// Whether its callback is still to be made.
        owes: bool,
    },
}

const ENDS: [End; 4] = [End::Succeeded, End::Failed, End::Cancelled, End::Expired];

/// When a life was born, for the protocol. It is only a name: [`Record::young`] has the age.
pub(crate) const fn born(life: u8) -> Time {
    Time::from_millis(life as u64)
}

/// The public id of a life.
pub(crate) const fn id(life: u8) -> TaskId {
    TaskId { key: TaskKey::from_bytes([7; 16]), born: born(life) }
}

impl Record {
    /// A record that was just put. No callback follows.
    pub(crate) fn new(life: u8, due: Tick, far: bool, deadline: Option<Tick>, young: bool) -> Self {
        let standing = if far { Standing::Scheduled { due, held: false } } else { Standing::Queued { due } };
        let (followed, children) = (Followed::Nothing, Set::default());
        Record {
            life,
            standing,
            generation: 1,
            fence: 0,
            attempts: 0,
            given_back: 0,
            deadline,
            young,
            followed,
            children,
        }
    }

    /// The record as the protocol has it.
    pub(crate) fn task(&self) -> Task {
        let state = match self.standing {
            Standing::Scheduled { due, held } => State::Scheduled { due: time(due), held },
            Standing::Queued { due } => State::Queued { due: time(due) },
            Standing::Running { owner, lease_end, hard_end } => {
                State::Running { owner: Nonce(owner.into()), lease_end: time(lease_end), hard_end: hard_end.map(time) }
            }
            Standing::Ended { end, kept_until, owes } => {
                let at = time(kept_until - RETAIN);
                let retained_until = if owes { at.after(KEPT_WHILE_OWED) } else { time(kept_until) };
                State::Ended { end: ENDS[usize::from(end)], at, retained_until, owes }
            }
        };
        Task {
            id: id(self.life),
            spec: Spec {
                deadline: self.deadline.map(time),
                options: TaskOptions {
                    timeout_seconds: TIMEOUT_SECONDS,
                    retry: RetryPolicy { max_attempts: MAX_ATTEMPTS, ..RetryPolicy::default() },
                    retain_seconds: RETAIN_SECONDS,
                    ..TaskOptions::default()
                },
                callbacks: self.followed.callbacks(),
                ..Spec::example(time(0))
            },
            state,
            generation: Generation(self.generation.into()),
            fence: Fence(self.fence.into()),
            attempts: self.attempts.into(),
            given_back: self.given_back.into(),
            // The model does not know how long ago a person has retried a task.
            started_at: Some(time(0)),
            children: self.children.ids(),
            ..Task::example(time(0))
        }
    }

    /// The part of `task` that decisions depend on. `young` is not in the protocol's record.
    pub(crate) fn of(task: &Task, young: bool) -> Self {
        let standing = match &task.state {
            State::Scheduled { due, held } => Standing::Scheduled { due: tick(*due), held: *held },
            State::Queued { due } => Standing::Queued { due: tick(*due) },
            State::Running { owner, lease_end, hard_end } => {
                Standing::Running { owner: small(owner.0), lease_end: tick(*lease_end), hard_end: hard_end.map(tick) }
            }
            State::Ended { end, at, retained_until, owes } => Standing::Ended {
                end: small(ENDS.iter().position(|one| one == end).unwrap_or_default() as u64),
                kept_until: if *owes { tick(*at) + RETAIN } else { tick(*retained_until) },
                owes: *owes,
            },
        };
        Record {
            life: small(task.id.born.as_millis()),
            standing,
            generation: small(task.generation.0.into()),
            fence: small(task.fence.0.into()),
            attempts: small(task.attempts.into()),
            given_back: small(task.given_back.into()),
            deadline: task.spec.deadline.map(tick),
            young,
            followed: Followed::of(task.spec.callbacks),
            children: Set::of(&task.children),
        }
        .later(0)
    }

    /// Whether the task has ended.
    pub(crate) fn is_ended(&self) -> bool {
        matches!(self.standing, Standing::Ended { .. })
    }

    /// Whether the callback of its end is still to be made.
    pub(crate) fn owes(&self) -> bool {
        matches!(self.standing, Standing::Ended { owes: true, .. })
    }

    /// This record after `by` has passed. Times that are past for every actor become equal.
    pub(crate) fn later(mut self, by: Tick) -> Self {
        self.young &= by == 0;
        self.deadline = self.deadline.map(|at| later(at, by, OLD_DEADLINE));
        match &mut self.standing {
            Standing::Scheduled { due, .. } | Standing::Queued { due } => *due = later(*due, by, OLD_DUE),
            Standing::Running { lease_end, hard_end, .. } => {
                *lease_end = later(*lease_end, by, OLD_LEASE);
                *hard_end = hard_end.map(|at| later(at, by, 0));
            }
            Standing::Ended { kept_until, .. } => *kept_until = later(*kept_until, by, OLD_RETENTION),
        }
        self
    }
}

/// A counter of the protocol. The bounds keep it small.
pub(crate) fn small(count: u64) -> u8 {
    u8::try_from(count).expect("a count of the model is small")
}
