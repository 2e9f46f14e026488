//! What becomes of a message whose task was not run, or not by it: deleted, handed back, or its task settled first.
//!
//! Deleting the wrong message loses a task until the audit, so a deletion takes an [`Ack`], and an `Ack` takes a reason.

use std::time::Duration;

use crate::{AttemptError, ErrorKind, Generation, Refusal, State, StateName, Step, Task, TaskId, Time};

/// How long a message that is ahead of its record waits. It never should be, so nothing is known of when it fits.
const AHEAD: Duration = Duration::from_secs(5);

/// Twice the submit function's timeout: after that no record will follow a message any more.
const SUBMIT_GONE: Duration = Duration::from_secs(60);

/// The right to delete a message. It is made only with one of the [reasons](Reason) at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "the message stays until it is deleted"]
pub struct Ack {
    reason: Reason,
}

/// Why a message may be deleted; there are no others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The record's generation is ahead of it: the agenda, or a later message, carries the task.
    GenerationBehind,
    /// The task has ended.
    LifeOver,
    /// The record is of another life under the same key.
    OtherLife,
    /// The message that follows it has been sent.
    SuccessorPlaced,
    /// It cannot be read, and a copy of it is kept for a person.
    KeptAside,
}

impl Ack {
    /// What the record, as it was just read or written, says of a message: that it carries nothing any more, or `None`
    /// when it still may be what carries the task.
    pub fn shown_by(task: &Task, id: TaskId, message: Generation) -> Option<Self> {
        let reason = if task.id != id {
            Reason::OtherLife
        } else if task.state.name().is_ended() {
            Reason::LifeOver
        } else if message < task.generation {
            Reason::GenerationBehind
        } else {
            return None;
        };
        Some(Ack { reason })
    }

    /// There is no record of a message sent at `sent`, and none can follow any more: its submit was not accepted, or its
    /// retention is long over.
    pub fn no_record(sent: Time, now: Time) -> Option<Self> {
        (now.since(sent) > SUBMIT_GONE).then_some(Ack { reason: Reason::LifeOver })
    }

    /// SQS accepted the message that follows. The lint `disallowed_methods` lets only the queue's adapter call this.
    pub const fn successor_placed() -> Self {
        Ack { reason: Reason::SuccessorPlaced }
    }

    /// The table accepted a copy of the unreadable message. The lint `disallowed_methods` lets only the table's adapter
    /// call this.
    pub const fn kept_aside() -> Self {
        Ack { reason: Reason::KeptAside }
    }

    /// Why.
    pub const fn reason(self) -> Reason {
        self.reason
    }
}

/// What to do with a message whose claim was refused.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// Delete it.
    Ack(Ack),
    /// Write this and then delete it. If the write is refused, leave it: the record has moved on.
    Settle(Step),
    /// Make it visible again at this time, when the task may be claimed.
    HandBack {
        /// Not before `now`.
        until: Time,
    },
    /// Do nothing: it comes back when its visibility ends.
    Leave,
}

/// What to do with a message of `message` generation whose claim, or whose hold, `task` refused at `now`.
pub fn refused(refusal: Refusal, task: &Task, message: Generation, now: Time) -> Verdict {
    match refusal {
        Refusal::OtherLife => Verdict::Ack(Ack { reason: Reason::OtherLife }),
        Refusal::Ended(_) => Verdict::Ack(Ack { reason: Reason::LifeOver }),
        Refusal::Generation(record) if message < record => Verdict::Ack(Ack { reason: Reason::GenerationBehind }),
        Refusal::Generation(_) => Verdict::HandBack { until: now.after(AHEAD) },
        // A duplicate of what runs: should the attempt die, this message is what carries the task.
        Refusal::LiveLease(until) | Refusal::NotDue(until) => Verdict::HandBack { until: until.max(now) },
        Refusal::DeadlinePassed => Verdict::Settle(expired(task, now)),
        Refusal::AttemptsSpent => Verdict::Settle(lost(task, now)),
        // No claim is refused for these; of a step that was, nothing follows for the message.
        Refusal::State(_)
        | Refusal::Fence(_)
        | Refusal::DeadlineAhead
        | Refusal::AttemptsLeft
        | Refusal::BeatenSince
        | Refusal::Forgotten => Verdict::Leave,
    }
}

/// What time has made of a task that no attempt holds at `now`, and that must be written: it expired, it was lost, or
/// its attempt was and another follows. Nothing when it may go on as it is.
pub fn overdue(task: &Task, now: Time) -> Option<Step> {
    if task.state.name().is_ended() || task.state.live_lease(now).is_some() {
        return None;
    }
    let spent = task.attempts >= task.spec.retry.max_attempts;
    match &task.state {
        _ if task.state_at(now) == StateName::Expired => Some(expired(task, now)),
        _ if spent => Some(lost(task, now)),
        State::Running { .. } => Some(Step::LeaseExpired { fence: task.fence, now }),
        State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
    }
}

/// What to do with a message of a life that came to be dead-lettered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeadLetter {
    /// Send it to its lane again, to be visible at this time, and then delete it.
    Send {
        /// When the task may be claimed; not before `now`.
        at: Time,
    },
    /// Delete it.
    Drop(Ack),
}

