//! What outlives every crash: the record, the messages, the time; and what must always be true of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::domain::{
    Count, Fence, Generation, Refusal, RetryPolicy, Spec, State, StateName, Step, Stored, Task, TaskId, TaskKey, Time,
    Transition, Wait,
};

/// When every script begins.
const BASE: Time = Time::from_millis(1_764_000_000_000);
/// Received more often than this, a message goes to the dead letters.
const MAX_RECEIVES: u32 = 4;
/// How long a message is invisible after a receive: a lease and what its clean-up takes.
const VISIBILITY: Duration = Duration::from_secs(70);
pub(super) const KEY: TaskKey = TaskKey::from_bytes([7; 16]);
pub(super) const SECOND: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) handle: u32,
    pub(super) born: Time,
    pub(super) generation: Generation,
    pub(super) sent_at: Time,
    pub(super) visible_at: Time,
    receives: u32,
}

impl Message {
    pub(super) fn id(&self) -> TaskId {
        TaskId { key: KEY, born: self.born }
    }
}

/// An attempt that its executor takes to be its own.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Attempt {
    pub(super) born: Time,
    pub(super) fence: Fence,
    pub(super) lease_end: Time,
}

/// What the test remembers and nobody in the world knows.
#[derive(Default, Debug)]
struct Ghost {
    /// Lives that were answered with 2xx.
    accepted: BTreeSet<Time>,
    /// The earliest time at which the next attempt was asked for.
    not_before: Time,
    attempts: u32,
    outcomes: BTreeMap<(Time, Fence), u32>,
    /// SQS itself lost a message: only the audit helps.
    lost: bool,
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) now: Time,
    pub(super) record: Option<Task>,
    pub(super) lane: Vec<Message>,
    pub(super) dead: Vec<Message>,
    pub(super) paused: bool,
    /// SQS refuses the next send.
    pub(super) sends_fail: bool,
    /// The next write is made, but its answer does not arrive.
    pub(super) answer_lost: bool,
    /// What each actor believes to run, with its clock.
    pub(super) attempts: Vec<Option<(Attempt, Time)>>,
    handles: u32,
    ghost: Ghost,
    pub(super) seen: BTreeMap<(&'static str, Fate), u32>,
}

/// What came of something, for the count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fate {
    Done,
    Refused,
}

/// Why a write did not come back with a record.
#[derive(Debug)]
pub(super) enum Failed {
    Absent,
    Refused(Refusal, Box<Task>),
    Unanswered,
}

pub(super) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(super) fn new_task(born: Time, due: Time, deadline: Option<Time>, waits: bool) -> Task {
    let state = if waits { State::Scheduled { due, wait: Wait::Due } } else { State::Queued { due } };
    Task {
        id: TaskId { key: KEY, born },
        spec: Spec {
            queue: "q".into(),
            priority: Default::default(),
            handler: None,
            body: Stored::Inline("{}".into()),
            run_at: due,
            deadline,
            timeout_seconds: 120,
            retry: RetryPolicy { max_attempts: 3, ..RetryPolicy::default() },
            idempotency: None,
            fairness_key: None,
            expected_duration_ms: None,
            retain_seconds: 30,
        },
        state,
        generation: Generation::FIRST,
        fence: Fence::NONE,
        attempts: 0,
        started_at: None,
        progress: None,
        checkpoint: None,
        result: None,
        error: None,
    }
}

impl World {
    pub(super) fn new() -> Self {
        World { now: BASE, ..World::default() }
    }

    pub(super) fn saw(&mut self, what: &'static str) {
        self.count(what, Fate::Done);
    }

    fn count(&mut self, what: &'static str, fate: Fate) {
        *self.seen.entry((what, fate)).or_default() += 1;
    }

    pub(super) fn accept(&mut self, born: Time) {
        self.ghost.accepted.insert(born);
    }

    /// The birth of a task submitted now. No two are the same, or the ghost could not tell one life from the other.
    pub(super) fn birth(&self) -> Time {
        let submits = self.seen.get(&("submit", Fate::Done)).copied().unwrap_or_default();
        self.now.after(ms(u64::from(submits)))
    }

    /// The first put of a life; the record that refused it, if one did.
    pub(super) fn create(&mut self, task: &Task, clock: Time) -> Result<(), Box<Task>> {
        match &self.record {
            Some(there) if !there.is_forgotten(clock) => Err(Box::new(there.clone())),
            Some(_) | None => {
                let (State::Scheduled { due, .. } | State::Queued { due }) = task.state else { unreachable!() };
                self.record = Some(task.clone());
                (self.ghost.not_before, self.ghost.attempts) = (due, 0);
                self.saw("create");
                Ok(())
            }
        }
    }

