//! Whether a schedule fires, rests, or has its firings withdrawn.

use super::definition::{Definition, Times};
use crate::Time;

/// Where a schedule stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Ticks make its firings.
    Active {
        /// The first time that has not fired.
        next: Time,
    },
    /// Nothing will fire. The schedule is paused, or its last time has passed.
    Idle,
    /// A change, a pause or a deletion is cancelling the firings that have not started.
    Withdrawing {
        /// When the withdrawal began. `then` decides whether anything fires after this time.
        since: Time,
        /// The first time that had not fired at `since`, if there was one.
        next: Option<Time>,
        /// What follows the withdrawal.
        then: Then,
    },
}

/// What follows a withdrawal. It also decides which firings the withdrawal cancels.
///
/// If requests compete, the later variant in this order wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Then {
    /// The request writes another definition. Firings whose time has come stay. If the request dies before the write, a
    /// tick lets the old definition go on.
    Change,
    /// The request writes a definition that does not fire. If the request dies before the write, a tick pauses the old
    /// definition.
    Pause,
    /// The request deletes the schedule. If the request dies before that, a tick deletes it.
    Remove,
}

impl Phase {
    /// The phase of a schedule whose definition applies from `now`.
    pub(super) fn beginning(definition: &Definition, times: &Times, now: Time) -> Self {
        match times.next_after(now) {
            Some(next) if !definition.paused => Phase::Active { next },
            Some(_) | None => Phase::Idle,
        }
    }
}
