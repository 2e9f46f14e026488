//! The actors. Each variant of an actor is the next thing that it does. It can wait before that, or die.

mod calling;
mod executor;
mod person;
mod submitter;
mod tick;

pub(crate) use calling::Calling;
pub use executor::Outcome;
pub(crate) use executor::{Executor, ExecutorMove};
pub(crate) use person::{Person, PersonMove, Wish};
pub use submitter::Kind;
pub(crate) use submitter::{Submitter, SubmitterMove};
pub(crate) use tick::{Tick, TickMove};

use taskway_protocol::{AttemptError, ErrorKind, Fence, Step};

use crate::instant::{self, time};

/// The offsets of the executors' clocks, in steps. They differ by the ten seconds that are allowed.
pub(crate) const EXECUTOR_CLOCKS: [instant::Tick; 2] = [-1, 1];

/// The offset of the ticks' clock: the most that it may be ahead. A clock that is behind takes no lease too early.
pub(crate) const TICK_CLOCK: instant::Tick = 1;

/// The longest time from a decision to its write, in steps.
const STALE: instant::Tick = 1;

/// The protocol's decision to settle a task, until it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Decision {
    what: What,
    at: instant::Tick,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum What {
    Expire { owes: bool },
    Lost { owes: bool },
    LeaseExpired(u8),
}

impl Decision {
    pub(crate) fn of(step: &Step, clock: instant::Tick) -> Option<Self> {
        let what = match step {
            Step::Expire { owes, .. } => What::Expire { owes: *owes },
            Step::Lost { owes, .. } => What::Lost { owes: *owes },
            Step::LeaseExpired { fence, .. } => What::LeaseExpired(crate::record::small(fence.0.into())),
            Step::Park { .. }
            | Step::Mark { .. }
            | Step::Claim { .. }
            | Step::Hold { .. }
            | Step::Heartbeat { .. }
            | Step::Succeed { .. }
            | Step::Fail { .. }
            | Step::Again { .. }
            | Step::AgainLater { .. }
            | Step::GiveBack { .. }
            | Step::Cancel { .. }
            | Step::Withdraw { .. }
            | Step::Reschedule { .. }
            | Step::Revive { .. }
            | Step::Replace { .. }
            | Step::Callback { .. } => return None,
        };
        Some(Decision { what, at: clock })
    }

    /// The step of the decision. Such steps differ in their times and their fence only.
    pub(crate) fn step(self) -> Step {
        let (now, retained_until) = (time(self.at), time(self.at + crate::record::RETAIN));
        match self.what {
            What::Expire { owes } => Step::Expire { now, retained_until, owes },
            What::Lost { owes } => Step::Lost { now, retained_until, error: error(ErrorKind::Lost, self.at), owes },
            What::LeaseExpired(fence) => Step::LeaseExpired { fence: Fence(fence.into()), now, past: Vec::new() },
        }
    }

    /// The decision after `by` has passed, or `None` once its writer counts as dead.
    pub(crate) fn later(self, by: instant::Tick, clock: instant::Tick) -> Option<Self> {
        let at = self.at.saturating_sub(by);
        (at >= clock - STALE).then_some(Decision { at, ..self })
    }
}

fn error(kind: ErrorKind, at: instant::Tick) -> AttemptError {
    AttemptError { kind, message: "".into(), attempt: 0, at: time(at) }
}
