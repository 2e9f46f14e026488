//! What every attempt needs.

use taskway_engine::Services;

use crate::targets::Targets;

/// Claims tasks and runs them. One serves any number of messages at once.
#[derive(Debug)]
pub struct Executor {
    pub(crate) services: Services,
    pub(crate) targets: Targets,
}

impl Executor {
    /// An executor with these services that runs tasks by these targets.
    pub const fn new(services: Services, targets: Targets) -> Self {
        Executor { services, targets }
    }
}
