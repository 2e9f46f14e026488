//! The interpreter of transitions that works in memory, and the refusals that both interpreters tell.

use crate::{Expect, Fence, Generation, Set, StateName, Task, Time, Transition, state::State};

/// Why a transition does not fit a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The record is of another life under the same key.
    #[error("the record is of another life")]
    OtherLife,
    /// The task has ended.
    #[error("the task has ended as {}", .0.as_str())]
    Ended(StateName),
    /// The task is open, but not in a state that this can happen in.
    #[error("the task is {}", .0.as_str())]
    State(StateName),
    /// The record's generation is another.
    #[error("the record is at generation {}", .0.0)]
    Generation(Generation),
    /// The record's fence is another.
    #[error("the record was claimed {} times", .0.0)]
    Fence(Fence),
    /// An attempt holds the task, until this time at the earliest.
    #[error("an attempt holds the task")]
    LiveLease(Time),
    /// The deadline has passed.
    #[error("the deadline has passed")]
    DeadlinePassed,
    /// The deadline has not passed, or there is none.
    #[error("no deadline has passed")]
    DeadlineAhead,
    /// No attempt is left.
    #[error("no attempt is left")]
    AttemptsSpent,
    /// An attempt is left.
    #[error("an attempt is left")]
    AttemptsLeft,
    /// The task is not due before this time.
    #[error("the task is not due yet")]
    NotDue(Time),
    /// A later beat was here before.
    #[error("a later beat was here before")]
    BeatenSince,
    /// The record's retention is over.
    #[error("the record is not kept any more")]
    Forgotten,
}

impl Refusal {
    /// Every refusal's name.
    pub const NAMES: [&str; 13] = [
        "other life",
        "ended",
        "state",
        "generation",
        "fence",
        "live lease",
        "deadline passed",
        "deadline ahead",
        "attempts spent",
        "attempts left",
        "not due",
        "beaten since",
        "forgotten",
    ];

    /// What it is called in logs and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Refusal::OtherLife => "other life",
            Refusal::Ended(_) => "ended",
            Refusal::State(_) => "state",
            Refusal::Generation(_) => "generation",
            Refusal::Fence(_) => "fence",
            Refusal::LiveLease(_) => "live lease",
            Refusal::DeadlinePassed => "deadline passed",
            Refusal::DeadlineAhead => "deadline ahead",
            Refusal::AttemptsSpent => "attempts spent",
            Refusal::AttemptsLeft => "attempts left",
            Refusal::NotDue(_) => "not due",
            Refusal::BeatenSince => "beaten since",
            Refusal::Forgotten => "forgotten",
        }
    }
}

impl Transition {
    /// The first thing that `task` is not but should be, or nothing.
    pub fn refusal(&self, task: &Task) -> Option<Refusal> {
        self.expects().iter().find_map(|expect| expect.refusal(task))
    }

    /// `task` after this transition, or why it cannot be.
    pub fn apply(&self, task: &Task) -> Result<Task, Refusal> {
        match self.refusal(task) {
            Some(refusal) => Err(refusal),
            None => {
                let mut task = task.clone();
                self.sets().into_iter().for_each(|set| set.apply(&mut task));
                Ok(task)
            }
        }
    }
}

impl Expect {
    fn refusal(&self, task: &Task) -> Option<Refusal> {
        let late = |now: Time| task.spec.deadline.is_some_and(|deadline| deadline <= now);
        let spent = task.attempts >= task.spec.retry.max_attempts;
        match *self {
            Expect::Born(born) => (task.id.born != born).then_some(Refusal::OtherLife),
            Expect::State(states) => {
                let name = task.state.name();
                match (states.contains(&name), name.is_ended()) {
                    (true, _) => None,
                    (false, true) => Some(Refusal::Ended(name)),
                    (false, false) => Some(Refusal::State(name)),
                }
            }
            Expect::Generation(generation) => {
                (task.generation != generation).then_some(Refusal::Generation(task.generation))
            }
            Expect::Fence(fence) => (task.fence != fence).then_some(Refusal::Fence(task.fence)),
            Expect::NoLiveLease(now) => task.state.live_lease(now).map(Refusal::LiveLease),
            Expect::BeforeDeadline(now) => late(now).then_some(Refusal::DeadlinePassed),
            Expect::PastDeadline(now) => (!late(now)).then_some(Refusal::DeadlineAhead),
            Expect::AttemptsLeft => spent.then_some(Refusal::AttemptsSpent),
            Expect::AttemptsSpent => (!spent).then_some(Refusal::AttemptsLeft),
            Expect::Due(now) => match task.state {
                State::Scheduled { due, .. } | State::Queued { due } if due > now => Some(Refusal::NotDue(due)),
                State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } | State::Ended { .. } => None,
            },
            Expect::LeaseUpTo(end) => match task.state {
                State::Running { lease_end, .. } if lease_end > end => Some(Refusal::BeatenSince),
                State::Running { .. } | State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
            },
            Expect::Kept(now) => task.is_forgotten(now).then_some(Refusal::Forgotten),
        }
    }
}

