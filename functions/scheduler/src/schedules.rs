//! Firing the schedules that are due.

use futures::{StreamExt, stream};
use taskway_engine::schedules::{Firer, Visited};
use taskway_protocol::{Time, schedule::AHEAD};

use crate::{report::Report, scheduler::Scheduler};

/// How many schedules are visited at the same time.
const AT_ONCE: usize = 16;

impl Scheduler {
    /// Visits every schedule that is due. Ticks may do this at the same time: the id of a firing's task follows from the
    /// schedule and the time, so two ticks create one task.
    pub(crate) async fn fire_schedules(&self, until: Time) -> Report {
        let (mut report, mut waiting) = (Report::default(), Vec::new());
        let horizon = self.services.clock.now().after(AHEAD);
        let mut from = None;
        loop {
            let page = match self.services.store.due_schedules(horizon, from).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot read which schedules are due");
                    report.failed += 1;
                    return report;
                }
            };
            report = report.plus(self.visit_all(&page.items, &mut waiting, until).await);
            from = page.next;
            if from.is_none() || self.is_over(until) {
                break;
            }
        }
        let again_at = self.services.clock.now().after(self.looks_again_after);
        if !waiting.is_empty() && !self.looks_again_after.is_zero() && again_at < until {
            self.services.clock.sleep_until(again_at).await;
            report = report.plus(self.visit_all(&waiting, &mut Vec::new(), until).await);
        }
        report
    }

    /// Visits schedules by name, and adds to `waiting` those that wait for their latest firing to end.
    async fn visit_all(&self, names: &[Box<str>], waiting: &mut Vec<Box<str>>, until: Time) -> Report {
        let visits: Vec<_> = names.iter().map(|name| self.visit(name, until)).collect();
        let visited: Vec<(Report, bool)> = stream::iter(visits).buffered(AT_ONCE).collect().await;
        waiting.extend(names.iter().zip(&visited).filter(|(_, (_, waits))| *waits).map(|(name, _)| name.clone()));
        visited.into_iter().fold(Report::default(), |all, (one, _)| all.plus(one))
    }

    /// Visits one schedule. The flag says whether it waits for its latest firing to end.
    async fn visit(&self, name: &str, until: Time) -> (Report, bool) {
        if self.is_over(until) {
            return (Report::default(), false);
        }
        match Firer::new(self.services.clone()).visit(name).await {
            Ok(Visited { fired, missed, waits }) => (Report { fired, missed, ..Report::default() }, waits),
            Err(error) => {
                tracing::warn!(schedule.name = name, error = %taskway_runtime::log::causes(&error), "cannot fire");
                (Report { failed: 1, ..Report::default() }, false)
            }
        }
    }
}
