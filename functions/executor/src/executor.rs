//! What every attempt needs.

use std::sync::Arc;

use taskway::{
    clock::{Clock, SystemClock},
    domain::Nonce,
    dynamo::Store,
    faults::Faults,
    random::{Random, SystemRandom},
    sqs::Lanes,
};

use crate::targets::Targets;

/// Claims and runs tasks.
#[derive(Debug)]
pub struct Executor {
    pub(crate) parts: Parts,
}

/// What an executor is made of. The clock, the randomness and the faults are the world's unless a test says otherwise.
pub struct Parts {
    /// The table.
    pub store: Store,
    /// The queues.
    pub lanes: Lanes,
    /// What runs a task.
    pub targets: Targets,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Nonces and jitter.
    pub random: Arc<dyn Random>,
    /// Where the process dies.
    pub faults: Faults,
}

impl Parts {
    /// For production.
    pub fn new(store: Store, lanes: Lanes, targets: Targets) -> Self {
        Parts {
            store,
            lanes,
            targets,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            faults: Faults::none(),
        }
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("store", &self.store).field("lanes", &self.lanes).finish_non_exhaustive()
    }
}

impl Executor {
    /// The executor of these parts.
    pub fn new(parts: Parts) -> Self {
        Executor { parts }
    }

    pub(crate) fn nonce(&self) -> Nonce {
        Nonce(self.parts.random.bits())
    }
}
