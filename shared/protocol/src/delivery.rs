//! What an executor does with a message that could not claim its task, and a tick with a dead letter.
//!
//! If the wrong message is deleted, its task is lost until the audit finds it. So a deletion takes an [`Ack`], and an
//! `Ack` is made only for one of five reasons.

use std::time::Duration;

use crate::{
    AttemptError, End, ErrorKind, Generation, PastAttempt, Refusal, State, StateName, Step, Task, TaskId, Time,
};

/// How long an executor hides a message whose generation is ahead of its record's, or whose permit is for an attempt that
/// was overtaken. No better time is known.
const AHEAD: Duration = Duration::from_secs(5);

/// The age from which a message without a record is deleted: twice the timeout of the submit function, which could
/// still write the record until then.
const SUBMIT_GONE: Duration = Duration::from_secs(60);

/// The right to delete a message. It is made only for one of the [reasons](Reason).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "the message stays in its queue until it is deleted"]
pub struct Ack {
    reason: Reason,
}

/// Why a message may be deleted. There are no other reasons.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The message's generation is behind the record's. The agenda or a later message carries the task.
    GenerationBehind,
    /// The message's life of the task is over.
    LifeOver,
    /// The record under this key belongs to another life.
    OtherLife,
    /// The message's successor was sent.
    SuccessorPlaced,
    /// The message cannot be read, and the table keeps a copy for a person.
    KeptAside,
}

impl Ack {
    /// An `Ack` if the record shows that the message no longer carries the task. `None` if the message may still carry
    /// it. The caller must have just read or written the record.
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

    /// An `Ack` for a message without a record, once no record can follow it. Either its submit was never accepted, or
    /// the record outlived its retention and was deleted.
    pub fn no_record(sent: Time, now: Time) -> Option<Self> {
        (now.since(sent) > SUBMIT_GONE).then_some(Ack { reason: Reason::LifeOver })
    }

    /// An `Ack` for a message whose successor SQS has accepted. The lint `disallowed_methods` lets only the adapter to
    /// SQS call this.
    pub const fn successor_placed() -> Self {
        Ack { reason: Reason::SuccessorPlaced }
    }

    /// An `Ack` for an unreadable message whose copy the table has accepted. The lint `disallowed_methods` lets only
    /// the adapter to DynamoDB call this.
    pub const fn kept_aside() -> Self {
        Ack { reason: Reason::KeptAside }
    }

    /// The reason for which this `Ack` was made.
    pub const fn reason(self) -> Reason {
        self.reason
    }
}

/// What an executor does with a message whose claim was refused.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// Delete the message.
    Ack(Ack),
    /// Write this step, then delete the message. If the write is refused, leave the message: the record has changed.
    Settle(Step),
    /// Make the message visible again when the task may be claimed.
    HandBack {
        /// When the message becomes visible; not before `now`.
        until: Time,
    },
    /// Claim again, with this timeout in seconds: the message's own is not the record's.
    ClaimAgain {
        /// The timeout of an attempt, as the record has it.
        timeout_seconds: u32,
    },
    /// Do nothing. SQS delivers the message again when its visibility timeout ends.
    Leave,
}

/// What an executor does with a message of generation `message` after the record of `task` refused its claim at `now`.
pub fn refused(refusal: Refusal, task: &Task, message: Generation, now: Time) -> Verdict {
    match refusal {
        Refusal::OtherLife => Verdict::Ack(Ack { reason: Reason::OtherLife }),
        Refusal::Ended(_) => Verdict::Ack(Ack { reason: Reason::LifeOver }),
        Refusal::Generation(record) if message < record => Verdict::Ack(Ack { reason: Reason::GenerationBehind }),
        Refusal::Generation(_) => Verdict::HandBack { until: now.after(AHEAD) },
        // A claim by a permit, or a hold: another attempt has begun since the record was read.
        Refusal::Fence(_) => Verdict::HandBack { until: now.after(AHEAD) },
        // An attempt may be running. If it dies, this message carries the task.
        Refusal::LiveLease(until) | Refusal::NotDue(until) => Verdict::HandBack { until: until.max(now) },
        Refusal::DeadlinePassed => Verdict::Settle(expired(task, now)),
        Refusal::AttemptsSpent => Verdict::Settle(lost(task, now)),
        Refusal::Timeout(timeout_seconds) => Verdict::ClaimAgain { timeout_seconds },
        // These do not refuse a claim. If another step was refused, the message stays as it is.
        Refusal::State(_)
        | Refusal::DeadlineAhead
        | Refusal::AttemptsLeft
        | Refusal::BeatenSince
        | Refusal::CallbackOwed
        | Refusal::NoCallbackOwed
        | Refusal::Forgotten => Verdict::Leave,
    }
}

