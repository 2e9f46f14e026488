//! What every attempt needs.

use taskway_engine::Services;
use taskway_protocol::{Time, rank};

use crate::{delivery::Delivery, durations::Durations, pace::Answers, targets::Targets};

/// Claims tasks and runs them. One serves any number of messages at once.
#[derive(Debug)]
pub struct Executor {
    pub(crate) services: Services,
    pub(crate) targets: Targets,
    pub(crate) durations: Durations,
    pub(crate) answers: Answers,
}

impl Executor {
    /// An executor with these services that runs tasks by these targets.
    pub fn new(services: Services, targets: Targets) -> Self {
        Executor { services, targets, durations: Durations::default(), answers: Answers::default() }
    }

    /// The order in which the messages of a batch start: the smallest first. A task that does not say how long it takes counts as
    /// long as the attempts of its handler that this process has seen.
    pub(crate) fn start_order(&self, delivery: &Delivery) -> Time {
        self.rank_from(delivery.sent, delivery)
    }

    /// The order in which messages that were received one after the other start. They count from when they were received: SQS has
    /// let the tenants take turns, and by the times of their submits a tenant's backlog would go before another's new task.
    pub(crate) fn turn(&self, delivery: &Delivery, received: Time) -> Time {
        self.rank_from(received, delivery)
    }

    fn rank_from(&self, from: Time, delivery: &Delivery) -> Time {
        let message = &delivery.message;
        let learned = || self.durations.expected_ms(message.route.handler()?);
        rank(from, delivery.lane, message.expected_duration_ms.or_else(learned))
    }
}
