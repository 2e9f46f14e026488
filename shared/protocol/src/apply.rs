//! The interpreter of transitions in memory, and the refusals that all interpreters report.

use strum::{IntoStaticStr, VariantNames};

use crate::{Expect, Fence, Generation, Set, StateName, Task, Time, Transition, state::State};

/// Why a transition does not fit a record.
///
/// The names in logs and reports are the variants' in lower case, with spaces between the words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Refusal {
    /// The record under this key belongs to another life.
    #[error("the record belongs to another life of the task")]
    #[strum(serialize = "other life")]
    OtherLife,
    /// The task has ended.
    #[error("the task has ended as {}", .0.as_str())]
    Ended(StateName),
    /// The task has not ended, but the step is not possible in its state.
    #[error("the task is {}", .0.as_str())]
    State(StateName),
    /// The record has another generation: this one.
    #[error("the record is at generation {}", .0.0)]
    Generation(Generation),
    /// The record has another fence: this one.
    #[error("the record was claimed {} times", .0.0)]
    Fence(Fence),
    /// An attempt holds the task, until this time at the earliest.
    #[error("an attempt holds the task")]
    #[strum(serialize = "live lease")]
    LiveLease(Time),
    /// The deadline has passed.
    #[error("the deadline has passed")]
    #[strum(serialize = "deadline passed")]
    DeadlinePassed,
    /// The deadline has not passed, or the task has none.
    #[error("no deadline has passed")]
    #[strum(serialize = "deadline ahead")]
    DeadlineAhead,
    /// No attempt is left.
    #[error("no attempt is left")]
    #[strum(serialize = "attempts spent")]
    AttemptsSpent,
    /// An attempt is left.
    #[error("an attempt is left")]
    #[strum(serialize = "attempts left")]
    AttemptsLeft,
    /// The task is not due before this time.
    #[error("the task is not due yet")]
    #[strum(serialize = "not due")]
    NotDue(Time),
    /// The message has another timeout than the record, which has this one, in seconds.
    #[error("the message has another timeout than the task, whose attempts may take {0} s")]
    #[strum(serialize = "other timeout")]
    Timeout(u32),
    /// A later heartbeat was written before this one.
    #[error("a later heartbeat was written before this one")]
    #[strum(serialize = "beaten since")]
    BeatenSince,
    /// The record's retention is over.
    #[error("the retention of the record is over")]
    Forgotten,
    /// The callback of the task's end is not made yet.
    #[error("the callback of the task's end is not made yet")]
    #[strum(serialize = "callback owed")]
    CallbackOwed,
    /// No callback of the task is owed.
    #[error("no callback of the task is owed")]
    #[strum(serialize = "no callback owed")]
    NoCallbackOwed,
}

impl Refusal {
    /// The name of every refusal.
    pub const NAMES: &[&str] = Self::VARIANTS;

    /// The name in logs and reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Transition {
    /// The first expectation that `task` does not meet. `None` if the transition fits.
    pub fn refusal(&self, task: &Task) -> Option<Refusal> {
        self.expects().iter().find_map(|expect| expect.refusal(task))
    }

    /// The record of `task` after this transition.
    ///
    /// # Errors
    /// The first expectation that `task` does not meet.
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
        let spent = task.attempts >= task.spec.options.retry.max_attempts;
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
            Expect::Timeout(seconds) => {
                let of_task = task.spec.options.timeout_seconds;
                (of_task != seconds).then_some(Refusal::Timeout(of_task))
            }
            Expect::LeaseUpTo(end) => match task.state {
                State::Running { lease_end, .. } if lease_end > end => Some(Refusal::BeatenSince),
                State::Running { .. } | State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
            },
            Expect::Owes(owes) => match (owes, matches!(task.state, State::Ended { owes: true, .. })) {
                (true, false) => Some(Refusal::NoCallbackOwed),
                (false, true) => Some(Refusal::CallbackOwed),
                (true, true) | (false, false) => None,
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
                // Every transition that sets a lease expects a running task.
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
            Set::GivenBackPlusOne => task.given_back = task.given_back.saturating_add(1),
            Set::GivenBackZero => task.given_back = 0,
            Set::StartedAt(at) => task.started_at = Some(at),
            Set::Progress(progress) => task.progress = Some(progress),
            Set::Checkpoint(checkpoint) => task.checkpoint = Some(checkpoint),
            Set::Result(result) => task.result = Some(result),
            Set::Error(error) => task.error = Some(error),
            Set::Past(past) => task.past = past,
            Set::Children(children) => task.children = children,
            Set::NoError => task.error = None,
            Set::Fresh => {
                task.started_at = None;
                task.progress = None;
                task.checkpoint = None;
                task.result = None;
                task.error = None;
                task.past = Vec::new();
                task.given_back = 0;
            }
            Set::RunAt(at) => task.spec.run_at = at,
            Set::Deadline(deadline) => task.spec.deadline = deadline,
            Set::Priority(priority) => task.spec.options.priority = priority,
            Set::Spec(spec) => task.spec = *spec,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Nonce, Step};

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    fn task(state: State) -> Task {
        Task { state, ..Task::example(NOW) }
    }

    #[test]
    fn there_is_an_example_of_each_step() {
        let mut names: Vec<&str> = Step::examples().iter().map(Step::name).collect();
        names.dedup();
        assert_eq!(names, Step::NAMES);
    }

    #[test]
    fn no_step_changes_another_life_under_the_same_key() {
        let states = [
            State::Queued { due: NOW },
            State::Running { owner: Nonce(1), lease_end: Time::default(), hard_end: None },
            State::Ended { end: crate::End::Failed, at: NOW, retained_until: NOW, owes: false },
        ];
        for step in Step::examples() {
            let name = step.name();
            let transition = Transition { born: NOW.after(std::time::Duration::from_millis(1)), step };
            for state in &states {
                assert_eq!(transition.refusal(&task(state.clone())), Some(Refusal::OtherLife), "{name}");
            }
        }
    }
}
