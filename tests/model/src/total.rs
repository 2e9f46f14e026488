//! The sum over all state spaces, and what it must contain.

use crate::{
    check::Checked,
    coverage::{FATES, STEPS, Table},
    heal::Fate,
};

/// What must have come of each step somewhere. If something is missing, the model is blind there.
///
/// Other results need larger bounds, or are impossible. For example, a tick expires a task after it has read the record, and
/// a passed deadline stays passed until a person acts.
const EXPECTED: [(&str, &[&str]); STEPS.len()] = [
    ("park", &["made", "ended", "state", "generation", "fence"]),
    ("mark", &["made", "ended", "state", "generation"]),
    (
        "claim",
        &["made", "other life", "ended", "generation", "live lease", "deadline passed", "attempts spent", "not due"],
    ),
    ("hold", &["made", "ended", "generation", "live lease", "deadline passed", "attempts spent", "not due"]),
    ("heartbeat", &["made", "ended", "fence"]),
    ("succeed", &["made", "ended", "state", "fence"]),
    ("fail", &["made"]),
    ("again", &["made", "ended", "state"]),
    ("again later", &["made"]),
    ("give back", &["made"]),
    ("lease expired", &["made", "ended", "state", "fence"]),
    ("lost", &["made", "ended", "live lease"]),
    ("cancel", &["made", "ended"]),
    ("withdraw", &["made", "ended", "state", "fence"]),
    ("reschedule", &["made", "ended", "state"]),
    ("revive", &["made", "forgotten", "callback owed"]),
    ("replace", &["made", "generation", "forgotten", "callback owed"]),
    ("expire", &["made"]),
    ("callback", &["made", "state", "generation", "no callback owed"]),
];

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// Different situations.
    pub situations: usize,
    /// Steps taken.
    pub steps: usize,
    /// Different states of record and queue from which the task was brought to its end.
    pub rests: usize,
    /// Situations by their [`Fate`].
    pub fates: [u64; Fate::ALL.len()],
    /// What came of each step.
    pub coverage: Table,
}

impl Total {
    /// Adds what was found in one state space.
    pub fn add(&mut self, checked: &Checked) {
        self.situations += checked.situations;
        self.steps += checked.steps;
        self.rests += checked.rests;
        self.fates.iter_mut().zip(checked.fates).for_each(|(sum, count)| *sum += count);
        for (sums, counts) in self.coverage.iter_mut().zip(checked.coverage) {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }

    /// What should have been met and was not.
    pub fn holes(&self) -> Vec<String> {
        let mut holes = Vec::new();
        for ((name, fates), counts) in EXPECTED.iter().zip(&self.coverage) {
            for (fate, count) in FATES.iter().zip(counts) {
                if fates.contains(fate) && *count == 0 {
                    holes.push(format!("{name}: {fate}"));
                }
            }
        }
        for fate in [Fate::Ends, Fate::NotAccepted, Fate::LostWhileQueued, Fate::LostWhileRunning] {
            if self.fates[fate as usize] == 0 {
                holes.push(format!("situation: {fate:?}"));
            }
        }
        holes
    }
}
