//! Runs the checker over one state space.

use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model};

use crate::{bounds::Bounds, coverage::Table, heal::Fate, machine::Machine, story};

/// What was found in one state space.
#[derive(Debug)]
pub struct Checked {
    /// Steps taken.
    pub steps: usize,
    /// Different situations.
    pub situations: usize,
    /// Situations by what becomes of them, in the order of [`Fate::ALL`].
    pub fates: [u64; Fate::ALL.len()],
    /// Rests that were healed.
    pub rests: usize,
    /// What came of each step.
    pub coverage: Table,
    /// What does not hold, and how it comes to that.
    pub violation: Option<String>,
    /// The longest of the shortest ways; on several threads it may differ from run to run.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
}

/// Walks through the whole state space; at a violation, once more on one thread, so that always the same shortest way
/// there is told.
pub fn check(bounds: Bounds, threads: usize) -> Checked {
    let began = Instant::now();
    let checker =
        Machine::new(bounds).checker().threads(threads).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let mut found: Vec<_> = checker.discoveries().into_iter().collect();
    if threads > 1 && !found.is_empty() {
        return check(bounds, 1);
    }
    found.sort_by_key(|(name, _)| *name);
    let machine = checker.model();
    Checked {
        steps: checker.state_count(),
        situations: checker.unique_state_count(),
        fates: machine.healer.counts(),
        rests: machine.healer.rests(),
        coverage: machine.coverage.table(),
        violation: found.into_iter().next().map(|(name, path)| story::tell(name, path.into_vec())),
        depth: checker.max_depth(),
        took: began.elapsed(),
    }
}
