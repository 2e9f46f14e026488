//! Who acts. Each variant of an actor is the next thing it does; it can stop before it for ever, or for a while.

mod executor;
mod person;
mod submitter;
mod tick;

pub use executor::Outcome;
pub(crate) use executor::{Executor, ExecutorMove};
pub(crate) use person::{Person, PersonMove};
pub use submitter::Kind;
pub(crate) use submitter::{Submitter, SubmitterMove};
pub(crate) use tick::{Tick, TickMove};

use taskway_protocol::{AttemptError, ErrorKind, Fence, Step};

use crate::instant::{self, time};

/// By how much the executors' clocks are off, in steps: the two differ by the ten seconds that are allowed.
pub(crate) const EXECUTOR_CLOCKS: [instant::Tick; 2] = [-1, 1];

/// The ticks' clock is as early as may be: late ones take nothing from anybody.
pub(crate) const TICK_CLOCK: instant::Tick = 1;

/// How late a write that was decided on may be made, in steps.
const STALE: instant::Tick = 1;

/// A decision of the domain's to settle a task, kept until it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Decision {
    what: What,
    at: instant::Tick,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum What {
    Expire,
    Lost,
    LeaseExpired(u8),
}

impl Decision {
    fn of(step: &Step, clock: instant::Tick) -> Option<Self> {
        let what = match step {
            Step::Expire { .. } => What::Expire,
            Step::Lost { .. } => What::Lost,
            Step::LeaseExpired { fence, .. } => What::LeaseExpired(crate::record::small(fence.0.into())),
            Step::Park { .. }
            | Step::Mark { .. }
            | Step::Claim { .. }
            | Step::Heartbeat { .. }
            | Step::Succeed { .. }
            | Step::Fail { .. }
            | Step::Again { .. }
            | Step::AgainLater { .. }
            | Step::Cancel { .. }
            | Step::Withdraw { .. }
            | Step::Reschedule { .. }
            | Step::Revive { .. } => return None,
        };
        Some(Decision { what, at: clock })
    }

    /// The step again: nothing but its times and its fence differs from one to the other.
    fn step(self) -> Step {
        let (now, retained_until) = (time(self.at), time(self.at + crate::record::RETAIN));
        match self.what {
            What::Expire => Step::Expire { now, retained_until },
            What::Lost => Step::Lost { now, retained_until, error: error(ErrorKind::Lost, self.at) },
            What::LeaseExpired(fence) => Step::LeaseExpired { fence: Fence(fence.into()), now },
        }
    }

    /// Whether it is still to be written; `None` when its writer is taken to have died.
    fn later(self, by: instant::Tick, clock: instant::Tick) -> Option<Self> {
        let at = self.at.saturating_sub(by);
        (at >= clock - STALE).then_some(Decision { at, ..self })
    }
}

fn error(kind: ErrorKind, at: instant::Tick) -> AttemptError {
    AttemptError { kind, message: "".into(), attempt: 0, at: time(at) }
}
