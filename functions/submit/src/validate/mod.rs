//! Which tasks, schedules and queues a query or a body selects: every fault is told at once, each with its place.

mod names;
mod parameters;
mod selection;

pub use names::names;
pub use parameters::no_parameters;
pub use selection::{purge, selection};
pub use taskway_protocol::Limits;

/// The faults that are told of one request.
const MOST_ERRORS: usize = 100;

/// What is said of a cursor that is none.
const NO_CURSOR: &str = "must be a next_cursor as it was answered";
