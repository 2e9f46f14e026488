//! How a schedule's record remembers a firing.

use crate::Time;

/// A firing that the schedule has made and that may still be open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pending {
    /// The time that fired.
    pub at: Time,
    /// The revision that made the firing: the schedule's current one, or an earlier one.
    pub revision: u64,
}
