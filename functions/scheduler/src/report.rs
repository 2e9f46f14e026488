//! What a tick did, in numbers.

use serde::Serialize;

/// Declares [`Report`]. A counter is one line here: it is summed, logged and answered without another.
macro_rules! report {
    ($($(#[$doc:meta])+ $counter:ident: $kind:ty,)+) => {
        /// What a tick or a sweep did. As JSON it is the function's answer.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Report {
            $($(#[$doc])+ pub $counter: $kind,)+
        }

        impl Report {
            /// Adds the work of two parts of a tick.
            pub(crate) fn plus(self, other: Report) -> Report {
                Report { $($counter: self.$counter.plus(other.$counter),)+ }
            }

            pub(crate) fn logged(self) -> Self {
                tracing::info!($(tick.$counter = self.$counter,)+ "tick");
                self
            }
        }
    };
}

report! {
    /// Tasks whose message was sent.
    promoted: usize,
    /// Tasks whose attempt was lost, and that will be attempted again.
    rescued: usize,
    /// Tasks that ended, because their attempt was lost or they expired.
    ended: usize,
    /// Ended tasks whose callback was made, because the process that ended them had not made it.
    called_back: usize,
    /// Held tasks whose message was sent, because their queue goes on or has room for them.
    dispatched: usize,
    /// Permits that were freed, because the process that had them died.
    freed: usize,
    /// Entries of hold lists that were still there when their queues had been dispatched, counted up to a thousand in each
    /// list. Paused queues are not dispatched.
    held: usize,
    /// How long the latest of the tasks that go next from those lists has waited beyond its due time, in milliseconds. `None`
    /// when no such task waits.
    held_age_ms: Option<u64>,
    /// Dead letters that were sent again, dropped or kept aside.
    dead_letters: usize,
    /// Dead letters that cannot be read, and of which the table now keeps a copy. A letter counts twice if a tick made
    /// the copy and did not learn of it.
    kept_aside: usize,
    /// How long the most overdue entry of the agenda was past its time, in milliseconds; 0 when none was overdue. A
    /// lease is overdue once the clock skew has passed too. `None` when the agenda could not be read.
    lag_ms: Option<u64>,
    /// Due tasks, without leases, that were past their time already when the tick saw them.
    due_backlog: usize,
    /// How long the latest of the sent tasks was past its time when it was sent, in milliseconds. `None` when nothing
    /// was sent.
    promotion_lag_ms: Option<u64>,
    /// Tasks that schedules created.
    fired: usize,
    /// Times of schedules that passed without a task, because no tick ran or the latest firing was still open.
    missed: usize,
    /// Items of the table that the audit looked through.
    audited: usize,
    /// Tasks that the audit sent again or settled, because nothing seemed to carry them.
    audit_findings: usize,
    /// Objects of the bucket that were removed, because their tasks are gone.
    objects_removed: usize,
    /// Shards whose remaining entries another invocation took over.
    handed_over: usize,
    /// What failed and is left to the next tick.
    failed: usize,
}

trait Plus {
    fn plus(self, other: Self) -> Self;
}

impl Plus for usize {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

/// Of two lags the longer one. `None`, nothing measured, is less than any lag.
impl Plus for Option<u64> {
    fn plus(self, other: Self) -> Self {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_the_longest_lag_stays() {
        let one = Report { promoted: 2, lag_ms: Some(0), promotion_lag_ms: Some(7), ..Report::default() };
        let two = Report { promoted: 3, failed: 1, promotion_lag_ms: Some(5), ..Report::default() };
        let both = Report { promoted: 5, failed: 1, lag_ms: Some(0), promotion_lag_ms: Some(7), ..Report::default() };
        assert_eq!((one.plus(two), two.plus(one)), (both, both));
    }
}
