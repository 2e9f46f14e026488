//! Every change that a record can undergo, as data: what it expects of the record and what it sets.
//!
//! Two interpreters read that data: [`Transition::apply`] changes a record in memory, and the DynamoDB adapter compiles
//! it to an `UpdateItem` with its condition. A property test holds them together.

use std::time::Duration;

use crate::{AttemptError, End, Fence, Generation, Nonce, Priority, Progress, State, StateName, Stored, Time};

/// SQS delays a message by at most this; what is further ahead waits in the agenda.
pub const LONGEST_MESSAGE_DELAY: Duration = Duration::from_secs(900);

const WAITING: &[StateName] = &[StateName::Scheduled, StateName::Queued];
const OPEN: &[StateName] = &[StateName::Scheduled, StateName::Queued, StateName::Running];
const ENDED: &[StateName] = &[StateName::Succeeded, StateName::Failed, StateName::Cancelled, StateName::Expired];

/// A change of one life of a task, which is told by when it was `born`.
#[derive(Clone, PartialEq, Debug)]
pub struct Transition {
    /// The life that is meant; another one under the same key is left alone.
    pub born: Time,
    /// What is to happen.
    pub step: Step,
}

/// The steps of the protocol; `docs/protocol.md` says in which order each is written, and what catches a crash.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// The queue refused the first message: the agenda carries the task instead.
    Park {
        /// When the task is due.
        due: Time,
    },
    /// A message of this generation has been sent, so the agenda need not hold the task any more.
    Mark {
        /// The generation that was sent.
        generation: Generation,
        /// When the task is due.
        due: Time,
    },
    /// An attempt takes the task. The only gate: whatever forbids an attempt is checked here.
    Claim {
        /// The message's generation.
        generation: Generation,
        /// Drawn for this claim.
        owner: Nonce,
        /// When.
        now: Time,
        /// When the claim lapses.
        lease_end: Time,
    },
    /// The attempt is alive, and says how far it is.
    Heartbeat {
        /// The attempt's.
        fence: Fence,
        /// When the claim lapses now.
        lease_end: Time,
        /// When the attempt must have ended; the same at each beat, so that only the first touches the agenda.
        hard_end: Time,
        /// If it has moved.
        progress: Option<Progress>,
        /// If there is a new one.
        checkpoint: Option<Stored>,
    },
    /// The attempt succeeded.
    Succeed {
        /// The attempt's.
        fence: Fence,
        /// When.
        at: Time,
        /// The end of the record's retention.
        retained_until: Time,
        /// What the handler returned.
        result: Option<Stored>,
        /// Where it ended, if it told.
        progress: Option<Progress>,
    },
    /// The attempt failed, and there will be no other.
    Fail {
        /// The attempt's.
        fence: Fence,
        /// When.
        at: Time,
        /// The end of the record's retention.
        retained_until: Time,
        /// Why.
        error: AttemptError,
    },
    /// The attempt is over and another follows within what a message can be delayed by: a message carries it.
    Again {
        /// The attempt's.
        fence: Fence,
        /// When the next may start.
        due: Time,
        /// What the attempt counts for.
        count: Count,
        /// Why it failed, if it did.
        error: Option<AttemptError>,
        /// What it leaves for the next, if that is new.
        checkpoint: Option<Stored>,
    },
    /// The attempt is over and another follows later: the agenda carries it.
    AgainLater {
        /// The attempt's.
        fence: Fence,
        /// When the next may start.
        due: Time,
        /// What the attempt counts for.
        count: Count,
        /// Why it failed, if it did.
        error: Option<AttemptError>,
        /// What it leaves for the next, if that is new.
        checkpoint: Option<Stored>,
    },
    /// The attempt's lease ran out with attempts left: another follows at once.
    LeaseExpired {
        /// The lost attempt's.
        fence: Fence,
        /// When.
        now: Time,
    },
    /// No attempts are left and nobody holds the task: it failed without a word.
    Lost {
        /// When.
        now: Time,
        /// The end of the record's retention.
        retained_until: Time,
        /// Of kind [`Lost`](crate::ErrorKind::Lost).
        error: AttemptError,
    },
    /// Somebody stops it. A running attempt learns of it at its next beat or write.
    Cancel {
        /// When.
        at: Time,
        /// The end of the record's retention.
        retained_until: Time,
    },
    /// The schedule that it is a firing of was changed, paused or deleted before it started.
    Withdraw {
        /// When.
        at: Time,
        /// The end of the record's retention.
        retained_until: Time,
    },
    /// Somebody changes when or how it is to start.
    Reschedule {
        /// The generation that was read: what somebody else changed meanwhile is not undone.
        generation: Generation,
        /// When.
        now: Time,
        /// When it is due now.
        due: Time,
        /// The time that is asked for now, if that is another.
        run_at: Option<Time>,
        /// When it is too late now.
        deadline: Option<Time>,
        /// The lane now.
        priority: Priority,
    },
    /// Somebody wants an ended task run again, as if it were new but for its fence.
    Revive {
        /// The generation that was read: of two people at once, one does it.
        generation: Generation,
        /// When.
        now: Time,
        /// The task's deadline, or none where it has passed.
        deadline: Option<Time>,
    },
    /// Its deadline passed and nobody holds it.
    Expire {
        /// When.
        now: Time,
        /// The end of the record's retention.
        retained_until: Time,
    },
}

