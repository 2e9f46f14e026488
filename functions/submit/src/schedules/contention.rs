//! Others who change the same schedule at the same time.

use std::time::Duration;

use crate::{Submit, problem::Problem};

/// How often a schedule is written again upon what somebody else changed meanwhile.
pub(super) const TRIES: usize = 8;

/// How long the second try waits at most; the third twice as long, and so on.
const STEP: Duration = Duration::from_millis(100);

impl Submit {
    /// So that of many who change one schedule at once some get through.
    pub(super) async fn step_aside(&self, tried: usize) {
        if tried > 0 {
            let most = STEP.as_millis() as u64 * tried as u64;
            self.services.clock.sleep(Duration::from_millis(self.services.random.bits() % most)).await;
        }
    }
}

/// Others change the same schedule without end.
pub(super) fn contended() -> Problem {
    Problem { detail: "the schedule is being changed by others".into(), ..Problem::throttled(1) }
}