    pub(super) fn write(&mut self, clock: Time, born: Time, step: Step) -> Result<Task, Failed> {
        let unanswered = std::mem::take(&mut self.answer_lost);
        let before = self.record.clone().ok_or(Failed::Absent)?;
        let after = Transition { born, step: step.clone() }.apply(&before);
        match after {
            Ok(after) => {
                self.count(step.name(), Fate::Done);
                self.check(&before, &after, &step, clock);
                self.record = Some(after.clone());
                if unanswered { Err(Failed::Unanswered) } else { Ok(after) }
            }
            Err(_) if unanswered => Err(Failed::Unanswered),
            Err(refusal) => {
                self.count(step.name(), Fate::Refused);
                Err(Failed::Refused(refusal, Box::new(before)))
            }
        }
    }

    pub(super) fn send(&mut self, born: Time, generation: Generation, delay: Duration) -> Result<(), ()> {
        if std::mem::take(&mut self.sends_fail) {
            return Err(());
        }
        self.handles += 1;
        // Whole seconds and at most fifteen minutes, as SQS has it.
        let delay = Duration::from_secs(delay.as_secs().min(900));
        let (handle, visible_at) = (self.handles, self.now.after(delay));
        self.lane.push(Message { handle, born, generation, sent_at: self.now, visible_at, receives: 0 });
        Ok(())
    }

    pub(super) fn receive(&mut self, which: usize) -> Option<Message> {
        let now = self.now;
        let visible: Vec<usize> = (0..self.lane.len()).filter(|&i| self.lane[i].visible_at <= now).collect();
        let at = *visible.get(which % visible.len().max(1))?;
        if self.lane[at].receives >= MAX_RECEIVES {
            let message = self.lane.remove(at);
            self.saw("dead-lettered");
            self.dead.push(message);
            return None;
        }
        let message = &mut self.lane[at];
        message.receives += 1;
        message.visible_at = now.after(VISIBILITY);
        Some(message.clone())
    }

    pub(super) fn delete(&mut self, handle: u32) {
        self.lane.retain(|message| message.handle != handle);
    }

    pub(super) fn delete_dead(&mut self, handle: u32) {
        self.dead.retain(|message| message.handle != handle);
    }

    /// The message is shown again after `delay`.
    pub(super) fn hide(&mut self, handle: u32, delay: Duration) {
        let until = self.now.after(delay);
        self.lane.iter_mut().filter(|m| m.handle == handle).for_each(|m| m.visible_at = until);
    }

    pub(super) fn duplicate(&mut self, which: usize) {
        if let Some(message) = self.lane.get(which % self.lane.len().max(1)).cloned() {
            self.handles += 1;
            self.lane.push(Message { handle: self.handles, visible_at: self.now, receives: 0, ..message });
        }
    }

    pub(super) fn delay(&mut self, which: usize, by: Duration) {
        let (now, count) = (self.now, self.lane.len().max(1));
        if let Some(message) = self.lane.get_mut(which % count) {
            message.visible_at = message.visible_at.max(now).after(by);
        }
    }

    /// The next time at which something becomes possible.
    pub(super) fn next_time(&self) -> Option<Time> {
        let of_record = self.record.as_ref().map(|task| match task.state {
            State::Scheduled { due, .. } | State::Queued { due } => vec![due],
            // The attempt stops itself, its lease ends, others may take the task, the agenda is looked at.
            State::Running { lease_end, hard_end, .. } => {
                let around = [lease_end.before(ms(5_000)), lease_end, lease_end.after(ms(5_000))];
                around.into_iter().chain(hard_end).collect()
            }
            State::Ended { retained_until, .. } => vec![retained_until],
        });
        let deadline = self.record.as_ref().and_then(|task| task.spec.deadline);
        let visible = self.lane.iter().map(|message| message.visible_at);
        of_record.into_iter().flatten().chain(deadline).chain(visible).filter(|at| *at > self.now).min()
    }

    pub(super) fn lose(&mut self, which: usize) {
        if !self.lane.is_empty() {
            self.lane.remove(which % self.lane.len());
            self.ghost.lost = true;
        }
    }

    /// DynamoDB's own clean-up.
    pub(super) fn forget(&mut self) {
        if self.record.as_ref().is_some_and(|task| task.is_forgotten(self.now.before(ms(10_000)))) {
            self.record = None;
        }
    }

