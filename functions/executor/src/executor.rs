//! What every attempt needs.

use taskway_engine::Services;
use taskway_protocol::{Time, rank};

use crate::{delivery::Delivery, durations::Durations, targets::Targets};

/// Claims tasks and runs them. One serves any number of messages at once.
#[derive(Debug)]
pub struct Executor {
    pub(crate) services: Services,
    pub(crate) targets: Targets,
    pub(crate) durations: Durations,
}

impl Executor {
    /// An executor with these services that runs tasks by these targets.
    pub fn new(services: Services, targets: Targets) -> Self {
        Executor { services, targets, durations: Durations::default() }
    }

    /// The order in which deliveries start: the smallest first. A task that does not say how long it takes counts as long as the
    /// attempts of its handler that this process has seen.
    pub(crate) fn start_order(&self, delivery: &Delivery) -> Time {
        let message = &delivery.message;
        let learned = || self.durations.expected_ms(message.route.handler()?);
        rank(delivery.sent, delivery.lane, message.expected_duration_ms.or_else(learned))
    }
}
