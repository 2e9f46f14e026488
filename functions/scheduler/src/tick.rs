//! One tick: every sweep, side by side, within a bound of time.

use std::{sync::Arc, time::Duration};
use taskway_engine::Services;

use serde::Serialize;
use taskway_protocol::Time;
use taskway_runtime::invocation;

use crate::{Auditing, Known, Pace, Successor};

/// The function's timeout, as the template sets it unless told otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// What [`Scheduler::looks_again_after`] is where a tick has its time to itself: short beside the minute to the next.
pub const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// How long a tick may begin new work in an invocation that begins at `now`; `deadline_ms` is Lambda's, in milliseconds
/// since 1970. A sixth is left for what is under way then.
pub fn budget(deadline_ms: u64, now: Time) -> Duration {
    invocation::ends(deadline_ms, now, TIMEOUT).since(now) * 5 / 6
}

/// Sends, rescues and empties.
#[derive(Clone)]
pub struct Scheduler {
    /// Table, queues, clock, randomness.
    pub services: Services,
    /// Who goes on with what is too much for one invocation. When there is nobody the next tick does.
    pub successor: Option<Arc<dyn Successor>>,
    /// How much is done at once.
    pub pace: Pace,
    /// How many shards the agenda has had, once this process has read it.
    pub known: Known,
    /// How often the audit goes through the table.
    pub auditing: Auditing,
    /// How long after its first look a tick looks once more at the schedules that wait for the end of their latest firing, so
    /// that one that came late does not make the next ones late. Zero: it does not.
    pub looks_again_after: Duration,
}

/// What a tick did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Tasks whose message was sent.
    pub promoted: usize,
    /// Tasks whose attempt was lost and that go on.
    pub rescued: usize,
    /// Tasks that ended because nobody held them any more: lost or expired.
    pub ended: usize,
    /// Dead letters that were sent again, dropped or kept aside.
    pub dead_letters: usize,
    /// Those of them that cannot be read. One whose copy an earlier tick made and then could not say so counts here.
    pub kept_aside: usize,
    /// How far past its time the most overdue entry of the agenda was, in milliseconds, beyond what clocks may differ by
    /// where it was a lease; 0 when none was. `None` when the agenda could not be read, which is not the same.
    pub lag_ms: Option<u64>,
    /// Entries of the agenda that were past their time already when they were seen, leases apart.
    pub due_backlog: usize,
    /// How far past its time the latest of the tasks was whose message was sent, in milliseconds, when it was; `None` when
    /// none was sent.
    pub promotion_lag_ms: Option<u64>,
    /// Times of schedules whose task was submitted.
    pub fired: usize,
    /// Times of schedules that were let pass: nothing ticked then, or the latest firing was open.
    pub missed: usize,
    /// Items of the table that the audit has looked through.
    pub audited: usize,
    /// Tasks among them that nothing carried, it seems, and that were sent again or settled.
    pub audit_findings: usize,
    /// Shards that had more than was done, and whose rest another invocation does.
    pub handed_over: usize,
    /// What could not be done and is left to the next tick.
    pub failed: usize,
}

impl Scheduler {
    /// A scheduler with these services, that hands nothing over.
    pub fn new(services: Services) -> Self {
        Scheduler {
            services,
            successor: None,
            pace: Pace::default(),
            known: Known::default(),
            auditing: Auditing::default(),
            looks_again_after: Duration::ZERO,
        }
    }

    /// Does what is due, and stops early enough to end within `budget`; what is left waits for the next tick.
    pub async fn tick(&self, budget: Duration) -> Report {
        let until = self.services.clock.now().after(budget);
        let (agenda, schedules, dead_letters, audit) = futures::join!(
            self.sweep_agenda(until),
            self.fire_schedules(until),
            self.drain_dead_letters(until),
            self.audit(until)
        );
        agenda.plus(schedules).plus(dead_letters).plus(audit).told()
    }

    pub(crate) fn is_over(&self, until: Time) -> bool {
        self.services.clock.now() >= until
    }
}

impl Report {
    pub(crate) fn told(self) -> Self {
        tracing::info!(
            tick.promoted = self.promoted,
            tick.rescued = self.rescued,
            tick.ended = self.ended,
            tick.dead_letters = self.dead_letters,
            tick.kept_aside = self.kept_aside,
            tick.lag_ms = self.lag_ms,
            tick.due_backlog = self.due_backlog,
            tick.fired = self.fired,
            tick.missed = self.missed,
            tick.audited = self.audited,
            tick.audit_findings = self.audit_findings,
            tick.handed_over = self.handed_over,
            tick.failed = self.failed,
            "tick"
        );
        self
    }

    pub(crate) fn plus(self, other: Report) -> Report {
        Report {
            promoted: self.promoted + other.promoted,
            rescued: self.rescued + other.rescued,
            ended: self.ended + other.ended,
            dead_letters: self.dead_letters + other.dead_letters,
            kept_aside: self.kept_aside + other.kept_aside,
            // What was not looked at is less than anything that was.
            lag_ms: self.lag_ms.max(other.lag_ms),
            due_backlog: self.due_backlog + other.due_backlog,
            promotion_lag_ms: self.promotion_lag_ms.max(other.promotion_lag_ms),
            fired: self.fired + other.fired,
            missed: self.missed + other.missed,
            audited: self.audited + other.audited,
            audit_findings: self.audit_findings + other.audit_findings,
            handed_over: self.handed_over + other.handed_over,
            failed: self.failed + other.failed,
        }
    }
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").field("services", &self.services).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    #[test]
    fn a_tick_stops_before_its_invocation_does() {
        let of = |timeout| budget(NOW.after(Duration::from_secs(timeout)).as_millis(), NOW).as_secs();
        assert_eq!((of(60), of(120), of(6)), (50, 100, 5));
    }

    #[test]
    fn a_tick_whose_deadline_has_passed_has_all_its_time() {
        assert_eq!(budget(600_000, NOW), Duration::from_secs(50));
    }
}