/// What to do with the dead letter of `id` and `message` generation, given the record.
pub fn dead_letter(task: &Task, id: TaskId, message: Generation, now: Time) -> DeadLetter {
    if let Some(ack) = Ack::shown_by(task, id, message) {
        return DeadLetter::Drop(ack);
    }
    let at = match &task.state {
        State::Scheduled { due, .. } | State::Queued { due } => *due,
        State::Running { .. } | State::Ended { .. } => task.state.live_lease(now).unwrap_or(now),
    };
    DeadLetter::Send { at: at.max(now) }
}

fn expired(task: &Task, now: Time) -> Step {
    Step::Expire { now, retained_until: task.retained_until(now) }
}

fn lost(task: &Task, now: Time) -> Step {
    let error = AttemptError {
        kind: ErrorKind::Lost,
        message: "the attempt ended without a word, and no other is left".into(),
        attempt: task.attempts,
        at: now,
    };
    Step::Lost { now, retained_until: task.retained_until(now), error }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Fence, Nonce, RetryPolicy, SKEW, Spec, Transition};

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    fn task(state: State) -> Task {
        let example = Task::example(NOW.before(Duration::from_secs(600)));
        let retry = RetryPolicy { max_attempts: 2, ..RetryPolicy::default() };
        let mut spec = Spec { run_at: NOW, ..example.spec.clone() };
        spec.options.retry = retry;
        Task { spec, state, generation: Generation(2), fence: Fence(1), attempts: 1, ..example }
    }

    fn running(lease_end: Time) -> Task {
        task(State::Running { owner: Nonce(1), lease_end, hard_end: None })
    }

    fn ended() -> Task {
        task(State::Ended { end: crate::End::Failed, at: NOW, retained_until: NOW })
    }

    fn claimed(task: &Task, message: Generation, now: Time) -> Verdict {
        let step = Step::Claim { generation: message, owner: Nonce(2), now, lease_end: now };
        refused(Transition { born: task.id.born, step }.refusal(task).unwrap(), task, message, now)
    }

    #[test]
    fn a_live_duplicate_is_handed_back_until_the_lease_is_over() {
        let task = running(NOW);
        assert_eq!(claimed(&task, Generation(2), NOW), Verdict::HandBack { until: NOW.after(SKEW) });
        let waits = self::task(State::Queued { due: NOW.after(SKEW) });
        assert_eq!(claimed(&waits, Generation(2), NOW), Verdict::HandBack { until: NOW.after(SKEW) });
    }

    #[test]
    fn only_what_carries_nothing_is_deleted() {
        let queued = task(State::Queued { due: NOW });
        let reason = |verdict| match verdict {
            Verdict::Ack(ack) => Some(ack.reason()),
            Verdict::Settle(_) | Verdict::HandBack { .. } | Verdict::Leave => None,
        };
        assert_eq!(reason(claimed(&queued, Generation(1), NOW)), Some(Reason::GenerationBehind));
        assert_eq!(reason(claimed(&queued, Generation(3), NOW)), None);
        assert_eq!(reason(claimed(&ended(), Generation(2), NOW)), Some(Reason::LifeOver));
        assert_eq!(reason(refused(Refusal::OtherLife, &queued, Generation(2), NOW)), Some(Reason::OtherLife));
        let other = TaskId { born: NOW, ..queued.id };
        let shown = |task: &Task, id, message| Ack::shown_by(task, id, message).map(Ack::reason);
        assert_eq!(shown(&queued, queued.id, Generation(1)), Some(Reason::GenerationBehind));
        assert_eq!(shown(&queued, queued.id, Generation(2)), None);
        assert_eq!(shown(&queued, queued.id, Generation(3)), None);
        assert_eq!(shown(&queued, other, Generation(2)), Some(Reason::OtherLife));
        assert_eq!(shown(&ended(), queued.id, Generation(2)), Some(Reason::LifeOver));
    }

    #[test]
    fn a_task_that_cannot_run_is_settled_once_nobody_holds_it() {
        let mut late = running(NOW);
        late.spec.deadline = Some(NOW);
        let mut spent = running(NOW);
        spent.attempts = 2;
        let over = NOW.after(SKEW);
        for task in [&late, &spent, &running(NOW)] {
            assert_eq!(overdue(task, over.before(Duration::from_millis(1))), None);
            let step = overdue(task, over).unwrap();
            assert_eq!(Transition { born: task.id.born, step }.refusal(task), None);
        }
        assert!(matches!(claimed(&late, Generation(2), over), Verdict::Settle(Step::Expire { .. })));
        assert!(matches!(claimed(&spent, Generation(2), over), Verdict::Settle(Step::Lost { .. })));
        assert!(matches!(overdue(&running(NOW), over), Some(Step::LeaseExpired { .. })));
        assert_eq!(overdue(&task(State::Scheduled { due: NOW }), over), None);
        assert_eq!(overdue(&ended(), over), None);
    }

    #[test]
    fn a_dead_letter_of_an_open_task_is_sent_again_for_when_it_can_be_claimed() {
        let later = NOW.after(SKEW);
        let sent = |task: &Task| dead_letter(task, task.id, Generation(2), NOW);
        assert_eq!(sent(&running(NOW)), DeadLetter::Send { at: later });
        assert_eq!(sent(&running(NOW.before(SKEW))), DeadLetter::Send { at: NOW });
        assert_eq!(sent(&task(State::Queued { due: later })), DeadLetter::Send { at: later });
        assert_eq!(sent(&task(State::Queued { due: Time::default() })), DeadLetter::Send { at: NOW });
        assert!(matches!(sent(&ended()), DeadLetter::Drop(_)));
    }
}
