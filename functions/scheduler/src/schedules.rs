//! Firing the schedules that are due.

use futures::{StreamExt, stream};
use taskway::{
    domain::Time,
    schedule::{AHEAD, Firer, Visited},
};

use crate::{Report, Scheduler};

/// How many schedules are looked after at a time.
const AT_ONCE: usize = 16;

impl Scheduler {
    /// Any number of ticks may do this at once: a firing is one task, whoever makes it.
    pub(crate) async fn fire_schedules(&self, until: Time) -> Report {
        let mut report = Report::default();
        let horizon = self.clock.now().after(AHEAD);
        let mut from = None;
        loop {
            let page = match self.store.due_schedules(horizon, from).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error = %taskway::log::causes(&error), "cannot read which schedules are due");
                    report.failed += 1;
                    return report;
                }
            };
            let visits: Vec<_> = page.items.iter().map(|name| self.visit(name, until)).collect();
            let visited = stream::iter(visits).buffered(AT_ONCE);
            report = report.plus(visited.fold(Report::default(), async |all, one| all.plus(one)).await);
            from = page.next;
            if from.is_none() || self.is_over(until) {
                return report;
            }
        }
    }

    async fn visit(&self, name: &str, until: Time) -> Report {
        if self.is_over(until) {
            return Report::default();
        }
        match self.firer().visit(name).await {
            Ok(Visited { fired, missed }) => Report { fired, missed, ..Report::default() },
            Err(error) => {
                tracing::warn!(schedule.name = name, error = %taskway::log::causes(&error), "cannot fire");
                Report { failed: 1, ..Report::default() }
            }
        }
    }

    fn firer(&self) -> Firer {
        Firer::new(self.store.clone(), self.lanes.clone(), self.clock.clone(), self.faults.clone())
    }
}
