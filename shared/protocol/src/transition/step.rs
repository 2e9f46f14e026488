//! The steps of the protocol: what each expects of the record, and what it sets.

use strum::{IntoStaticStr, VariantNames};

use super::{Expect, Set};
use crate::{
    AttemptError, End, Fence, Generation, Nonce, PastAttempt, Priority, Progress, Spec, State, StateName, Stored,
    TaskId, Time, callback::kept_while_owed, lease,
};

const WAITING: &[StateName] = &[StateName::Scheduled, StateName::Queued];
const OPEN: &[StateName] = &[StateName::Scheduled, StateName::Queued, StateName::Running];
const ENDED: &[StateName] = &[StateName::Succeeded, StateName::Failed, StateName::Cancelled, StateName::Expired];

/// The steps of the protocol. `docs/protocol.md` has the order of the writes around each, and what catches a crash.
///
/// The names in logs and reports are the variants' in lower case, with spaces between the words.
#[derive(Clone, PartialEq, Debug, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Step {
    /// SQS did not accept the first message. The agenda carries the task instead.
    Park {
        /// When the task is due.
        due: Time,
    },
    /// A message of this generation was sent. The agenda no longer needs the task's entry.
    Mark {
        /// The generation of the message.
        generation: Generation,
        /// When the task is due.
        due: Time,
    },
    /// An attempt takes the task. This step alone decides whether an attempt may start.
    Claim {
        /// The generation of the message.
        generation: Generation,
        /// A random number that identifies this claim.
        owner: Nonce,
        /// The time of the claim.
        now: Time,
        /// The timeout of an attempt, in seconds, as the message says. The lease follows from it.
        timeout_seconds: u32,
        /// The fence that the record must have, if the attempt runs by a [permit](crate::Permit) for the next one.
        fence: Option<Fence>,
    },
    /// The task's queue is paused, or has as many attempts as its limit allows. A hold list carries the task instead of the
    /// message.
    ///
    /// The executor has put the task's entry into that list. The step expects what a claim expects, so that a task which
    /// may not be claimed is not held either.
    Hold {
        /// The generation of the message.
        generation: Generation,
        /// The time of this step.
        now: Time,
        /// When the task was due, by the record as it was read.
        due: Time,
        /// The fence of that record. If an attempt has started since, the task may be due at another time.
        fence: Fence,
    },
    /// The attempt is alive. It renews its lease and reports its progress.
    Heartbeat {
        /// The fence of the attempt.
        fence: Fence,
        /// When the renewed lease ends.
        lease_end: Time,
        /// When the attempt must have ended. Every heartbeat of an attempt has the same value, so only the first
        /// changes the agenda.
        hard_end: Time,
        /// The progress, if it has changed.
        progress: Option<Progress>,
        /// The checkpoint, if it has changed.
        checkpoint: Option<Stored>,
    },
    /// The attempt succeeded.
    Succeed {
        /// The fence of the attempt.
        fence: Fence,
        /// The time of the end.
        at: Time,
        /// Until when the record is kept.
        retained_until: Time,
        /// What the handler returned.
        result: Option<Stored>,
        /// The final progress, if it has changed.
        progress: Option<Progress>,
        /// Whether a callback follows.
        owes: bool,
    },
    /// The attempt failed, and no other follows.
    Fail {
        /// The fence of the attempt.
        fence: Fence,
        /// The time of the end.
        at: Time,
        /// Until when the record is kept.
        retained_until: Time,
        /// Why the attempt failed.
        error: AttemptError,
        /// Whether a callback follows.
        owes: bool,
    },
    /// The attempt is over, and another follows within [`LONGEST_MESSAGE_DELAY`](super::LONGEST_MESSAGE_DELAY). A message carries the task.
    Again {
        /// The fence of the attempt.
        fence: Fence,
        /// When the next attempt may start.
        due: Time,
        /// How this attempt counts.
        count: Count,
        /// Why the attempt failed, if it did.
        error: Option<AttemptError>,
        /// The past attempts, with this one. `None` leaves them as they are.
        past: Option<Vec<PastAttempt>>,
        /// The checkpoint for the next attempt, if it has changed.
        checkpoint: Option<Stored>,
    },
    /// The attempt is over, and another follows later. The agenda carries the task.
    #[strum(serialize = "again later")]
    AgainLater {
        /// The fence of the attempt.
        fence: Fence,
        /// When the next attempt may start.
        due: Time,
        /// How this attempt counts.
        count: Count,
        /// Why the attempt failed, if it did.
        error: Option<AttemptError>,
        /// The past attempts, with this one. `None` leaves them as they are.
        past: Option<Vec<PastAttempt>>,
        /// The checkpoint for the next attempt, if it has changed.
        checkpoint: Option<Stored>,
    },
    /// The executor stops before the attempt has ended. Another attempt follows at once, and this one does not count.
    #[strum(serialize = "give back")]
    GiveBack {
        /// The fence of the attempt.
        fence: Fence,
        /// The time of this step. The next attempt may start then.
        now: Time,
        /// The checkpoint for the next attempt, if it has changed.
        checkpoint: Option<Stored>,
    },
    /// The lease ran out, and attempts are left. Another attempt follows at once.
    #[strum(serialize = "lease expired")]
    LeaseExpired {
        /// The fence of the lost attempt.
        fence: Fence,
        /// The time of this step.
        now: Time,
        /// The past attempts with this one.
        past: Vec<PastAttempt>,
    },
    /// No attempt is left and none holds the task. The task failed, although no attempt reported so.
    Lost {
        /// The time of the end.
        now: Time,
        /// Until when the record is kept.
        retained_until: Time,
        /// An error of kind [`Lost`](crate::ErrorKind::Lost).
        error: AttemptError,
        /// Whether a callback follows.
        owes: bool,
    },
    /// A client stops the task. A running attempt learns of it at its next heartbeat or write.
    Cancel {
        /// The time of the end.
        at: Time,
        /// Until when the record is kept.
        retained_until: Time,
    },
    /// The task waits and is not to start: it is a firing of a schedule that was changed, paused or deleted, or its queue is
    /// purged. A task that runs goes on.
    Withdraw {
        /// The fence that the record must have. A firing must never have started, and a purge asks for none.
        fence: Option<Fence>,
        /// The time of the end.
        at: Time,
        /// Until when the record is kept.
        retained_until: Time,
    },
    /// A client changes the start, the deadline or the lane of a waiting task.
    Reschedule {
        /// The generation that was read. It keeps this step from undoing a change by another client.
        generation: Generation,
        /// The time of the change.
        now: Time,
        /// When the task is due after the change.
        due: Time,
        /// The start that the client asks for, if it changes.
        run_at: Option<Time>,
        /// The deadline after the change.
        deadline: Option<Time>,
        /// The lane after the change.
        priority: Priority,
    },
    /// A person runs an ended task again. All but the fence begins anew.
    Revive {
        /// The generation that was read. If two people do this at once, one of them succeeds.
        generation: Generation,
        /// The time of the request.
        now: Time,
        /// The task's deadline, unless it has passed.
        deadline: Option<Time>,
    },
    /// A client submits the task of an idempotency key anew, with `replace`. All but the fence begins anew. An attempt that
    /// runs has lost the task, as by a cancel.
    Replace {
        /// The generation that was read. Otherwise a request that the network delivers late would undo a newer replacement.
        generation: Generation,
        /// The time of the request.
        now: Time,
        /// What the client asks for now. The task is due at its start, and not before `now`.
        spec: Box<Spec>,
    },
    /// The deadline has passed, and no attempt holds the task.
    Expire {
        /// The time of the end.
        now: Time,
        /// Until when the record is kept.
        retained_until: Time,
        /// Whether a callback follows.
        owes: bool,
    },
    /// The callback of the task's end is made.
    Callback {
        /// The generation that was read. Another end of this life has another.
        generation: Generation,
        /// How the task ended.
        end: End,
        /// When it ended.
        at: Time,
        /// Until when the record is kept.
        retained_until: Time,
        /// The callbacks of the task's ends, with this one.
        children: Vec<TaskId>,
    },
}

