//! Firing schedules and withdrawing firings. Submit does both on request, the scheduler at a tick.

mod firer;
mod withdrawal;

pub use firer::{Firer, Visited};
