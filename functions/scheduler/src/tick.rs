//! One tick: all its parts run at the same time, and all end in time.

use std::time::Duration;

use taskway_protocol::Time;
use taskway_runtime::invocation;

use crate::{report::Report, scheduler::Scheduler};

/// The function's timeout, as the template sets it by default.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// The usual [`Scheduler::looks_again_after`]: short compared with the minute to the next tick.
pub const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// How long a tick may begin new work, in an invocation that begins at `now`. `deadline_ms` is Lambda's, in milliseconds
/// since 1970. One sixth of the time remains for work that is under way by then.
pub fn budget(deadline_ms: u64, now: Time) -> Duration {
    invocation::ends(deadline_ms, now, TIMEOUT).since(now) * 5 / 6
}

impl Scheduler {
    /// Does what is due. It begins no new work after `budget`; what is left waits for the next tick.
    pub async fn tick(&self, budget: Duration) -> Report {
        let until = self.services.clock.now().after(budget);
        let (agenda, held, schedules, dead_letters, audit, objects) = futures::join!(
            self.sweep_agenda(until),
            self.dispatch_queues(until),
            self.fire_schedules(until),
            self.drain_dead_letters(until),
            self.audit(until),
            Box::pin(self.clean(until))
        );
        self.services.tell(Duration::ZERO).await;
        agenda.plus(held).plus(schedules).plus(dead_letters).plus(audit).plus(objects).logged()
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
    fn a_deadline_in_the_past_counts_as_the_full_timeout() {
        assert_eq!(budget(600_000, NOW), Duration::from_secs(50));
    }
}