/// How an attempt that is followed by another one counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// A retry. The claim has counted the attempt.
    Keep,
    /// A snooze. The attempt does not count.
    TakeBack,
    /// A continuation. The count starts again at zero.
    Reset,
}

impl Step {
    /// The name of every step.
    pub const NAMES: &[&str] = Self::VARIANTS;

    /// The name in logs and reports.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    pub(super) fn expects(&self) -> Vec<Expect> {
        match self {
            Step::Park { .. } => vec![
                Expect::State(&[StateName::Queued]),
                Expect::Generation(Generation::FIRST),
                Expect::Fence(Fence::NONE),
            ],
            Step::Mark { generation, .. } => {
                vec![Expect::State(&[StateName::Scheduled]), Expect::Generation(*generation)]
            }
            Step::Claim { generation, now, timeout_seconds, fence, .. } => {
                let mut expects = vec![
                    Expect::State(OPEN),
                    Expect::Generation(*generation),
                    Expect::NoLiveLease(*now),
                    Expect::BeforeDeadline(*now),
                    Expect::AttemptsLeft,
                    Expect::Due(*now),
                ];
                expects.extend(fence.map(Expect::Fence));
                // Last: a claim that is refused for this alone is made again with the record's timeout.
                expects.push(Expect::Timeout(*timeout_seconds));
                expects
            }
            Step::Hold { generation, now, fence, .. } => vec![
                Expect::State(OPEN),
                Expect::Generation(*generation),
                Expect::NoLiveLease(*now),
                Expect::BeforeDeadline(*now),
                Expect::AttemptsLeft,
                Expect::Due(*now),
                Expect::Fence(*fence),
            ],
            Step::Heartbeat { fence, lease_end, .. } => {
                vec![Expect::State(&[StateName::Running]), Expect::Fence(*fence), Expect::LeaseUpTo(*lease_end)]
            }
            Step::Succeed { fence, .. }
            | Step::Fail { fence, .. }
            | Step::Again { fence, .. }
            | Step::AgainLater { fence, .. }
            | Step::GiveBack { fence, .. } => vec![Expect::State(&[StateName::Running]), Expect::Fence(*fence)],
            Step::LeaseExpired { fence, now, .. } => vec![
                Expect::State(&[StateName::Running]),
                Expect::Fence(*fence),
                Expect::NoLiveLease(*now),
                Expect::AttemptsLeft,
            ],
            Step::Lost { now, .. } => vec![Expect::State(OPEN), Expect::NoLiveLease(*now), Expect::AttemptsSpent],
            Step::Cancel { .. } => vec![Expect::State(OPEN)],
            Step::Withdraw { fence, .. } => {
                let mut expects = vec![Expect::State(WAITING)];
                expects.extend(fence.map(Expect::Fence));
                expects
            }
            Step::Reschedule { generation, now, .. } => {
                vec![Expect::State(WAITING), Expect::Generation(*generation), Expect::BeforeDeadline(*now)]
            }
            Step::Revive { generation, now, .. } => vec![
                Expect::State(ENDED),
                Expect::Generation(*generation),
                Expect::Kept(*now),
                // Another life would forget the callback.
                Expect::Owes(false),
            ],
            Step::Replace { generation, now, .. } => vec![
                Expect::Generation(*generation),
                Expect::Kept(*now),
                // The task would forget the callback.
                Expect::Owes(false),
            ],
            Step::Expire { now, .. } => {
                vec![Expect::State(OPEN), Expect::NoLiveLease(*now), Expect::PastDeadline(*now)]
            }
            Step::Callback { generation, end, .. } => {
                let ended = match end {
                    End::Succeeded => &[StateName::Succeeded],
                    End::Failed => &[StateName::Failed],
                    End::Cancelled => &[StateName::Cancelled],
                    End::Expired => &[StateName::Expired],
                };
                vec![Expect::State(ended), Expect::Generation(*generation), Expect::Owes(true)]
            }
        }
    }

    pub(super) fn sets(&self) -> Vec<Set> {
        match self {
            Step::Park { due } => {
                vec![Set::State(State::Scheduled { due: *due, held: false }), Set::GenerationNext]
            }
            Step::Mark { due, .. } => vec![Set::State(State::Queued { due: *due })],
            Step::Claim { owner, now, timeout_seconds, .. } => {
                let lease_end = now.after(lease(*timeout_seconds));
                vec![
                    Set::State(State::Running { owner: *owner, lease_end, hard_end: None }),
                    Set::FenceNext,
                    Set::AttemptsPlusOne,
                    Set::StartedAt(*now),
                ]
            }
            Step::Hold { due, .. } => {
                vec![Set::State(State::Scheduled { due: *due, held: true }), Set::GenerationNext]
            }
            Step::Heartbeat { lease_end, hard_end, progress, checkpoint, .. } => {
                let mut sets = vec![Set::Lease { end: *lease_end, hard_end: *hard_end }];
                sets.extend(progress.map(Set::Progress));
                sets.extend(checkpoint.clone().map(Set::Checkpoint));
                sets
            }
            Step::Succeed { at, retained_until, result, progress, owes, .. } => {
                let mut sets = vec![ended(End::Succeeded, *at, *retained_until, *owes), Set::NoError];
                sets.extend(result.clone().map(Set::Result));
                sets.extend(progress.map(Set::Progress));
                sets
            }
            Step::Fail { at, retained_until, error, owes, .. } => {
                vec![ended(End::Failed, *at, *retained_until, *owes), Set::Error(error.clone())]
            }
            Step::Again { due, count, error, past, checkpoint, .. } => {
                let mut sets = vec![Set::State(State::Queued { due: *due })];
                sets.extend(followed(*count, error, checkpoint));
                sets.extend(past.clone().map(Set::Past));
                sets
            }
            Step::AgainLater { due, count, error, past, checkpoint, .. } => {
                let mut sets = vec![Set::State(State::Scheduled { due: *due, held: false }), Set::GenerationNext];
                sets.extend(followed(*count, error, checkpoint));
                sets.extend(past.clone().map(Set::Past));
                sets
            }
            Step::GiveBack { now, checkpoint, .. } => {
                let mut sets =
                    vec![Set::State(State::Queued { due: *now }), Set::AttemptsMinusOne, Set::GivenBackPlusOne];
                sets.extend(checkpoint.clone().map(Set::Checkpoint));
                sets
            }
            Step::LeaseExpired { now, past, .. } => {
                let state = State::Scheduled { due: *now, held: false };
                vec![Set::State(state), Set::GenerationNext, Set::Past(past.clone())]
            }
            Step::Lost { now, retained_until, error, owes } => {
                vec![ended(End::Failed, *now, *retained_until, *owes), Set::Error(error.clone())]
            }
            Step::Cancel { at, retained_until } | Step::Withdraw { at, retained_until, .. } => {
                vec![ended(End::Cancelled, *at, *retained_until, false)]
            }
            Step::Reschedule { due, run_at, deadline, priority, .. } => {
                let mut sets = vec![
                    Set::State(State::Scheduled { due: *due, held: false }),
                    Set::GenerationNext,
                    Set::Deadline(*deadline),
                    Set::Priority(*priority),
                ];
                sets.extend(run_at.map(Set::RunAt));
                sets
            }
            Step::Revive { now, deadline, .. } => vec![
                Set::State(State::Scheduled { due: *now, held: false }),
                Set::GenerationNext,
                Set::AttemptsZero,
                Set::Deadline(*deadline),
                Set::Fresh,
            ],
            Step::Replace { now, spec, .. } => vec![
                Set::State(State::Scheduled { due: spec.run_at.max(*now), held: false }),
                Set::GenerationNext,
                Set::AttemptsZero,
                Set::Fresh,
                Set::Spec(spec.clone()),
            ],
            Step::Expire { now, retained_until, owes } => vec![ended(End::Expired, *now, *retained_until, *owes)],
            Step::Callback { end, at, retained_until, children, .. } => {
                vec![ended(*end, *at, *retained_until, false), Set::Children(children.clone())]
            }
        }
    }
}

fn ended(end: End, at: Time, retained_until: Time, owes: bool) -> Set {
    let retained_until = if owes { kept_while_owed(at, retained_until) } else { retained_until };
    Set::State(State::Ended { end, at, retained_until, owes })
}

fn followed(count: Count, error: &Option<AttemptError>, checkpoint: &Option<Stored>) -> Vec<Set> {
    let mut sets = match count {
        Count::Keep => vec![],
        Count::TakeBack => vec![Set::AttemptsMinusOne],
        Count::Reset => vec![Set::AttemptsZero],
    };
    // The attempt has ended by itself, so a row of attempts that were given back is over.
    sets.push(Set::GivenBackZero);
    sets.extend(error.clone().map(Set::Error));
    sets.extend(checkpoint.clone().map(Set::Checkpoint));
    sets
}