/// What an attempt that is followed by another counts for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// A retry: the claim has counted it.
    Keep,
    /// A snooze: not at all.
    TakeBack,
    /// A continuation: counting begins anew.
    Reset,
}

/// One thing that a transition needs of the record. All must hold; the first that does not is the refusal.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Expect {
    /// It is this life.
    Born(Time),
    /// It is in one of these states.
    State(&'static [StateName]),
    /// It is at this generation.
    Generation(Generation),
    /// It was claimed this often.
    Fence(Fence),
    /// No attempt holds it at this time.
    NoLiveLease(Time),
    /// It has no deadline, or one after this time.
    BeforeDeadline(Time),
    /// It has a deadline, and that is not after this time.
    PastDeadline(Time),
    /// An attempt is left.
    AttemptsLeft,
    /// No attempt is left.
    AttemptsSpent,
    /// It is due at this time, or it is running.
    Due(Time),
    /// The lease that it has does not end after this time: a beat that comes late must not undo a later one.
    LeaseUpTo(Time),
    /// The record has not been swept away, or is about to be.
    Kept(Time),
}

/// One thing that a transition sets.
#[derive(Clone, PartialEq, Debug)]
pub enum Set {
    /// The state with all that it carries; what the old one carried goes.
    State(State),
    /// A running attempt's lease, and the agenda entry that watches it.
    Lease {
        /// When it lapses.
        end: Time,
        /// When the attempt must have ended.
        hard_end: Time,
    },
    /// The next generation.
    GenerationNext,
    /// The next fence.
    FenceNext,
    /// One attempt more.
    AttemptsPlusOne,
    /// One attempt less.
    AttemptsMinusOne,
    /// No attempts yet.
    AttemptsZero,
    /// When the latest attempt began.
    StartedAt(Time),
    /// How far it is.
    Progress(Progress),
    /// What it leaves for the next.
    Checkpoint(Stored),
    /// What it returned.
    Result(Stored),
    /// Why it failed.
    Error(AttemptError),
    /// The failure of an attempt before is history.
    NoError,
    /// Nothing of the life so far: start, progress, checkpoint, result, error.
    Fresh,
    /// The time that was asked for.
    RunAt(Time),
    /// When it is too late.
    Deadline(Option<Time>),
    /// The lane.
    Priority(Priority),
}

impl Transition {
    /// What the record must be, in the order in which a refusal is told.
    pub fn expects(&self) -> Vec<Expect> {
        let mut expects = vec![Expect::Born(self.born)];
        expects.extend(self.step.expects());
        expects
    }

    /// What is set, given the step; no two change the same thing.
    pub fn sets(&self) -> Vec<Set> {
        self.step.sets()
    }
}

impl Step {
    /// Every step's name.
    pub const NAMES: [&str; 15] = [
        "park",
        "mark",
        "claim",
        "heartbeat",
        "succeed",
        "fail",
        "again",
        "again later",
        "lease expired",
        "lost",
        "cancel",
        "withdraw",
        "reschedule",
        "revive",
        "expire",
    ];

