//! A permit and the changes of a ledger, with relative times.

use taskway_protocol::{Change, Fence, Permit, Time};

use super::scope::Both;
use crate::{
    instant::{Tick, tick, time},
    record::small,
};

/// A permit until a time before this is old for every process.
const OLD: Tick = -1;

const STEP_MS: u64 = 5_000;

/// A [`Permit`], with a relative time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Right {
    /// The fence of its attempt.
    pub fence: u8,
    /// Until when no tick takes it away.
    pub until: Tick,
    /// The milliseconds by which `until` is later. [`Permit::after`] adds one to tell a permit from the one before.
    pub extra: u8,
}

/// The permits of a task: the queue's and its key's.
pub(super) type Rights = Both<Option<Right>>;

/// The permits after `by` has passed.
pub(super) fn later_all(rights: Rights, by: Tick) -> Rights {
    rights.map(|right| right.map(|right| right.later(by)))
}

impl Right {
    /// The protocol's permit, as the model keeps it.
    pub(super) fn of(permit: Permit) -> Self {
        let ms = permit.until.as_millis();
        let until = tick(Time::from_millis(ms - ms % STEP_MS));
        Right { fence: small(permit.fence.0.into()), until, extra: small(ms % STEP_MS) }
    }

    /// The permit as the protocol has it.
    pub(super) fn permit(self) -> Permit {
        let until = Time::from_millis(time(self.until).as_millis() + u64::from(self.extra));
        Permit { fence: Fence(self.fence.into()), until, nonce: 0 }
    }

    /// The permit after `by` has passed.
    pub(super) fn later(self, by: Tick) -> Self {
        Right { until: self.until.saturating_sub(by).max(2 * OLD - 2), ..self }
    }

    /// Whether it is old for every process, so that only its difference from other permits matters.
    pub(super) fn is_past(self) -> bool {
        self.until <= OLD
    }

    /// The same for the old permit with this place among the old ones of its task.
    pub(super) fn at_place(self, place: usize) -> Self {
        Right { until: OLD, extra: small(place as u64), ..self }
    }
}

/// A [`Change`], with relative times.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Edit {
    Add(Right),
    Replace { before: Right, after: Right },
    Release(u8),
    Free(Right),
}

impl Edit {
    /// The change as the protocol has it.
    pub(super) fn change(self) -> Change {
        match self {
            Edit::Add(right) => Change::Add(right.permit()),
            Edit::Replace { before, after } => Change::Replace { before: before.permit(), after: after.permit() },
            Edit::Release(fence) => Change::Release(Fence(fence.into())),
            Edit::Free(right) => Change::Free(right.permit()),
        }
    }

    /// The permits in it.
    pub(super) fn rights(&mut self) -> Vec<&mut Right> {
        match self {
            Edit::Add(right) | Edit::Free(right) => vec![right],
            Edit::Replace { before, after } => vec![before, after],
            Edit::Release(_) => vec![],
        }
    }
}
