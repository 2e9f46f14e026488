//! Queues with settings: freeing the permits of processes that died, and sending the tasks that were held back.

use futures::{StreamExt, stream};
use taskway_engine::{Dispatched, Waiting};
use taskway_protocol::Time;
use taskway_runtime::log::causes;

use crate::{report::Report, scheduler::Scheduler};

/// How many queues are dispatched at the same time.
const AT_ONCE: usize = 4;

/// How many tasks of a queue are sent before others have their turn.
const TURN: usize = 1_000;

/// What came of a queue's turn, and the queue if it has more.
type Turn<'a> = (Report, Option<&'a str>);

impl Scheduler {
    /// Tends every queue that has settings and is not paused. Most hold lists are empty, which costs one read of the settings
    /// and one of the list.
    pub(crate) async fn dispatch_queues(&self, until: Time) -> Report {
        let (mut report, mut from) = (Report::default(), None);
        loop {
            let page = match self.services.store.queues_to_dispatch(from).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error = %causes(&error), "cannot read which queues hold tasks");
                    return Report { failed: report.failed + 1, ..report };
                }
            };
            let mut queues: Vec<&str> = page.items.iter().map(|queue| &**queue).collect();
            let mut is_first = true;
            while !queues.is_empty() && !self.is_over(until) {
                let turns: Vec<_> = queues.iter().map(|queue| self.turn(queue, is_first, until)).collect();
                is_first = false;
                let turns: Vec<Turn<'_>> = stream::iter(turns).buffered(AT_ONCE).collect().await;
                queues = turns.iter().filter_map(|(_, more)| *more).collect();
                report = turns.into_iter().fold(report, |all, (one, _)| all.plus(one));
            }
            from = page.next;
            if from.is_none() || self.is_over(until) {
                return report;
            }
        }
    }

    async fn turn<'a>(&self, queue: &'a str, is_first: bool, until: Time) -> Turn<'a> {
        if self.is_over(until) {
            return Turn::default();
        }
        let done = if is_first {
            self.services.tend_queue(queue, until, TURN).await
        } else {
            self.services.dispatch_held(queue, until, TURN).await
        };
        match done {
            Ok(done) => {
                let report =
                    Report { dispatched: done.sent, freed: done.freed, failed: done.failed, ..Report::default() };
                // A queue that has another turn is looked at after that.
                let is_last = !done.more || self.is_over(until);
                let left = if is_last { self.left(queue, &done).await } else { Report::default() };
                (report.plus(left), done.more.then_some(queue))
            }
            Err(error) => {
                tracing::warn!(queue.name = queue, error = %causes(&error), "cannot dispatch the held tasks of a queue");
                (Report { failed: 1, ..Report::default() }, None)
            }
        }
    }

    /// What a queue still holds back after its turns.
    async fn left(&self, queue: &str, done: &Dispatched) -> Report {
        match self.services.waiting(queue, done).await {
            Ok(Waiting { held, age }) => {
                Report { held, held_age_ms: age.map(|age| age.as_millis() as u64), ..Report::default() }
            }
            Err(error) => {
                tracing::warn!(queue.name = queue, error = %causes(&error), "cannot read what a queue still holds back");
                Report { failed: 1, ..Report::default() }
            }
        }
    }
}
