//! Which steps were made and refused, so that a model in which nothing happens cannot pass for a proof.

use std::sync::atomic::{AtomicU64, Ordering};

use taskway::domain::{Refusal, Step};

/// The steps, in the order of the table.
pub const STEPS: [&str; 15] = [
    "park",
    "mark",
    "claim",
    "heartbeat",
    "succeed",
    "fail",
    "again",
    "again later",
    "hold",
    "lease expired",
    "lost",
    "cancel",
    "reschedule",
    "revive",
    "expire",
];

/// What came of a step, in the order of the table.
pub const FATES: [&str; 14] = [
    "made",
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

/// What came of a step.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    /// It was made.
    Done,
    /// It was refused.
    Refused(Refusal),
}

/// How often what came of which step: a row a step, a column a fate.
pub type Table = [[u64; FATES.len()]; STEPS.len()];

/// Counts what comes of which step.
#[derive(Default, Debug)]
pub(crate) struct Coverage {
    counts: [[AtomicU64; FATES.len()]; STEPS.len()],
}

impl Coverage {
    /// Counts one.
    pub(crate) fn saw(&self, step: &Step, fate: Fate) {
        self.counts[step_index(step)][fate_index(fate)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(crate) fn table(&self) -> Table {
        std::array::from_fn(|step| std::array::from_fn(|fate| self.counts[step][fate].load(Ordering::Relaxed)))
    }
}

const fn step_index(step: &Step) -> usize {
    match step {
        Step::Park { .. } => 0,
        Step::Mark { .. } => 1,
        Step::Claim { .. } => 2,
        Step::Heartbeat { .. } => 3,
        Step::Succeed { .. } => 4,
        Step::Fail { .. } => 5,
        Step::Again { .. } => 6,
        Step::AgainLater { .. } => 7,
        Step::Hold { .. } => 8,
        Step::LeaseExpired { .. } => 9,
        Step::Lost { .. } => 10,
        Step::Cancel { .. } => 11,
        Step::Reschedule { .. } => 12,
        Step::Revive { .. } => 13,
        Step::Expire { .. } => 14,
    }
}

const fn fate_index(fate: Fate) -> usize {
    match fate {
        Fate::Done => 0,
        Fate::Refused(refusal) => match refusal {
            Refusal::OtherLife => 1,
            Refusal::Ended(_) => 2,
            Refusal::State(_) => 3,
            Refusal::Generation(_) => 4,
            Refusal::Fence(_) => 5,
            Refusal::LiveLease(_) => 6,
            Refusal::DeadlinePassed => 7,
            Refusal::DeadlineAhead => 8,
            Refusal::AttemptsSpent => 9,
            Refusal::AttemptsLeft => 10,
            Refusal::NotDue(_) => 11,
            Refusal::BeatenSince => 12,
            Refusal::Forgotten => 13,
        },
    }
}
