//! Sending the tasks that queues held back while they were paused.

use futures::{StreamExt, stream};
use taskway_protocol::Time;
use taskway_runtime::log::causes;

use crate::{report::Report, scheduler::Scheduler};

/// How many queues are dispatched at the same time.
const AT_ONCE: usize = 4;

impl Scheduler {
    /// Dispatches the hold list of every queue that was paused once and goes on now. Most lists are empty, which costs one
    /// read of the settings and one of the list.
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
            let dispatches: Vec<_> = page.items.iter().map(|queue| self.dispatch_queue(queue, until)).collect();
            report =
                stream::iter(dispatches).buffer_unordered(AT_ONCE).fold(report, async |all, one| all.plus(one)).await;
            from = page.next;
            if from.is_none() || self.is_over(until) {
                return report;
            }
        }
    }

    async fn dispatch_queue(&self, queue: &str, until: Time) -> Report {
        if self.is_over(until) {
            return Report::default();
        }
        match self.services.dispatch_held(queue, until, usize::MAX).await {
            Ok(done) => Report { dispatched: done.sent, failed: done.failed, ..Report::default() },
            Err(error) => {
                tracing::warn!(queue.name = queue, error = %causes(&error), "cannot dispatch the held tasks of a queue");
                Report { failed: 1, ..Report::default() }
            }
        }
    }
}
