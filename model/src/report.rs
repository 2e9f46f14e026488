//! Runs the checker over one state space, and says what was found.

use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    bounds::Bounds,
    coverage::{FATES, STEPS},
    heal::Fate,
    machine::Machine,
};

/// What was found in one state space.
#[derive(Debug)]
pub struct Checked {
    /// Steps taken.
    pub steps: usize,
    /// Different situations.
    pub situations: usize,
    /// Situations by what becomes of them.
    pub fates: [(Fate, u64); Fate::ALL.len()],
    /// Rests that were healed.
    pub rests: usize,
    /// What came of each step.
    pub coverage: [[u64; FATES.len()]; STEPS.len()],
    /// The property that does not hold, and how it comes to that.
    pub violation: Option<String>,
    /// The longest of the shortest ways.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
}

/// Walks through the whole state space.
pub fn check(bounds: Bounds, threads: usize) -> Checked {
    let began = Instant::now();
    let checker = Machine::new(bounds)
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let machine = checker.model();
    let counts = machine.healer.counts();
    let mut found: Vec<_> = checker.discoveries().into_iter().collect();
    found.sort_by_key(|(name, path)| (path.clone().into_actions().len(), *name));
    let violation = found.into_iter().next().map(|(name, path)| {
        let mut story = format!("does not hold: {name}\n");
        for (step, (situation, action)) in (1..).zip(path.into_vec()) {
            if let Some(action) = action {
                story += &format!("{step:>4}. {action:?}\n");
            } else {
                story += &format!("at last: {situation:#?}\n");
            }
        }
        story
    });
    Checked {
        steps: checker.state_count(),
        situations: checker.unique_state_count(),
        fates: std::array::from_fn(|i| (Fate::ALL[i], counts[i])),
        rests: machine.healer.rests(),
        coverage: machine.coverage.table(),
        violation,
        depth: checker.max_depth(),
        took: began.elapsed(),
    }
}