impl Set {
    fn apply(self, task: &mut Task) {
        match self {
            Set::State(state) => task.state = state,
            Set::Lease { end, hard_end } => {
                // Expected to be running by every transition that sets a lease.
                if let State::Running { lease_end, hard_end: watched, .. } = &mut task.state {
                    *lease_end = end;
                    *watched = Some(hard_end);
                }
            }
            Set::GenerationNext => task.generation = task.generation.next(),
            Set::FenceNext => task.fence = task.fence.next(),
            Set::AttemptsPlusOne => task.attempts += 1,
            Set::AttemptsMinusOne => task.attempts = task.attempts.saturating_sub(1),
            Set::AttemptsZero => task.attempts = 0,
            Set::StartedAt(at) => task.started_at = Some(at),
            Set::Progress(progress) => task.progress = Some(progress),
            Set::Checkpoint(checkpoint) => task.checkpoint = Some(checkpoint),
            Set::Result(result) => task.result = Some(result),
            Set::Error(error) => task.error = Some(error),
            Set::NoError => task.error = None,
            Set::Fresh => {
                task.started_at = None;
                task.progress = None;
                task.checkpoint = None;
                task.result = None;
                task.error = None;
            }
            Set::RunAt(at) => task.spec.run_at = at,
            Set::Deadline(deadline) => task.spec.deadline = deadline,
            Set::Priority(priority) => task.spec.options.priority = priority,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttemptError, Count, ErrorKind, Nonce, Priority, Step};

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    fn task(state: State) -> Task {
        Task { state, ..Task::example(NOW) }
    }

    /// One of each.
    fn steps() -> [Step; Step::NAMES.len()] {
        let (generation, fence, due, at) = (Generation::FIRST, Fence::NONE, NOW, NOW);
        let (now, retained_until) = (NOW, NOW);
        let error = AttemptError { kind: ErrorKind::Lost, message: "no".into(), attempt: 1, at };
        let count = Count::Keep;
        [
            Step::Park { due },
            Step::Mark { generation, due },
            Step::Claim { generation, owner: Nonce(1), now, lease_end: NOW },
            Step::Heartbeat { fence, lease_end: NOW, hard_end: NOW, progress: None, checkpoint: None },
            Step::Succeed { fence, at, retained_until, result: None, progress: None },
            Step::Fail { fence, at, retained_until, error: error.clone() },
            Step::Again { fence, due, count, error: None, checkpoint: None },
            Step::AgainLater { fence, due, count, error: None, checkpoint: None },
            Step::LeaseExpired { fence, now },
            Step::Lost { now, retained_until, error },
            Step::Cancel { at, retained_until },
            Step::Withdraw { at, retained_until },
            Step::Reschedule { generation, now, due, run_at: None, deadline: None, priority: Priority::Normal },
            Step::Revive { generation, now, deadline: None },
            Step::Expire { now, retained_until },
        ]
    }

    #[test]
    fn no_step_touches_another_life_of_its_key() {
        let states = [
            State::Queued { due: NOW },
            State::Running { owner: Nonce(1), lease_end: Time::default(), hard_end: None },
            State::Ended { end: crate::End::Failed, at: NOW, retained_until: NOW },
        ];
        for (step, name) in steps().into_iter().zip(Step::NAMES) {
            assert_eq!(step.name(), name);
            let of_another = Transition { born: NOW.after(std::time::Duration::from_millis(1)), step };
            for state in &states {
                assert_eq!(of_another.refusal(&task(state.clone())), Some(Refusal::OtherLife), "{name}");
            }
        }
    }
}
