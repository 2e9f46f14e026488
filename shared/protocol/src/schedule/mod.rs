//! Schedules. A schedule submits a task again at each time of a [`Recurrence`](crate::calendar::Recurrence).
//!
//! A firing is an ordinary task. Its id is a hash of the schedule's name, its revision and the time, so ticks that make
//! the same firing make one task. A tick creates the tasks of the times that are due. Only then does it write the
//! schedule with its next time.

mod definition;
mod due;
mod firing;
mod pending;
mod phase;
mod record;
mod remaining;

pub use definition::{Definition, Misfire, Overlap, Template, Times, Timing};
pub use due::{AHEAD, Due, due, latest};
pub use firing::Firing;
pub use pending::Pending;
pub use phase::{Phase, Then};
pub use record::{LastRun, Schedule};
pub use remaining::{OpenFiring, Remaining, is_unstarted};
