//! Which steps were made and refused, so that a model in which nothing happens cannot pass for a proof.

use std::sync::atomic::{AtomicU64, Ordering};

use taskway_protocol::{Refusal, Step};

/// The steps, in the order of the table.
pub const STEPS: [&str; Step::NAMES.len()] = Step::NAMES;

/// What came of a step, in the order of the table: it was made, or why it was refused.
pub const FATES: [&str; Refusal::NAMES.len() + 1] = {
    let mut fates = ["made"; Refusal::NAMES.len() + 1];
    let mut refusal = 0;
    while refusal < Refusal::NAMES.len() {
        fates[refusal + 1] = Refusal::NAMES[refusal];
        refusal += 1;
    }
    fates
};

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

fn step_index(step: &Step) -> usize {
    // Every step has its name there.
    STEPS.iter().position(|name| *name == step.name()).unwrap_or_default()
}

fn fate_index(fate: Fate) -> usize {
    let why = match fate {
        Fate::Done => "made",
        Fate::Refused(refusal) => refusal.name(),
    };
    FATES.iter().position(|name| *name == why).unwrap_or_default()
}
