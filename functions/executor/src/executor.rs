//! What every attempt needs.

use std::time::Duration;

use taskway_engine::Services;
use taskway_protocol::{Time, UNKNOWN_HANDLER_WAIT, rank};

use crate::{delivery::Delivery, durations::Durations, pace::Answers, programs::Programs, targets::Targets};

/// Claims tasks and runs them. One serves any number of messages at once.
#[derive(Debug)]
pub struct Executor {
    pub(crate) services: Services,
    pub(crate) targets: Targets,
    pub(crate) durations: Durations,
    pub(crate) answers: Answers,
    pub(crate) programs: Programs,
    /// How long a task may wait for a program that knows its handler.
    pub(crate) unknown_wait: Duration,
}

impl Executor {
    /// An executor with these services that runs tasks by these targets.
    pub fn new(services: Services, targets: Targets) -> Self {
        Executor {
            services,
            targets,
            durations: Durations::default(),
            answers: Answers::default(),
            programs: Programs::default(),
            unknown_wait: UNKNOWN_HANDLER_WAIT,
        }
    }

    /// The same executor, where a task whose handler no program knows fails after this long.
    #[must_use]
    pub fn with_unknown_wait(self, unknown_wait: Duration) -> Self {
        Executor { unknown_wait, ..self }
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
