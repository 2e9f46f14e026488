//! What every part of a tick works with.

use std::{fmt, sync::Arc, time::Duration};

use taskway_engine::Services;
use taskway_protocol::Time;

use crate::{auditing::Auditing, cleaning::Cleaning, pace::Pace, shards::KnownShards, succession::Successor};

/// Runs ticks and sweeps.
#[derive(Clone)]
pub struct Scheduler {
    /// Table, queues, clock, randomness.
    pub services: Services,
    /// Takes over the work that one invocation cannot finish. Without one, that work waits for the next tick.
    pub successor: Option<Arc<dyn Successor>>,
    /// How many tasks are sent at the same time.
    pub pace: Pace,
    /// The number of the agenda's shards, once this process has read it.
    pub known_shards: KnownShards,
    /// How often the audit goes through the table.
    pub auditing: Auditing,
    /// How far this process has looked through the objects of tasks.
    pub cleaning: Cleaning,
    /// Some schedules may not fire while their latest firing is open. The tick looks at those a second time after this
    /// long, so that a firing which ended late does not delay the next. Zero: the tick looks once.
    pub looks_again_after: Duration,
}

impl Scheduler {
    /// A scheduler without a successor, which looks at each schedule once a tick.
    pub fn new(services: Services) -> Self {
        Scheduler {
            services,
            successor: None,
            pace: Pace::default(),
            known_shards: KnownShards::default(),
            auditing: Auditing::default(),
            cleaning: Cleaning::default(),
            looks_again_after: Duration::ZERO,
        }
    }

    pub(crate) fn is_over(&self, until: Time) -> bool {
        self.services.clock.now() >= until
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler").field("services", &self.services).finish_non_exhaustive()
    }
}
