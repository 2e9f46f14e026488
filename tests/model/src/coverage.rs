//! Counts which steps were made and refused. A model in which nothing happens would prove nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use taskway_protocol::{Refusal, Step};

/// The steps, in the order of the table.
pub const STEPS: &[&str] = Step::NAMES;

/// The results of a step, in the order of the table: it was made, or the reason of its refusal.
pub const FATES: [&str; Refusal::NAMES.len() + 1] = {
    let mut fates = ["made"; Refusal::NAMES.len() + 1];
    let mut refusal = 0;
    while refusal < Refusal::NAMES.len() {
        fates[refusal + 1] = Refusal::NAMES[refusal];
        refusal += 1;
    }
    fates
};

/// The result of a step.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    /// It was made.
    Done,
    /// It was refused.
    Refused(Refusal),
}

/// Counts of results. Each row is a step, each column a result.
pub type Table = [[u64; FATES.len()]; STEPS.len()];

/// Counts the results of steps.
#[derive(Default, Debug)]
pub(crate) struct Coverage {
    counts: [[AtomicU64; FATES.len()]; STEPS.len()],
}

impl Coverage {
    /// Counts one result.
    pub(crate) fn saw(&self, step: &Step, fate: Fate) {
        self.counts[step_index(step)][fate_index(fate)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(crate) fn table(&self) -> Table {
        std::array::from_fn(|step| std::array::from_fn(|fate| self.counts[step][fate].load(Ordering::Relaxed)))
    }
}

fn step_index(step: &Step) -> usize {
    // Every step has its name in the list.
    STEPS.iter().position(|name| *name == step.name()).unwrap_or_default()
}

fn fate_index(fate: Fate) -> usize {
    let why = match fate {
        Fate::Done => "made",
        Fate::Refused(refusal) => refusal.name(),
    };
    FATES.iter().position(|name| *name == why).unwrap_or_default()
}