    /// Every rule about one write that was accepted, said again without looking at what the transition expects.
    fn check(&mut self, before: &Task, after: &Task, step: &Step, clock: Time) {
        use StateName::{Queued, Running, Scheduled};
        let (from, to) = (before.state.name(), after.state.name());
        let what = || format!("{step:?} at {clock:?}\nfrom {before:?}\nto {after:?}");
        assert_eq!((before.id, &before.spec.queue), (after.id, &after.spec.queue), "{}", what());
        let (waiting, open) = (matches!(from, Scheduled | Queued), !from.is_ended());
        let legal = match step {
            Step::Park { .. } => from == Queued && to == Scheduled && before.fence == Fence::NONE,
            Step::Mark { .. } => from == Scheduled && to == Queued,
            Step::Claim { .. } => open && to == Running,
            Step::Heartbeat { .. } => from == Running && to == Running,
            Step::Succeed { .. } => from == Running && to == StateName::Succeeded,
            Step::Fail { .. } => from == Running && to == StateName::Failed,
            Step::Again { .. } => from == Running && to == Queued,
            Step::AgainLater { .. } | Step::LeaseExpired { .. } => from == Running && to == Scheduled,
            Step::Hold { .. } | Step::Reschedule { .. } => waiting && to == Scheduled,
            Step::Lost { .. } => open && to == StateName::Failed,
            Step::Cancel { .. } => open && to == StateName::Cancelled,
            Step::Withdraw { .. } => waiting && to == StateName::Cancelled && before.fence == Fence::NONE,
            Step::Revive { now, .. } => !open && to == Scheduled && !before.is_forgotten(*now),
            Step::Expire { .. } => open && to == StateName::Expired,
        };
        assert!(legal, "an illegal move: {}", what());
        let read = match step {
            Step::Park { .. } => Generation::FIRST,
            Step::Claim { generation, .. }
            | Step::Hold { generation, .. }
            | Step::Mark { generation, .. }
            | Step::Reschedule { generation, .. }
            | Step::Revive { generation, .. } => *generation,
            _ => before.generation,
        };
        assert_eq!(read, before.generation, "what is stale changed something: {}", what());
        let entered = to == Scheduled;
        assert_eq!(after.generation.0, before.generation.0 + u32::from(entered), "generation: {}", what());
        let claimed = matches!(step, Step::Claim { .. });
        assert_eq!(after.fence.0, before.fence.0 + u32::from(claimed), "fence: {}", what());

        let ghost = &mut self.ghost;
        let outcome = match step {
            Step::Succeed { fence, .. }
            | Step::Fail { fence, .. }
            | Step::Again { fence, .. }
            | Step::AgainLater { fence, .. } => Some(*fence),
            _ => None,
        };
        if let Some(fence) = outcome {
            assert_eq!(fence, before.fence, "the outcome of an attempt that lost its lease: {}", what());
            let count = ghost.outcomes.entry((before.id.born, fence)).or_default();
            *count += 1;
            assert_eq!(*count, 1, "a second outcome: {}", what());
        }
        match step {
            Step::Claim { .. } => {
                ghost.attempts += 1;
                assert!(
                    from == Running || ghost.not_before <= clock,
                    "early, not before {:?}: {}",
                    ghost.not_before,
                    what()
                );
                assert!(before.spec.deadline.is_none_or(|deadline| clock < deadline), "late: {}", what());
                assert!(ghost.attempts <= before.spec.retry.max_attempts, "beyond its attempts: {}", what());
            }
            Step::Again { due, count, .. } | Step::AgainLater { due, count, .. } => {
                ghost.not_before = *due;
                ghost.attempts = match count {
                    Count::Keep => ghost.attempts,
                    Count::TakeBack => ghost.attempts - 1,
                    Count::Reset => 0,
                };
            }
            Step::Reschedule { due, .. } => ghost.not_before = *due,
            Step::Revive { now, .. } => (ghost.not_before, ghost.attempts) = (*now, 0),
            _ => {}
        }
        assert_eq!(after.attempts, ghost.attempts, "attempts: {}", what());

        // Whoever takes a task from its attempt finds that the attempt has stopped itself: five seconds before its
        // lease ended, by its own clock.
        let taken =
            matches!(step, Step::Claim { .. } | Step::LeaseExpired { .. } | Step::Lost { .. } | Step::Expire { .. });
        if taken && from == Running {
            for (attempt, its_clock) in self.attempts.iter().flatten() {
                let same = attempt.born == before.id.born && attempt.fence == before.fence;
                let stopped = attempt.lease_end.before(ms(5_000)) <= *its_clock;
                assert!(!same || stopped, "overlap with {attempt:?} at {its_clock:?}: {}", what());
            }
        }
        match step {
            Step::Lost { .. } => {
                assert!(ghost.attempts >= before.spec.retry.max_attempts, "lost too early: {}", what())
            }
            Step::Expire { .. } => {
                assert!(
                    before.spec.deadline.is_some_and(|deadline| deadline <= clock),
                    "expired too early: {}",
                    what()
                );
            }
            _ => {}
        }
    }

    /// What must be true between any two steps of anybody.
    pub(super) fn holds(&self) {
        let Some(task) = &self.record else { return };
        let ours = |message: &&Message| message.born == task.id.born;
        let mut messages = self.lane.iter().chain(&self.dead).filter(ours);
        assert!(messages.clone().all(|m| m.generation <= task.generation), "a message is ahead: {self:#?}");
        let carried = match &task.state {
            State::Scheduled { .. } | State::Ended { .. } => true,
            State::Running { hard_end: Some(_), .. } => true,
            State::Queued { .. } | State::Running { hard_end: None, .. } => {
                messages.any(|m| m.generation == task.generation)
            }
        };
        assert!(carried || !self.must_end(), "nothing carries the task: {self:#?}");
    }

    /// Whether the record is of a life that must end without the audit.
    pub(super) fn must_end(&self) -> bool {
        !self.ghost.lost && self.record.as_ref().is_some_and(|task| self.ghost.accepted.contains(&task.id.born))
    }
}