/// The step that must be written because of the time alone, for a task that no attempt holds at `now`: the task has
/// expired, it has no attempts left, or its attempt is lost and another follows. `None` if the task can go on as it is.
pub fn overdue(task: &Task, now: Time) -> Option<Step> {
    if task.state.name().is_ended() || task.state.live_lease(now).is_some() {
        return None;
    }
    let spent = task.attempts >= task.spec.options.retry.max_attempts;
    match &task.state {
        _ if task.state_at(now) == StateName::Expired => Some(expired(task, now)),
        _ if spent => Some(lost(task, now)),
        State::Running { .. } => {
            // The record's room is not known here, so earlier lines give way to this one.
            let taken = task.past.iter().map(PastAttempt::bytes).sum::<usize>().max(LOST_LINE);
            let past = task.past_with(&lost_attempt(task, now, ""), taken);
            Some(Step::LeaseExpired { fence: task.fence, now, past })
        }
        State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
    }
}

/// What a tick does with a dead letter that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeadLetter {
    /// Send the message to its lane again, then delete the dead letter.
    Send {
        /// When the new message becomes visible, because the task may be claimed; not before `now`.
        at: Time,
    },
    /// Delete the dead letter.
    Drop(Ack),
}

/// What a tick does with the dead letter of task `id` and generation `message`, given the record of the task.
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
    Step::Expire { now, retained_until: task.retained_until(now), owes: task.is_followed(End::Expired) }
}

fn lost(task: &Task, now: Time) -> Step {
    let error = lost_attempt(task, now, "the last attempt ended without reporting a result");
    Step::Lost { now, retained_until: task.retained_until(now), error, owes: task.is_followed(End::Failed) }
}

/// The line of a lost attempt has at most this many bytes. A record keeps more than that free for such things.
const LOST_LINE: usize = 48;

fn lost_attempt(task: &Task, now: Time, message: &str) -> AttemptError {
    AttemptError { kind: ErrorKind::Lost, message: message.into(), attempt: task.attempts, at: now }
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
        task(State::Ended { end: crate::End::Failed, at: NOW, retained_until: NOW, owes: false })
    }

    fn claimed(task: &Task, message: Generation, now: Time) -> Verdict {
        let timeout_seconds = task.spec.options.timeout_seconds;
        let step = Step::Claim { generation: message, owner: Nonce(2), now, timeout_seconds, fence: None };
        refused(Transition { born: task.id.born, step }.refusal(task).unwrap(), task, message, now)
    }

    #[test]
    fn a_duplicate_is_handed_back_until_the_lease_is_over() {
        let task = running(NOW);
        assert_eq!(claimed(&task, Generation(2), NOW), Verdict::HandBack { until: NOW.after(SKEW) });
        let waits = self::task(State::Queued { due: NOW.after(SKEW) });
        assert_eq!(claimed(&waits, Generation(2), NOW), Verdict::HandBack { until: NOW.after(SKEW) });
    }

    #[test]
    fn a_message_that_may_carry_its_task_is_not_deleted() {
        let queued = task(State::Queued { due: NOW });
        let reason = |verdict| match verdict {
            Verdict::Ack(ack) => Some(ack.reason()),
            Verdict::Settle(_) | Verdict::HandBack { .. } | Verdict::ClaimAgain { .. } | Verdict::Leave => None,
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
    fn an_overdue_task_is_settled_once_no_attempt_holds_it() {
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
        let Some(Step::LeaseExpired { past, .. }) = overdue(&running(NOW), over) else { panic!("the task goes on") };
        let lost: Vec<_> = past.iter().map(|past| (past.attempt, past.kind, past.failed_at)).collect();
        assert_eq!(lost, [(1, ErrorKind::Lost, over)]);
        assert_eq!(overdue(&task(State::Scheduled { due: NOW, held: false }), over), None);
        assert_eq!(overdue(&ended(), over), None);
    }

    #[test]
    fn a_dead_letter_of_an_open_task_is_sent_again() {
        let later = NOW.after(SKEW);
        let sent = |task: &Task| dead_letter(task, task.id, Generation(2), NOW);
        assert_eq!(sent(&running(NOW)), DeadLetter::Send { at: later });
        assert_eq!(sent(&running(NOW.before(SKEW))), DeadLetter::Send { at: NOW });
        assert_eq!(sent(&task(State::Queued { due: later })), DeadLetter::Send { at: later });
        assert_eq!(sent(&task(State::Queued { due: Time::default() })), DeadLetter::Send { at: NOW });
        assert!(matches!(sent(&ended()), DeadLetter::Drop(_)));
    }
}