    /// What it is called in logs and tables.
    pub const fn name(&self) -> &'static str {
        match self {
            Step::Park { .. } => "park",
            Step::Mark { .. } => "mark",
            Step::Claim { .. } => "claim",
            Step::Heartbeat { .. } => "heartbeat",
            Step::Succeed { .. } => "succeed",
            Step::Fail { .. } => "fail",
            Step::Again { .. } => "again",
            Step::AgainLater { .. } => "again later",
            Step::LeaseExpired { .. } => "lease expired",
            Step::Lost { .. } => "lost",
            Step::Cancel { .. } => "cancel",
            Step::Withdraw { .. } => "withdraw",
            Step::Reschedule { .. } => "reschedule",
            Step::Revive { .. } => "revive",
            Step::Expire { .. } => "expire",
        }
    }

    fn expects(&self) -> Vec<Expect> {
        match self {
            Step::Park { .. } => vec![
                Expect::State(&[StateName::Queued]),
                Expect::Generation(Generation::FIRST),
                Expect::Fence(Fence::NONE),
            ],
            Step::Mark { generation, .. } => {
                vec![Expect::State(&[StateName::Scheduled]), Expect::Generation(*generation)]
            }
            Step::Claim { generation, now, .. } => vec![
                Expect::State(OPEN),
                Expect::Generation(*generation),
                Expect::NoLiveLease(*now),
                Expect::BeforeDeadline(*now),
                Expect::AttemptsLeft,
                Expect::Due(*now),
            ],
            Step::Heartbeat { fence, lease_end, .. } => {
                vec![Expect::State(&[StateName::Running]), Expect::Fence(*fence), Expect::LeaseUpTo(*lease_end)]
            }
            Step::Succeed { fence, .. }
            | Step::Fail { fence, .. }
            | Step::Again { fence, .. }
            | Step::AgainLater { fence, .. } => vec![Expect::State(&[StateName::Running]), Expect::Fence(*fence)],
            Step::LeaseExpired { fence, now } => vec![
                Expect::State(&[StateName::Running]),
                Expect::Fence(*fence),
                Expect::NoLiveLease(*now),
                Expect::AttemptsLeft,
            ],
            Step::Lost { now, .. } => vec![Expect::State(OPEN), Expect::NoLiveLease(*now), Expect::AttemptsSpent],
            Step::Cancel { .. } => vec![Expect::State(OPEN)],
            Step::Withdraw { .. } => vec![Expect::State(WAITING), Expect::Fence(Fence::NONE)],
            Step::Reschedule { generation, now, .. } => {
                vec![Expect::State(WAITING), Expect::Generation(*generation), Expect::BeforeDeadline(*now)]
            }
            Step::Revive { generation, now, .. } => {
                vec![Expect::State(ENDED), Expect::Generation(*generation), Expect::Kept(*now)]
            }
            Step::Expire { now, .. } => {
                vec![Expect::State(OPEN), Expect::NoLiveLease(*now), Expect::PastDeadline(*now)]
            }
        }
    }

    fn sets(&self) -> Vec<Set> {
        match self {
            Step::Park { due } => {
                vec![Set::State(State::Scheduled { due: *due }), Set::GenerationNext]
            }
            Step::Mark { due, .. } => vec![Set::State(State::Queued { due: *due })],
            Step::Claim { owner, now, lease_end, .. } => vec![
                Set::State(State::Running { owner: *owner, lease_end: *lease_end, hard_end: None }),
                Set::FenceNext,
                Set::AttemptsPlusOne,
                Set::StartedAt(*now),
            ],
            Step::Heartbeat { lease_end, hard_end, progress, checkpoint, .. } => {
                let mut sets = vec![Set::Lease { end: *lease_end, hard_end: *hard_end }];
                sets.extend(progress.map(Set::Progress));
                sets.extend(checkpoint.clone().map(Set::Checkpoint));
                sets
            }
            Step::Succeed { at, retained_until, result, progress, .. } => {
                let mut sets = vec![ended(End::Succeeded, *at, *retained_until), Set::NoError];
                sets.extend(result.clone().map(Set::Result));
                sets.extend(progress.map(Set::Progress));
                sets
            }
            Step::Fail { at, retained_until, error, .. } => {
                vec![ended(End::Failed, *at, *retained_until), Set::Error(error.clone())]
            }
            Step::Again { due, count, error, checkpoint, .. } => {
                let mut sets = vec![Set::State(State::Queued { due: *due })];
                sets.extend(followed(*count, error, checkpoint));
                sets
            }
            Step::AgainLater { due, count, error, checkpoint, .. } => {
                let mut sets = vec![Set::State(State::Scheduled { due: *due }), Set::GenerationNext];
                sets.extend(followed(*count, error, checkpoint));
                sets
            }
            Step::LeaseExpired { now, .. } => {
                vec![Set::State(State::Scheduled { due: *now }), Set::GenerationNext]
            }
            Step::Lost { now, retained_until, error } => {
                vec![ended(End::Failed, *now, *retained_until), Set::Error(error.clone())]
            }
            Step::Cancel { at, retained_until } | Step::Withdraw { at, retained_until } => {
                vec![ended(End::Cancelled, *at, *retained_until)]
            }
            Step::Reschedule { due, run_at, deadline, priority, .. } => {
                let mut sets = vec![
                    Set::State(State::Scheduled { due: *due }),
                    Set::GenerationNext,
                    Set::Deadline(*deadline),
                    Set::Priority(*priority),
                ];
                sets.extend(run_at.map(Set::RunAt));
                sets
            }
            Step::Revive { now, deadline, .. } => vec![
                Set::State(State::Scheduled { due: *now }),
                Set::GenerationNext,
                Set::AttemptsZero,
                Set::Deadline(*deadline),
                Set::Fresh,
            ],
            Step::Expire { now, retained_until } => vec![ended(End::Expired, *now, *retained_until)],
        }
    }
}

fn ended(end: End, at: Time, retained_until: Time) -> Set {
    Set::State(State::Ended { end, at, retained_until })
}

fn followed(count: Count, error: &Option<AttemptError>, checkpoint: &Option<Stored>) -> Vec<Set> {
    let mut sets = match count {
        Count::Keep => vec![],
        Count::TakeBack => vec![Set::AttemptsMinusOne],
        Count::Reset => vec![Set::AttemptsZero],
    };
    sets.extend(error.clone().map(Set::Error));
    sets.extend(checkpoint.clone().map(Set::Checkpoint));
    sets
}
