//! Runs the checker over one state space of a queue with a rate.

use std::{num::NonZeroUsize, time::Instant};

use stateright::{Checker, HasDiscoveries, Model};

use super::{bounds::RateBounds, machine::Machine, story};
use crate::{check::Checked, heal::Fate};

/// Searches the whole state space, as [`crate::check`] does.
pub fn check_rates(bounds: RateBounds, threads: usize) -> Checked {
    let began = Instant::now();
    let checker =
        Machine::new(bounds).checker().threads(threads).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let mut found: Vec<_> = checker.discoveries().into_iter().collect();
    if threads > 1 && !found.is_empty() {
        return check_rates(bounds, 1);
    }
    found.sort_by_key(|(name, _)| *name);
    let machine = checker.model();
    let (ends, stuck) = machine.healer.counts();
    let mut fates = [0; Fate::ALL.len()];
    (fates[Fate::Ends as usize], fates[Fate::Stuck as usize]) = (ends, stuck);
    Checked {
        steps: checker.state_count(),
        situations: checker.unique_state_count(),
        fates,
        rests: machine.healer.rests(),
        coverage: machine.coverage.table(),
        violation: found.into_iter().next().map(|(name, path)| story::tell(name, path.into_vec())),
        depth: checker.max_depth(),
        took: began.elapsed(),
    }
}

/// The first property that does not hold in this state space, or in its first `most` situations. It tells no story.
pub fn first_rate_violation(bounds: RateBounds, threads: usize, most: Option<NonZeroUsize>) -> Option<&'static str> {
    let mut checker = Machine::new(bounds).checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    if let Some(most) = most {
        checker = checker.target_state_count(most.get());
    }
    checker.spawn_bfs().join().discoveries().into_keys().min()
}
