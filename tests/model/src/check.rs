//! Runs the checker over one state space.

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use stateright::{Checker, HasDiscoveries, Model};

use crate::{bounds::Bounds, coverage::Table, heal::Fate, machine::Machine, story};

/// The result of one state space.
#[derive(Debug)]
pub struct Checked {
    /// Steps taken.
    pub steps: usize,
    /// Different situations.
    pub situations: usize,
    /// Situations by their [`Fate`], in the order of [`Fate::ALL`].
    pub fates: [u64; Fate::ALL.len()],
    /// Different states of record and queue from which the task was brought to its end.
    pub rests: usize,
    /// What came of each step.
    pub coverage: Table,
    /// The property that does not hold, and the story that shows it.
    pub violation: Option<String>,
    /// The largest number of steps from the beginning. On several threads it may differ from run to run.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
}

/// Searches the whole state space. After a violation it searches again on one thread, so that it always tells the same
/// shortest story.
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

/// The first property that does not hold in this state space, or in its first `most` situations. Unlike [`check`] it tells
/// no story, and on several threads it may name another property each time.
pub fn first_violation(bounds: Bounds, threads: usize, most: Option<NonZeroUsize>) -> Option<&'static str> {
    let mut checker = Machine::new(bounds).checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    if let Some(most) = most {
        checker = checker.target_state_count(most.get());
    }
    checker.spawn_bfs().join().discoveries().into_keys().min()
}
